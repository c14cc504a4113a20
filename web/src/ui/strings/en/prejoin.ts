import type { CaptureProblem, DeviceKind } from '../../../media/outcome';

import type { Explanation } from './common';

const microphone: Record<CaptureProblem, Explanation> = {
  denied: {
    title: 'The microphone is blocked.',
    advice:
      'Allow it with the icon at the left of the address bar, then try again. You can listen without it.',
  },
  dismissed: {
    title: 'The question was closed.',
    advice: 'Try again and choose “Allow”, or join and only listen.',
  },
  missing: {
    title: 'There is no microphone.',
    advice: 'Plug one in and it is used at once, or join and only listen.',
  },
  'in-use': {
    title: 'Another program uses the microphone.',
    advice: 'Close it there and try again, or choose another microphone.',
  },
  unplugged: {
    title: 'The microphone was unplugged.',
    advice: 'Plug it in again, or choose another one.',
  },
  insecure: {
    title: 'Browsers give no microphone to this address.',
    advice: 'Open the page with https:// instead. Until then you can join and listen.',
  },
  unsupported: {
    title: 'This browser cannot use a microphone here.',
    advice: 'Try a current Chrome, Firefox, Safari or Edge. You can join and listen.',
  },
  failed: {
    title: 'The microphone did not start.',
    advice: 'Try again, or choose another one.',
  },
};

const camera: Record<CaptureProblem, Explanation> = {
  denied: {
    title: 'The camera is blocked.',
    advice:
      'Allow it with the icon at the left of the address bar, then try again. You can join without it.',
  },
  dismissed: {
    title: 'The question was closed.',
    advice: 'Try again and choose “Allow”, or join without a camera.',
  },
  missing: {
    title: 'There is no camera.',
    advice: 'Plug one in and choose it, or join without; others see your initials.',
  },
  'in-use': {
    title: 'Another program uses the camera.',
    advice: 'Close it there and try again, or choose another camera.',
  },
  unplugged: {
    title: 'The camera was unplugged.',
    advice: 'Plug it in again, or choose another one.',
  },
  insecure: {
    title: 'Browsers give no camera to this address.',
    advice: 'Open the page with https:// instead. Until then others see your initials.',
  },
  unsupported: {
    title: 'This browser cannot use a camera here.',
    advice: 'Try a current Chrome, Firefox, Safari or Edge. You can join without.',
  },
  failed: {
    title: 'The camera did not start.',
    advice: 'Try again, or choose another one.',
  },
};

const both: Record<CaptureProblem, Explanation> = {
  denied: {
    title: 'Camera and microphone are blocked.',
    advice:
      'Allow them with the icon at the left of the address bar, then try again. You can join and listen.',
  },
  dismissed: {
    title: 'The question was closed.',
    advice: 'Try again and choose “Allow”, or join and only listen.',
  },
  missing: {
    title: 'No camera and no microphone were found.',
    advice: 'Plug them in and they are used at once, or join and listen.',
  },
  'in-use': {
    title: 'Another program uses camera and microphone.',
    advice: 'Close it there and try again, or join and listen.',
  },
  unplugged: {
    title: 'Camera and microphone were unplugged.',
    advice: 'Plug them in again, or join and listen.',
  },
  insecure: {
    title: 'Browsers give no camera or microphone to this address.',
    advice: 'Open the page with https:// instead. Until then you can join and listen.',
  },
  unsupported: {
    title: 'This browser cannot use camera and microphone here.',
    advice: 'Try a current Chrome, Firefox, Safari or Edge. You can join and listen.',
  },
  failed: {
    title: 'Camera and microphone did not start.',
    advice: 'Try again, or join and listen.',
  },
};

const problems: Record<DeviceKind | 'both', Record<CaptureProblem, Explanation>> = {
  microphone,
  camera,
  both,
};

/** How many names one reads before they are only a number. */
const NAMED = 3;

/** Who is in a room; `names` may be fewer than `count`, or none where a password is asked. */
function who(names: readonly string[], count: number): string {
  if (count === 0) return 'Nobody is here yet.';
  const named = names.filter((name) => name !== '').slice(0, NAMED);
  const rest = count - named.length;
  if (named.length === 0) return count === 1 ? '1 person is here.' : `${count} people are here.`;
  const all = rest > 0 ? [...named, rest === 1 ? '1 more' : `${rest} more`] : named;
  const last = all.at(-1) ?? '';
  if (all.length === 1) return `${last} is here.`;
  return `${all.slice(0, -1).join(', ')} and ${last} are here.`;
}

export const prejoin = {
  title: (room: string) => (room ? `${room} · Crossover` : 'Join · Crossover'),
  ready: 'Ready to join?',
  preview: 'Your camera preview',
  cameraOff: 'Your camera is off',
  asking: 'Allow camera and microphone',
  askingAdvice: 'Your browser asks at the top of the window. You can switch both off any time.',
  problems,
  password: 'Room password',
  passwordMissing: 'This room needs a password.',
  microphone: 'Microphone',
  camera: 'Camera',
  speaker: 'Speaker',
  noMicrophone: 'No microphone',
  noCamera: 'No camera',
  systemDefault: 'System default',
  unnamed: (kind: string, number: number) => `${kind} ${number}`,
  level: 'Microphone level',
  join: 'Join',
  joining: 'Joining…',
  joinListening: 'Join and listen',
  notOpen: {
    title: 'This room is not open yet.',
    advice: 'Whoever moderates it opens it. Try again in a moment.',
  },
  listener: 'You were invited to listen',
  listenerAdvice: 'The others neither see nor hear you.',
  namedByInvitation: 'Your invitation names you so.',
  back: 'Back to the start page',
  startRoom: 'Start a new room',
  who,
  full: 'All places are taken right now.',
};
