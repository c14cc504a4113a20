// Runs in every page before its own scripts: keeps peer connections and data-channel messages where
// a test can see them, and makes the camera small, because six tabs share two cores.
(() => {
  const probe = { connections: [], channels: [], heard: [], sockets: [], small: true };
  Object.defineProperty(window, '__probe', { value: probe });

  const NativeConnection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends NativeConnection {
    constructor(...given) {
      super(...given);
      probe.connections.push(this);
      this.addEventListener('datachannel', ({ channel }) => listen(channel));
    }
    createDataChannel(...given) {
      return listen(super.createDataChannel(...given));
    }
  };

  function listen(channel) {
    probe.channels.push(channel);
    channel.addEventListener('message', ({ data }) => {
      probe.heard.push({ at: performance.timeOrigin + performance.now(), data });
    });
    return channel;
  }

  const NativeSocket = window.WebSocket;
  window.WebSocket = class extends NativeSocket {
    constructor(...given) {
      super(...given);
      probe.sockets.push(this);
      this.addEventListener('message', ({ data }) => {
        probe.frames = (probe.frames ?? 0) + 1;
        if (probe.onframe) probe.onframe(data);
      });
    }
  };

  const devices = navigator.mediaDevices;
  if (devices) {
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wanted) =>
      getUserMedia(probe.small && wanted?.video ? { ...wanted, video: shrink(wanted.video) } : wanted);
    const applyConstraints = MediaStreamTrack.prototype.applyConstraints;
    MediaStreamTrack.prototype.applyConstraints = function apply(wanted) {
      return probe.small && this.kind === 'video'
        ? Promise.resolve()
        : applyConstraints.call(this, wanted);
    };
  }

  function shrink(video) {
    const device = typeof video === 'object' && video.deviceId ? { deviceId: video.deviceId } : {};
    return { ...device, width: 160, height: 120, frameRate: 10 };
  }

  probe.reports = async (connection) => [...(await connection.getStats()).values()];
  probe.live = () => probe.connections.filter((c) => c.connectionState === 'connected');

  /** What arrives, over all live connections: decoded frames, audio energy, and so on. */
  probe.inbound = async () => {
    const totals = { framesDecoded: 0, audioEnergy: 0, videos: 0, audios: 0, bytes: 0 };
    for (const connection of probe.live()) {
      for (const report of await probe.reports(connection)) {
        if (report.type !== 'inbound-rtp') continue;
        totals.bytes += report.bytesReceived ?? 0;
        if (report.kind === 'video' && report.framesDecoded > 0) totals.videos += 1;
        if (report.kind === 'video') totals.framesDecoded += report.framesDecoded ?? 0;
        if (report.kind === 'audio') totals.audioEnergy += report.totalAudioEnergy ?? 0;
        if (report.kind === 'audio' && report.totalAudioEnergy > 0) totals.audios += 1;
      }
    }
    return totals;
  };

  /**
   * A small print of what a tile's video element plays; two prints of a moving picture differ.
   * Taken from the element's track, because a window that is not in front paints nothing anew.
   */
  probe.picture = async (memberId) => {
    const video = document.querySelector(`[data-testid=tile][data-member-id="${memberId}"] video`);
    const [track] = video?.srcObject?.getVideoTracks() ?? [];
    if (!track || track.muted || video.paused || !video.videoWidth) return null;
    const frame = await new ImageCapture(track).grabFrame().catch(() => null);
    if (!frame) return null;
    const canvas = document.createElement('canvas');
    canvas.width = 32;
    canvas.height = 24;
    const brush = canvas.getContext('2d', { willReadFrequently: true });
    brush.drawImage(frame, 0, 0, 32, 24);
    frame.close();
    return Array.from(brush.getImageData(0, 0, 32, 24).data);
  };

  probe.remember = async (memberId) => {
    probe.first = await probe.picture(memberId);
    return probe.first !== null;
  };

  probe.moved = async (memberId) => {
    const now = await probe.picture(memberId);
    return now !== null && now.some((value, i) => Math.abs(value - probe.first[i]) > 8);
  };
})();
