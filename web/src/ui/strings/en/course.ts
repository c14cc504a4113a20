/** How media travels, why, and what keeps it from doing so. */

/** How long ago, in the largest unit that says enough. */
function ago(seconds: number): string {
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ago` : `${Math.floor(minutes / 60)} h ago`;
}

/** A frame that comes so much later is not seen to. */
const UNSEEN_MS = 20;

export const course = {
  title: 'How media travels',
  reasons: {
    'small-room': 'There are few enough people here for everybody to be connected directly.',
    'outgrew-mesh': 'There are too many people here for everybody to be connected directly.',
    'member-limited':
      'For somebody’s device or network, direct connections to everybody were too much.',
    shrunk: 'There are few enough people here again for everybody to be connected directly.',
    pinned: 'It was decided so, see below.',
    'sfu-lost': 'The media server is lost. The call goes back to it as soon as it returns.',
    'sfu-draining':
      'The media server is being restarted. The call goes back to it as soon as it returns.',
    'sfu-full': 'The media server is at its limit. The call goes there as soon as there is room.',
    'no-sfu': 'There is no media server at the moment.',
    'member-unreachable': 'Somebody’s network does not let calls through to the server.',
  },
  /** Within a sentence. */
  ways: { mesh: 'peer to peer', sfu: 'through the server' },
  otherReason: (code: string) => `The server’s reason: ${code}.`,
  prewarm: 'With a few more people it goes through the server; the way there is ready.',
  pins: {
    host: (name: string, way: string) => `${name}, the host, wants it always ${way}.`,
    'plain-client': (name: string, way: string) =>
      `${name} uses a program that takes part only ${way}.`,
    grants: (name: string, way: string) =>
      `Not everybody here may do everything, ${name} for one: so it goes ${way}, which sees to that.`,
  },
  you: 'You',
  youPinned: (way: string) => `You, the host, want it always ${way}.`,
  somebody: 'Somebody',
  unreachable: (names: readonly string[]) => `Cannot reach the server: ${names.join(', ')}.`,
  moving: (way: string) => `Just now it changes to ${way}.`,
  handedOver: (to: 'mesh' | 'sfu', seconds: number) =>
    `${to === 'sfu' ? 'To the server' : 'To peer to peer'}, ${ago(seconds)}`,
  gap: (when: string, milliseconds: number) =>
    milliseconds < UNSEEN_MS
      ? `${when}: no picture stood still.`
      : `${when}: no picture stood still for more than ${milliseconds} ms.`,
  noGap: (when: string) => `${when}: there was no moving picture to measure.`,
  choice: 'Decide how media travels',
  choices: {
    auto: 'The server decides',
    mesh: 'Always peer to peer',
    sfu: 'Always through the server',
  },
  refused: {
    'room-full': 'There are too many people here for peer to peer.',
    'sfu-unavailable': 'The server cannot pass on pictures and voices right now.',
    'not-allowed': 'Only the host can decide this.',
  },

  /** While the server is lost. */
  core: {
    inside:
      'The media server is lost. The latest speakers are connected by voice; pictures come back with the server.',
    outside:
      'The media server is lost. The latest speakers are connected by voice; you hear them again, and pictures come back, with the server. The chat works.',
  },
  trouble: {
    mesh: 'Your network does not let calls through to the server; the call stays peer to peer, which is fine for a few people. Another network, or no VPN, may help.',
    sfu: 'Your network does not let calls through to the server; we keep trying, and the others go on. Another network, or no VPN, may help.',
    maybe:
      'Your pictures and voice do not get through to the server just now. We keep trying; the others go on.',
  },
  pinned: (name: string, way: string) => `${name} decided: this call is always ${way}`,
  unpinned: 'The server decides again how this call travels',
};
