import type { QualityLimit } from '../../../session/statistics';

/** What holds one's own picture back. */
const LIMITS: Readonly<Record<string, string>> = {
  bandwidth: ', held back by the network',
  cpu: ', held back by this computer',
  other: ', held back',
};

export const room = {
  title: (name: string) => `${name} · Crossover`,
  stage: 'Call',
  unnamedRoom: 'Room',

  controls: {
    bar: 'Call controls',
    microphone: 'Microphone',
    camera: 'Camera',
    mute: 'Turn microphone off',
    unmute: 'Turn microphone on',
    cameraOff: 'Turn camera off',
    cameraOn: 'Turn camera on',
    devices: 'Choose devices',
    share: 'Share screen',
    stopSharing: 'Stop sharing',
    chat: 'Chat',
    chatUnread: (count: number) => `Chat, ${count} unread`,
    people: 'People',
    peopleCount: (count: number) => `People, ${count} here`,
    layout: 'Layout',
    layoutNow: (name: string) => `Layout: ${name}`,
    more: 'More',
    leave: 'Leave',
  },

  menu: {
    copyLink: 'Copy link',
    details: 'Connection details',
    devices: 'Devices',
    settings: 'Settings',
    shortcuts: 'Keyboard shortcuts',
  },

  layouts: {
    grid: 'Grid: everybody alike',
    speaker: 'Speaker: one large, all others beside',
    stage: 'Stage: one large, and who spoke last',
  },
  layoutIs: (name: string) => `Layout is now ${name}`,

  pages: {
    label: 'Pages of people',
    back: 'Previous page of people',
    next: 'Next page of people',
    place: (page: number, of: number) => `Page ${page} of ${of}`,
    short: (page: number, of: number) => `${page} / ${of}`,
    more: (count: number) => (count === 1 ? '1 more person' : `${count} more people`),
  },

  linkCopied: 'Link copied. Send it to whoever should come.',
  copyFailed: 'Copying is not allowed here. Take the link from the address bar.',
  copyLink: 'Copy link',

  modeBadge: {
    label: (mode: string) => `Media travels: ${mode}`,
    moving: (mode: string) => `, changing to: ${mode}`,
    short: { mesh: 'Mesh', sfu: 'SFU' },
  },

  alone: 'You are the only one here',
  aloneAdvice: 'Send the link to whoever should come.',

  tile: {
    self: 'You',
    selfLabel: (name: string) => `${name}, you`,
    microphoneOn: 'microphone on',
    microphoneOff: 'microphone off',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    failed: 'No connection',
    apart: 'Waits for the server',
    label: (parts: readonly string[]) => parts.join(', '),
    move: 'Move your picture to another corner',
    signal: (quality: string) => `Signal ${quality}: show figures`,
    retry: 'Try again',
    screen: (name: string) => `${name}’s screen`,
    ownScreen: 'Your screen',
    pin: (name: string) => `Keep ${name} large`,
    paused: {
      bandwidth: 'Picture paused: your connection is weak',
      publisher: 'Picture paused: their connection is weak',
    },
  },

  connectionOf: (name: string) => `Connection of ${name}`,
  quality: { good: 'good', fair: 'fair', weak: 'weak', lost: 'lost' },
  qualityReason: {
    loss: 'Packets get lost on the way. Wi-Fi far from its router does this.',
    latency: 'The way is long or a line is full, so answers come late.',
    reconnecting: 'The connection broke. It is being repaired.',
    failed: 'No way was found through the networks between you. We keep trying.',
    narrow: 'Your connection does not carry more, so this picture is smaller.',
    pausedHere: 'Your connection does not carry this picture now. It comes back by itself.',
    pausedThere: 'Their connection does not carry their picture now. It comes back by itself.',
    none: 'All is well.',
  },

  panel: {
    chat: 'Chat',
    people: 'People',
    details: 'Connection',
    close: 'Close panel',
    tabs: 'Side panel',
  },

  chat: {
    placeholder: 'Message everybody',
    readOnly: 'You were invited to read; you cannot write here.',
    input: 'Message',
    send: 'Send',
    log: 'Messages',
    empty: 'Nothing said yet',
    emptyAdvice: 'Messages go to everybody in the room.',
    pending: 'Sending…',
    failed: 'Not sent',
    tooLong: (over: number) => `${over} characters too long`,
    announce: (name: string, text: string) => `${name} writes: ${text}`,
    newMessages: 'New messages',
  },

  people: {
    list: 'People in this room',
    count: (count: number, capacity: number) =>
      capacity > 0 ? `${count} of ${capacity}` : String(count),
    you: 'you',
    host: 'Host',
    status: { active: 'Here', idle: 'Idle', away: 'Away' },
    connection: {
      connecting: 'Connecting',
      connected: 'Connected',
      disconnected: 'Disconnected',
      failed: 'No connection',
    },
    microphoneOn: 'Microphone on',
    microphoneOff: 'Microphone off',
    cameraOn: 'Camera on',
    cameraOff: 'Camera off',
    reconnect: (name: string) => `Connect again with ${name}`,
    show: (name: string) => `Show ${name} large`,
    invite: 'Copy link to invite',
  },

  /** Figures about a link. */
  figures: {
    weGet: 'You receive',
    weSend: 'You send',
    weSendServer: 'You send to the server',
    way: 'The way',
    latency: 'Round trip',
    latencyServer: 'Round trip to the server',
    loss: 'Loss',
    rate: 'Rate',
    resolution: 'Picture',
    limited: (picture: string, by: QualityLimit) => picture + (LIMITS[by] ?? ''),
    lacking: {
      paused: {
        bandwidth: () => 'paused, your connection is weak',
        publisher: () => 'paused, their connection is weak',
      },
      smaller: {
        bandwidth: (picture: string) => `${picture}, held back by your connection`,
        publisher: (picture: string) => `${picture}, they send no larger one`,
      },
    },
    path: 'Path',
    mode: 'Mode',
    unknown: 'not measured yet',
    milliseconds: (value: number) => `${value} ms`,
    percent: (value: string) => `${value} %`,
    kilobits: (value: number) => `${value} kbit/s`,
    megabits: (value: string) => `${value} Mbit/s`,
    picture: (width: number, height: number, rate: number) => `${width} × ${height}, ${rate}/s`,
    noPicture: 'none',
    paths: {
      direct: 'direct',
      local: 'direct, same network',
      relay: 'through a relay',
    },
    overTcp: (path: string) => `${path}, TCP`,
    badge: (latency: string, loss: string, rate: string) => `${latency} · ${loss} loss · ${rate}`,
  },

  details: {
    room: 'Room',
    code: 'Code',
    status: 'Server',
    mode: 'Mode',
    links: (count: number) =>
      count === 1 ? 'Peer to peer, 1 link' : `Peer to peer, ${count} links`,
    throughServer: 'Through the server',
    generation: 'Generation',
    upload: 'Your upload',
    download: 'Your download',
    compare: (mode: string, up: string, down: string) =>
      `${mode} would need about ${up} up and ${down} down.`,
    compareTitle: 'The other way',
    noCompare: 'Alone, there is nothing to send.',
    peers: 'Each person',
  },

  handRaised: (name: string) => `${name} raises a hand`,
  hand: {
    raise: 'Raise hand',
    lower: 'Lower hand',
    up: 'hand up',
    place: (place: number) => `Hand up, number ${place}`,
  },
  reactions: {
    title: 'Reactions',
    names: {
      '👍': 'thumbs up',
      '❤️': 'heart',
      '😂': 'laughter',
      '🎉': 'cheers',
      '😮': 'surprise',
      '👏': 'applause',
    },
    announce: (name: string, reaction: string) => `${name}: ${reaction}`,
    announceOwn: (reaction: string) => `You: ${reaction}`,
  },
  serverDraining: {
    signaling: (seconds: number) =>
      `The server is restarted within ${seconds} s. The call goes on, and the connection comes back by itself.`,
    media: (seconds: number) =>
      `The media server is restarted within ${seconds} s. Pictures and voices pause then, and come back by themselves.`,
  },
  dataSlow: 'Messages came faster than this device could take them; some are lost.',

  weakUplink:
    'Your upload is weak, so others see you smaller. Turning your camera off keeps your voice clear.',
  weakDownlink: 'Your connection is weak, so some pictures are paused. Voices come first.',

  strained:
    'With this many people peer to peer, weak devices may struggle. Turning cameras off helps.',

  status: {
    label: (status: string) => `Server connection: ${status}`,
    menu: 'Connection',
    offlineHint: 'The call itself goes on; chat and new people have to wait.',
  },

  autoplay: {
    title: 'Your browser holds the sound back.',
    action: 'Turn sound on',
  },

  notices: 'Notices',
  joined: (name: string, others: number) => {
    if (others === 0) return `${name} joined`;
    return others === 1 ? `${name} and one more joined` : `${name} and ${others} others joined`;
  },
  left: (name: string) => `${name} left`,
  lost: (name: string) => `${name} lost the connection`,
  removed: (name: string) => `${name} was removed`,
  becameHost: (name: string) => `${name} is the host now`,
  youAreHost: 'You are the host now',
  updated: 'There is a newer version of this page. Load it anew when it suits you.',
  deviceNotices: {
    'device-lost': {
      microphone: (label: string) =>
        label ? `${label} is gone. Nobody can hear you.` : 'The microphone is gone.',
      camera: (label: string) =>
        label ? `${label} is gone. Nobody can see you.` : 'The camera is gone.',
      speaker: (label: string) =>
        label ? `${label} is gone. Sound goes elsewhere.` : 'The speaker is gone.',
    },
    'device-switched': {
      microphone: (label: string) => `Microphone: ${label}`,
      camera: (label: string) => `Camera: ${label}`,
      speaker: (label: string) => `Speaker: ${label}`,
    },
  },
  screenFailed: {
    'in-use': 'This computer does not let the browser see the screen. Look into its settings.',
    insecure: 'Screens can be shared from secure pages only.',
    unsupported: 'This browser cannot share a screen.',
    other: 'The screen could not be shared. Try again.',
  },
  talking: 'You can be heard while you hold the key',

  shortcuts: {
    title: 'Keyboard shortcuts',
    microphone: 'Microphone on or off',
    camera: 'Camera on or off',
    chat: 'Chat',
    people: 'People',
    layout: 'Layout',
    hand: 'Raise or lower hand',
    help: 'This list',
    close: 'Close what is open',
    talk: 'Talk while muted (hold)',
    space: 'Space',
    escape: 'Esc',
  },

  settings: {
    title: 'Settings',
    devices: 'Devices',
  },
};
