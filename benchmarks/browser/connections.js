// Runs before the page: everything that its peer connections have sent and received, by getStats,
// counted on when a connection is closed or replaced.
(() => {
  const connections = new Set();
  const Native = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Native {
    constructor(...given) {
      super(...given);
      connections.add(this);
    }
    close() {
      connections.delete(this);
      super.close();
    }
  };

  const none = () => ({ octets: 0, headers: 0, packets: 0 });

  const count = (into, stat, direction) => {
    into.octets += stat[`bytes${direction}`] ?? 0;
    into.headers += stat[`headerBytes${direction}`] ?? 0;
    into.packets += stat[`packets${direction}`] ?? 0;
  };

  /** Of all connections that stand, when it was asked, in milliseconds. */
  const usage = async () => {
    const found = {
      at: 0,
      connections: 0,
      media: { sent: none(), received: none() },
      transport: { sent: none(), received: none() },
      pictures: 0,
    };
    for (const connection of [...connections]) {
      if (connection.connectionState !== 'connected') continue;
      found.connections += 1;
      for (const stat of (await connection.getStats()).values()) {
        if (stat.type === 'outbound-rtp') count(found.media.sent, stat, 'Sent');
        if (stat.type === 'inbound-rtp') {
          count(found.media.received, stat, 'Received');
          if (stat.kind === 'video' && stat.framesDecoded > 0) found.pictures += 1;
        }
        if (stat.type === 'transport') {
          count(found.transport.sent, stat, 'Sent');
          count(found.transport.received, stat, 'Received');
        }
      }
    }
    found.at = performance.now();
    return found;
  };

  Object.defineProperty(window, '__usage', { value: usage });
})();
