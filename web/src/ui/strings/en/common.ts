import type { ErrorCode } from '../../../signaling/protocol';

/** What happened, and what the person can do about it. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
}

/** Refusals about media through the server: the page gets over them by itself. */
const media: Explanation = {
  title: 'The server would not pass on a picture or voice.',
  advice: 'We keep trying. If it lasts, load the page anew.',
};

const errors: Record<ErrorCode, Explanation> = {
  'bad-message': {
    title: 'The server did not understand this page.',
    advice: 'Load the page anew. If that does not help, the server runs another version.',
  },
  'unknown-type': {
    title: 'The server does not know this request.',
    advice: 'Load the page anew. If that does not help, the server runs another version.',
  },
  'frame-too-large': {
    title: 'That was too much at once.',
    advice: 'Send it in smaller pieces.',
  },
  'too-many-requests': {
    title: 'That was too quick for the server.',
    advice: 'Wait a few seconds, then try again.',
  },
  'room-not-found': {
    title: 'There is no such room.',
    advice:
      'It may have been closed, or the link is incomplete. Ask for a new link, or start a room.',
  },
  'room-full': {
    title: 'This room is full.',
    advice: 'As soon as somebody leaves, there is a place for you. Try again in a moment.',
  },
  'server-full': {
    title: 'The server is at its limit.',
    advice: 'It has no capacity left for one more person in this call. Try again in a while.',
  },
  'server-draining': {
    title: 'The server is about to be restarted.',
    advice: 'It opens no new rooms just now. Try again in a minute.',
  },
  'room-exists': {
    title: 'A room with this name exists already.',
    advice: 'Choose another name, or join the room that is there.',
  },
  'too-many-rooms': {
    title: 'The server has as many rooms as it may have.',
    advice: 'Try again later, or join a room that is open.',
  },
  'not-a-member': {
    title: 'You are no longer in this room.',
    advice: 'Join it again to go on.',
  },
  'target-not-in-room': {
    title: 'That person has just left.',
    advice: 'There is nothing you need to do.',
  },
  'target-not-connected': {
    title: 'That person cannot be reached right now.',
    advice: 'We connect as soon as they are back.',
  },
  'name-taken': {
    title: 'Somebody in this room has that name.',
    advice: 'Choose another one, so that people can tell you apart.',
  },
  'name-invalid': {
    title: 'This name cannot be used.',
    advice: 'Use between 1 and 64 visible characters.',
  },
  'id-taken': {
    title: 'You are in this room from another place.',
    advice: 'Leave there first, or go on here.',
  },
  'wrong-password': {
    title: 'That is not the password of this room.',
    advice: 'Check it and try again. Capital letters count.',
  },
  'not-allowed': {
    title: 'The server does not allow this.',
    advice: 'Ask whoever runs it.',
  },
  'sfu-required': {
    title: 'This room needs a page that can talk through the server.',
    advice: 'Load the page anew. If that does not help, the server runs another version.',
  },
  'sfu-unavailable': {
    title: 'The server cannot pass on pictures and voices right now.',
    advice: 'We keep trying. Rooms that are peer to peer work meanwhile.',
  },
  'wrong-mode': media,
  'transport-not-found': media,
  'producer-not-found': media,
  'consumer-not-found': media,
  'cannot-consume': media,
  'unsupported-media': media,
  'invalid-parameters': media,
  'media-refused': media,
  'too-many': media,
  'token-required': {
    title: 'This server lets people in by invitation.',
    advice: 'Ask whoever invited you for a link, and open it here.',
  },
  'token-invalid': {
    title: 'This invitation does not open this room.',
    advice: 'It may have expired, or be for another room. Ask for a new link.',
  },
  'not-permitted': {
    title: 'Your invitation does not allow this.',
    advice: 'Ask whoever invited you for another link.',
  },
};

const unknownError: Explanation = {
  title: 'Something went wrong.',
  advice: 'Try again. If it happens once more, load the page anew.',
};

const unreachable: Explanation = {
  title: 'The server cannot be reached.',
  advice: 'Check your network. We keep trying, and go on as soon as it answers.',
};

const timeout: Explanation = {
  title: 'The server did not answer in time.',
  advice: 'Try again. If your network is slow, it may take a second attempt.',
};

export const common = {
  product: 'Crossover',
  home: 'Crossover, to the start page',
  close: 'Close',
  cancel: 'Cancel',
  retry: 'Try again',
  dismiss: 'Dismiss',
  details: 'Details',
  errorCode: (code: string) => `Code: ${code}`,
  errors,
  unknownError,
  unreachable,
  timeout,
  loading: 'Loading…',
  showPassword: 'Show password',
  hidePassword: 'Hide password',
  settings: 'Settings',
  theme: 'Appearance',
  themes: { light: 'Light', dark: 'Dark' },
  toggleTheme: { light: 'Switch to light appearance', dark: 'Switch to dark appearance' },
  nobody: 'Guest',
  name: 'Your name',
  namePlaceholder: 'How others will see you',
  nameMissing: 'Tell the others who you are first.',
  nameTooLong: (limit: number) => `Names have at most ${limit} characters.`,
  you: 'You',
  connection: {
    connected: 'Connected',
    connecting: 'Connecting…',
    reconnecting: 'Reconnecting…',
    disconnected: 'Disconnected',
  },
  connect: 'Connect',
  disconnect: 'Disconnect',
  forceReconnect: 'Reconnect now',
  mode: { mesh: 'Peer to peer', sfu: 'Through the server' },
};
