// Runs before the page: when which pictures were shown, and what getStats says again and again, for
// who watches a call over a bad network. Times are on a clock that all pages of a machine share.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const watch = { frames: {}, samples: [], states: [] };
  Object.defineProperty(window, '__link', { value: watch });

  // ---- connections -------------------------------------------------------------------------------

  const connections = new Set();
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      connections.add(this);
      this.addEventListener('connectionstatechange', () =>
        watch.states.push([now(), this.connectionState]),
      );
    }
    close() {
      connections.delete(this);
      super.close();
    }
  };

  // ---- pictures ----------------------------------------------------------------------------------

  const MOST_UNTOLD = 30;
  const seen = new WeakSet();

  /** The frames of an element: when, how high. Frames a busy page is not told of are spread. */
  const follow = (video, memberId) => {
    const frames = (watch.frames[memberId] ??= []);
    let counted = null;
    const frame = (_, { presentationTime, presentedFrames, height }) => {
      video.requestVideoFrameCallback(frame);
      const at = performance.timeOrigin + presentationTime;
      const last = frames.at(-1)?.[0] ?? at;
      const untold = Math.min(presentedFrames - (counted ?? presentedFrames - 1), MOST_UNTOLD);
      counted = presentedFrames;
      for (let number = 1; number < untold; number += 1)
        frames.push([last + ((at - last) * number) / untold, height]);
      frames.push([at, height]);
    };
    video.requestVideoFrameCallback(frame);
  };

  new MutationObserver(() => {
    for (const tile of document.querySelectorAll('[data-testid=tile][data-self="false"]')) {
      for (const video of tile.querySelectorAll('video')) {
        if (seen.has(video)) continue;
        seen.add(video);
        follow(video, tile.dataset.memberId);
      }
    }
  }).observe(document, { childList: true, subtree: true });

  // ---- statistics --------------------------------------------------------------------------------

  const received = (stat) => ({
    kind: stat.kind,
    track: stat.trackIdentifier,
    octets: (stat.bytesReceived ?? 0) + (stat.headerBytesReceived ?? 0),
    packets: stat.packetsReceived ?? 0,
    lost: stat.packetsLost ?? 0,
    frames: stat.framesDecoded ?? 0,
    height: stat.frameHeight ?? 0,
    nacks: stat.nackCount ?? 0,
    pictures: (stat.pliCount ?? 0) + (stat.firCount ?? 0),
    concealed: (stat.concealedSamples ?? 0) - (stat.silentConcealedSamples ?? 0),
    samples: stat.totalSamplesReceived ?? 0,
    freezes: stat.freezeCount ?? 0,
    frozen: stat.totalFreezesDuration ?? 0,
  });

  const sent = (stat) => ({
    kind: stat.kind,
    rid: stat.rid ?? '',
    active: stat.active !== false,
    octets: (stat.bytesSent ?? 0) + (stat.headerBytesSent ?? 0),
    packets: stat.packetsSent ?? 0,
    frames: stat.framesSent ?? 0,
    height: stat.frameHeight ?? 0,
    pictures: (stat.pliCount ?? 0) + (stat.firCount ?? 0),
    keyFrames: stat.keyFramesEncoded ?? 0,
    limited: stat.qualityLimitationReason ?? '',
    target: stat.targetBitrate ?? 0,
  });

  const pairOf = (report) => {
    const transport = [...report.values()].find((stat) => stat.type === 'transport');
    const pair = report.get(transport?.selectedCandidatePairId);
    const local = report.get(pair?.localCandidateId);
    if (!pair || !local) return null;
    return {
      rtt: pair.currentRoundTripTime ?? 0,
      available: pair.availableOutgoingBitrate ?? 0,
      protocol: local.relayProtocol ?? local.protocol,
      kind: local.candidateType,
      octets: pair.bytesReceived ?? 0,
    };
  };

  const sample = async () => {
    const found = { at: now(), inbound: [], outbound: [], pairs: [] };
    for (const connection of [...connections]) {
      if (connection.connectionState !== 'connected') continue;
      const report = await connection.getStats();
      for (const stat of report.values()) {
        if (stat.type === 'inbound-rtp') found.inbound.push(received(stat));
        if (stat.type === 'outbound-rtp') found.outbound.push(sent(stat));
      }
      const pair = pairOf(report);
      if (pair) found.pairs.push(pair);
    }
    watch.samples.push(found);
  };

  watch.listen = (milliseconds) => setInterval(() => void sample(), milliseconds);
})();
