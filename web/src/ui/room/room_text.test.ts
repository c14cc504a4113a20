import { describe, expect, it } from 'vitest';

import { participant, statistics } from '../testing/world';
import { clock, piecesOf } from './chat_text';
import { bitrate, judge, loadOf, otherLoad, pathName, percent, sectionsOf } from './figures';
import { noticeWords } from './notice_words';
import { tileStatus } from './tile_status';

describe('piecesOf', () => {
  it('finds links and leaves the full stop to the sentence', () => {
    expect(piecesOf('See https://example.org/a?b=1, then (http://example.net/x).')).toEqual([
      { text: 'See ', href: null },
      { text: 'https://example.org/a?b=1', href: 'https://example.org/a?b=1' },
      { text: ', then (', href: null },
      { text: 'http://example.net/x', href: 'http://example.net/x' },
      { text: ').', href: null },
    ]);
  });

  it('makes no link of other schemes or markup', () => {
    const text = 'javascript:alert(1) <b>bold</b> data:text/html,x';
    expect(piecesOf(text)).toEqual([{ text, href: null }]);
  });
});

describe('clock', () => {
  it('shows nothing for nonsense', () => {
    expect(clock('soon')).toBe('');
    expect(clock('2026-01-01T10:05:00Z')).toMatch(/\d{1,2}.05/);
  });
});

describe('judge', () => {
  it.each([
    [{}, 'good', 'none'],
    [{ latency: 300 }, 'fair', 'latency'],
    [{ latency: 700 }, 'weak', 'latency'],
    [{ packetLoss: 4 }, 'fair', 'loss'],
    [{ packetLossOut: 15 }, 'weak', 'loss'],
    [{ limitedBy: 'cpu' as const }, 'good', 'none'],
    [{ latency: null }, 'good', 'none'],
  ])('%j is %s because of %s', (parts, quality, reason) => {
    expect(judge('connected', statistics(parts))).toEqual({ quality, reason });
  });

  it('knows a broken link without figures', () => {
    expect(judge('failed', null).reason).toBe('failed');
    const limited = (by: 'bandwidth' | 'publisher', paused: boolean) =>
      judge('connected', statistics(), { by, paused });
    expect(limited('bandwidth', true)).toEqual({ quality: 'weak', reason: 'pausedHere' });
    expect(limited('publisher', true)).toEqual({ quality: 'weak', reason: 'pausedThere' });
    expect(limited('bandwidth', false)).toEqual({ quality: 'fair', reason: 'narrow' });
    expect(limited('publisher', false).quality).toBe('good');
    expect(judge('reconnecting', statistics()).quality).toBe('lost');
    expect(judge('connecting', null).quality).toBe('good');
  });
});

describe('figures', () => {
  it('are written in the unit people know', () => {
    expect(bitrate(640_400)).toBe('640 kbit/s');
    expect(bitrate(1_250_000)).toBe('1.3 Mbit/s');
    expect(percent(0)).toBe('0 %');
    expect(percent(2.34)).toBe('2.3 %');
    expect(percent(17.6)).toBe('18 %');
  });

  it('name the path', () => {
    expect(pathName({ local: 'host', remote: 'host', protocol: 'udp' })).toMatch('same network');
    expect(pathName({ local: 'srflx', remote: 'host', protocol: 'udp' })).toBe('direct');
    expect(pathName({ local: 'relay', remote: 'host', protocol: 'tcp' })).toMatch(/relay, TCP/);
  });

  const shown = (...given: Parameters<typeof sectionsOf>) =>
    new Map(sectionsOf(...given).map(({ title, figures }) => [title, new Map(figures)]));

  it('say what holds a picture back, at either end', () => {
    const ends = shown(statistics({ limitedBy: 'cpu' }), 'mesh');
    expect(ends.get('You send')?.get('Picture')).toBe(
      '1280 × 720, 30/s, held back by this computer',
    );
    expect(ends.get('You receive')?.get('Picture')).toBe('1280 × 720, 30/s');
    const limited = (by: 'bandwidth' | 'publisher', paused: boolean) =>
      shown(statistics(), 'sfu', { by, paused }).get('You receive')?.get('Picture');
    expect(limited('bandwidth', false)).toBe('1280 × 720, 30/s, held back by your connection');
    expect(limited('bandwidth', true)).toBe('paused, your connection is weak');
    expect(limited('publisher', true)).toBe('paused, their connection is weak');
  });

  it('say to whom we send', () => {
    expect([...shown(statistics(), 'sfu').keys()]).toContain('You send to the server');
    expect([...shown(statistics(), 'mesh').keys()]).toContain('You send');
  });

  it('are honest about what is not measured', () => {
    expect(sectionsOf(null, 'mesh')[0]?.figures[0]?.[1]).toBe('not measured yet');
  });
});

describe('otherLoad', () => {
  const stats = [statistics(), statistics({ bandwidthOut: 500_000 })];

  it('through a server: one upload, the same download', () => {
    expect(loadOf('mesh', stats)).toEqual({ up: 1_400_000, down: 2_400_000 });
    expect(loadOf('sfu', stats)).toEqual({ up: 900_000, down: 2_400_000 });
    expect(otherLoad('mesh', stats, 2)).toEqual({ up: 900_000, down: 2_400_000 });
  });

  it('peer to peer: one upload for each other person', () => {
    expect(otherLoad('sfu', [statistics()], 4).up).toBe(3_600_000);
    expect(otherLoad('mesh', [], 0)).toEqual({ up: 0, down: 0 });
  });
});

describe('tileStatus', () => {
  const view = (
    connectionStatus: 'connecting' | 'connected' | 'failed',
    interrupted = false,
    apart = false,
  ) =>
    tileStatus({
      ...participant('a'),
      isLocal: false,
      connectionStatus,
      interrupted,
      isApart: apart,
    });

  it('tells connecting from reconnecting', () => {
    expect(view('connecting')).toBe('connecting');
    expect(view('connecting', true)).toBe('reconnecting');
    expect(view('failed')).toBe('failed');
    expect(view('connected')).toBe('connected');
    expect(view('failed', true, true)).toBe('apart');
    expect(view('connected', true, true)).toBe('connected');
  });
});

describe('noticeWords', () => {
  const words = (code: Parameters<typeof noticeWords>[0]['code'], values = {}) =>
    noticeWords({ id: '1', code, tone: 'info', values });

  it('says who came and went, and how', () => {
    expect(words('member-joined', { name: 'Ada' })).toBe('Ada joined');
    expect(words('member-joined', { name: '' })).toBe('Guest joined');
    expect(words('member-left', { name: 'Ada', reason: 'left' })).toBe('Ada left');
    expect(words('member-left', { name: 'Ada', reason: 'timed-out' })).toMatch('connection');
    expect(words('host-changed', { self: 'true' })).toMatch(/^You are/);
  });

  it('explains a failure by its code, whatever the code', () => {
    expect(words('failure', { code: 'room-full' })).toMatch('full');
    expect(words('failure', { code: 'never-heard-of' })).toMatch('went wrong');
  });

  it('leaves to other parts of the page what they show', () => {
    expect(words('room-closed')).toBeNull();
  });
});
