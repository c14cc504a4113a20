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
  const uncovered = new WeakMap();
  const top = new WeakMap();
  const onTop = (tile) => [...tile.querySelectorAll('video')].at(-1);

  /** The frames of an element, as long as it is the one on top. */
  const follow = (video, tile) => {
    const frames = (watch.frames[tile.dataset.memberId] ??= []);
    let way = null;
    let counted = null;
    const frame = (_, { presentationTime, presentedFrames }) => {
      video.requestVideoFrameCallback(frame);
      way ??= wayOf(video.srcObject?.getVideoTracks()[0]);
      const at = performance.timeOrigin + presentationTime;
      const untold = Math.min(presentedFrames - (counted ?? presentedFrames - 1), MOST_UNTOLD) - 1;
      counted = presentedFrames;
      if (onTop(tile) !== video) return;
      // A busy page is told of some of the frames only; those it was not told of came as late as
      // they can have come.
      for (let back = untold; back > 0; back -= 1) {
        const then = at - back * FRAME_MS;
        if (then > (frames.at(-1)?.[0] ?? at)) frames.push([then, way]);
      }
      if (at > (frames.at(-1)?.[0] ?? 0)) frames.push([at, way]);
    };
    video.requestVideoFrameCallback(frame);
    // What was behind another until now is seen from now on, with the frame that it has.
    uncovered.set(video, () => {
      way ??= wayOf(video.srcObject?.getVideoTracks()[0]);
      if (counted !== null) frames.push([now(), way]);
    });
  };

  new MutationObserver(() => {
    for (const tile of document.querySelectorAll('[data-testid=tile][data-self="false"]')) {
      for (const video of tile.querySelectorAll('video')) {
        if (!uncovered.has(video)) follow(video, tile);
      }
      const video = onTop(tile);
      if (!video || top.get(tile) === video) continue;
      if (top.has(tile)) uncovered.get(video)();
      top.set(tile, video);
    }
    for (const voice of document.querySelectorAll('audio[data-source=camera]')) {
      if (hearkened.has(voice)) continue;
      hearkened.add(voice);
      setInterval(() => hearken(voice.srcObject, voice.dataset.memberId), HEARKEN_MS);
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
