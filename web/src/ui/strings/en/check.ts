import type { Grade, Verdict } from '../../../check/verdict';
import type { PathFact, RelayFact, RelayProtocol } from '../../../check/report';
import type { Explanation } from './common';

const verdicts: Record<Verdict, Explanation> = {
  'no-server': {
    title: 'The server cannot be reached.',
    advice:
      'Check your network. In a company or school, a proxy may not let WebSockets pass: ask whoever runs the network.',
  },
  blocked: {
    title: 'Your network does not let calls through.',
    advice:
      'Neither UDP nor TCP reaches the media server. Try another network or a phone as hotspot, or show this page to whoever runs the network.',
  },
  'relay-only': {
    title: 'Calls work, through a relay.',
    advice: 'The direct ways are closed in your network, so media takes a detour.',
  },
  'tcp-only': {
    title: 'Calls work, but through TCP only.',
    advice:
      'Your network blocks UDP. When it is busy, pictures may stutter. Whoever runs it can help by letting UDP pass.',
  },
  'no-rate': {
    title: 'Your connection is too slow for pictures.',
    advice:
      'Voices should get through. Move closer to the router, use a cable, or stop downloads and try again.',
  },
  'little-rate': {
    title: 'Calls work, with small pictures.',
    advice: 'Your connection is on the slow side. A cable in place of Wi-Fi often helps.',
  },
  devices: {
    title: 'The network is fine, but a device is missing.',
    advice: 'Others will see or hear you only when it works. You can join all the same.',
  },
  untested: {
    title: 'Nothing stands in the way.',
    advice:
      'No media server could be tried here. Calls between people’s browsers may still meet a firewall.',
  },
  good: {
    title: 'You are ready to call.',
    advice: 'The server, your network and your devices all work.',
  },
};

const paths: Record<Exclude<PathFact['outcome'], 'works'>, string> = {
  blocked: 'Blocked: nothing comes back',
  'not-offered': 'The server does not offer this way',
  unknown: 'Could not be tried',
};

const relays: Record<RelayFact['outcome'], string> = {
  works: 'Open',
  blocked: 'Blocked: nothing comes back',
  refused: 'It answers, but refuses us: the server’s settings are wrong',
};

const protocols: Record<RelayProtocol, string> = {
  udp: 'Relay (TURN over UDP)',
  tcp: 'Relay (TURN over TCP)',
  tls: 'Relay (TURN over TLS)',
};

const grades: Record<Grade, string> = {
  good: 'Fine',
  weak: 'Weak',
  bad: 'Does not work',
  unknown: 'Not tried',
};

export const check = {
  title: 'Check your connection',
  pitch: 'Before a call that matters: what works from here, and what is blocked.',
  link: 'Check your connection',
  start: 'Start the check',
  again: 'Check again',
  back: 'Back',
  running: 'Checking…',
  permission: 'Your browser may ask for your camera and microphone. Nothing is recorded or shown.',
  verdicts,
  steps: {
    server: 'Server',
    microphone: 'Microphone',
    camera: 'Camera',
    udp: 'Media by UDP',
    tcp: 'Media by TCP',
    relay: 'Relay (TURN)',
    upload: 'Upload',
    download: 'Download',
  },
  state: { waiting: 'Waiting', running: 'Checking…' },
  grades,
  paths,
  relays,
  protocols,
  reached: 'Reached',
  notReached: 'Not reached',
  noRelay: 'None is configured',
  works: 'Works',
  roundTrip: (milliseconds: number) => `${milliseconds} ms there and back`,
  openedIn: (milliseconds: number) => `Open after ${milliseconds} ms`,
  atLeast: (megabits: string) => `At least ${megabits} Mbit/s`,
  loss: (percent: string) => `${percent} % lost`,
  notMeasured: 'Could not be measured',
};
