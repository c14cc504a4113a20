// Runs before the page: when pictures were shown in each tile, by which way they and the sound came,
// and what was said about hand-overs. Times are on a clock that all pages of a machine share.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const watch = { frames: {}, voices: {}, readings: {}, words: [] };
  Object.defineProperty(window, '__tiles', { value: watch });

  // ---- connections, and which way they go --------------------------------------------------------

  const FRAME_MS = 1000 / 15;
  const MOST_UNTOLD = 30;
  const connections = new Set();
  const carrier = new WeakMap();
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      connections.add(this);
      this.addEventListener('track', ({ track }) => carrier.set(track, this));
    }
    close() {
      connections.delete(this);
      super.close();
    }
  };

  /** Servers are ICE-lite, other pages are not. */
  const wayOf = (track) => {
    const sdp = carrier.get(track)?.remoteDescription?.sdp;
    if (!sdp) return null;
    return sdp.includes('a=ice-lite') ? 'sfu' : 'mesh';
  };

  // ---- pictures ----------------------------------------------------------------------------------

  const HEARKEN_MS = 50;
  const hearkened = new WeakSet();
  const seen = new WeakMap();
  const top = new WeakMap();

  /** Keeps times in order: what a busy page is told late has been shown before. */
  const insert = (frames, at, way) => {
    let place = frames.length;
    while (place > 0 && frames[place - 1][0] > at) place -= 1;
    if (frames[place - 1]?.[0] !== at) frames.splice(place, 0, [at, way]);
  };

  /** The frames of an element, for as long as it is the one on top. */
  const follow = (video, memberId) => {
    const frames = (watch.frames[memberId] ??= []);
    const one = { since: Infinity, until: Infinity, way: null, counted: null };
    const take = (at) => {
      if (at >= one.since && at <= one.until) insert(frames, at, one.way);
    };
    const frame = (_, { presentationTime, presentedFrames }) => {
      if (one.until === Infinity) video.requestVideoFrameCallback(frame);
      one.way ??= wayOf(video.srcObject?.getVideoTracks()[0]);
      const at = performance.timeOrigin + presentationTime;
      const untold = Math.min(presentedFrames - (one.counted ?? presentedFrames - 1), MOST_UNTOLD);
      one.counted = presentedFrames;
      // A busy page is told of some of the frames only; those it was not told of came as late as
      // they can have come.
      const last = frames.at(-1)?.[0] ?? at;
      for (let back = untold - 1; back > 0; back -= 1) {
        if (at - back * FRAME_MS > last) take(at - back * FRAME_MS);
      }
      take(at);
    };
    video.requestVideoFrameCallback(frame);
    return {
      /** It is the first one, or has been behind another until now, and has a frame. */
      uncover: (isFirst) => {
        one.since = isFirst ? 0 : now();
        one.way ??= wayOf(video.srcObject?.getVideoTracks()[0]);
        if (!isFirst && one.counted !== null) take(one.since);
      },
      cover: () => (one.until = now()),
    };
  };

  new MutationObserver(() => {
    for (const tile of document.querySelectorAll('[data-testid=tile][data-self="false"]')) {
      const videos = [...tile.querySelectorAll('video')];
      for (const video of videos) {
        if (!seen.has(video)) seen.set(video, follow(video, tile.dataset.memberId));
      }
      const [video, before] = [videos.at(-1), top.get(tile)];
      if (!video || before === video) continue;
      seen.get(before)?.cover();
      seen.get(video).uncover(before === undefined);
      top.set(tile, video);
    }
    for (const voice of document.querySelectorAll('audio[data-source=camera]')) {
      if (hearkened.has(voice)) continue;
      hearkened.add(voice);
      const listening = setInterval(() => {
        if (voice.isConnected) hearken(voice.srcObject, voice.dataset.memberId);
        else clearInterval(listening);
      }, HEARKEN_MS);
    }
  }).observe(document, { childList: true, subtree: true });

  // ---- sound -------------------------------------------------------------------------------------

  let reading = null;

  /** Notes which track a voice comes by; a stream keeps its place while its tracks are exchanged. */
  const hearken = (stream, memberId) => {
    const track = stream?.getAudioTracks().find((one) => one.enabled);
    const voices = (watch.voices[memberId] ??= []);
    if (!track || voices.at(-1)?.[1] === track.id) return;
    voices.push([now(), track.id]);
    if (reading) void read();
  };

  const read = async () => {
    const reports = await Promise.all([...connections].map((one) => one.getStats()));
    const at = now();
    for (const report of reports.flatMap((one) => [...one.values()])) {
      if (report.type !== 'inbound-rtp' || report.kind !== 'audio') continue;
      (watch.readings[report.trackIdentifier] ??= []).push([at, report.concealedSamples ?? 0]);
    }
  };

  /** Reads how many samples were made up, every so often. */
  watch.listen = (milliseconds) => {
    reading ??= setInterval(() => void read(), milliseconds);
  };

  /** What has been seen since a moment; older frames are forgotten. */
  watch.since = (start) => {
    for (const [memberId, frames] of Object.entries(watch.frames)) {
      const first = frames.findIndex(([at]) => at >= start);
      frames.splice(0, first < 0 ? frames.length : first);
      if (!frames.length && !document.querySelector(`[data-member-id="${memberId}"]`))
        delete watch.frames[memberId];
    }
    const { frames, voices, readings, words } = watch;
    return { frames, voices, readings, words };
  };

  // ---- words -------------------------------------------------------------------------------------

  const note = (text) => {
    if (!/"type":"(prepare-hand-over|mode-changed|hand-over-ready|hand-over-failed)"/.test(text))
      return;
    const { type, mode = null, generation } = JSON.parse(text);
    watch.words.push({ at: now(), type, mode, generation });
  };
  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => typeof data === 'string' && note(data));
    }
    send(data) {
      if (typeof data === 'string') note(data);
      super.send(data);
    }
  };
})();
