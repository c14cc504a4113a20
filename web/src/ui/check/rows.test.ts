import { describe, expect, it } from 'vitest';

import { NOTHING_YET } from '../../check/report';
import { rowsOf } from './rows';

describe('the lines of a connection check', () => {
  it('are all there before anything is known', () => {
    const rows = rowsOf(NOTHING_YET);
    expect(rows.map(({ id }) => id)).toEqual([
      'server',
      'microphone',
      'camera',
      'udp',
      'tcp',
      'relay',
      'upload',
      'download',
    ]);
    expect(rows.every(({ status }) => status === 'waiting')).toBe(true);
  });

  it('say what was found, each relay by itself', () => {
    const rows = rowsOf({
      ...NOTHING_YET,
      udp: { status: 'done', fact: { outcome: 'works', milliseconds: 90, roundTrip: 12 } },
      tcp: { status: 'done', fact: { outcome: 'blocked' } },
      relays: {
        status: 'done',
        fact: [
          { url: 'turn:t', protocol: 'udp', outcome: 'works' },
          { url: 'turns:t', protocol: 'tls', outcome: 'refused' },
        ],
      },
      upload: { status: 'done', fact: { bitsPerSecond: 1_250_000, loss: 0.031 } },
    });
    const found = new Map(rows.map((row) => [row.id, row]));
    expect(found.get('udp')?.words).toBe('Open after 90 ms · 12 ms there and back');
    expect(found.get('tcp')?.status).toBe('bad');
    expect(found.get('relay-0')?.status).toBe('good');
    expect(found.get('relay-1')?.status).toBe('bad');
    expect(found.get('upload')?.words).toBe('At least 1.3 Mbit/s · 3 % lost');
    expect(found.get('upload')?.status).toBe('weak');
  });
});
