import type { Explanation } from './common';

const closed: Explanation = {
  title: 'The room was closed',
  advice: 'Whoever runs the server closed it. You can start a new one any time.',
};

const shutdown: Explanation = {
  title: 'The server is being shut down',
  advice: 'It will probably be back soon. Try the same link in a minute.',
};

const replaced: Explanation = {
  title: 'You are in this call somewhere else',
  advice: 'Another tab or device has taken over your place. You can bring it back here.',
};

const removed: Explanation = {
  title: 'You are no longer in this room',
  advice: 'The server took you out of it. You can ask to come back by joining again.',
};

const left: Explanation = {
  title: 'You left the room',
  advice: 'You can come back as long as the room is open.',
};

const timedOut: Explanation = {
  title: 'You were away too long',
  advice: 'Your connection was gone for a while, so your place was given up. Join again to go on.',
};

export const ended = {
  timedOut,
  left,
  replaced,
  closed,
  shutdown,
  removed,
  rejoin: 'Join again',
  useHere: 'Use here',
  home: 'To the start page',
  crashed: {
    title: 'The page has stumbled',
    advice: 'That is our fault. Load it anew and you are back where you were.',
  } satisfies Explanation,
  reload: 'Load anew',
};
