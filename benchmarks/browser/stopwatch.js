// Runs before the page: notes when things happen, on a clock that all pages of a machine share.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const watch = { joined: null, pictured: null, frames: [], sent: {}, heard: {}, greetings: [] };
  Object.defineProperty(window, '__watch', { value: watch });

  document.addEventListener('click', ({ target }) => {
    if (target.closest?.('[data-testid=join]')) watch.joined = now();
  }, true);

  const seen = new WeakSet();
  const follow = (video) => {
    const frame = () => {
      watch.pictured ??= now();
      watch.frames.push(now());
      video.requestVideoFrameCallback(frame);
    };
    video.requestVideoFrameCallback(frame);
  };
  new MutationObserver(() => {
    for (const video of document.querySelectorAll('[data-testid=tile][data-self="false"] video')) {
      if (!seen.has(video)) {
        seen.add(video);
        follow(video);
      }
    }
  }).observe(document, { childList: true, subtree: true });

  const nonceOf = (data) => {
    const found = typeof data === 'string' ? /"type":"chat".*"nonce":"([^"]+)"/.exec(data) : null;
    return found?.[1];
  };
  const send = RTCDataChannel.prototype.send;
  RTCDataChannel.prototype.send = function (data) {
    const nonce = nonceOf(data);
    if (nonce) watch.sent[nonce] = now();
    return send.call(this, data);
  };
  const create = RTCPeerConnection.prototype.createDataChannel;
  RTCPeerConnection.prototype.createDataChannel = function (...given) {
    const channel = create.apply(this, given);
    channel.addEventListener('message', ({ data }) => {
      const nonce = nonceOf(data);
      if (nonce) watch.heard[nonce] = now();
    });
    return channel;
  };

  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (/^\{"type":"client-id"/.test(data)) {
          watch.greetings.push({ at: now(), resumed: /"resumed":true/.test(data) });
        }
      });
    }
  };
})();
