import { describe, expect, it } from 'vitest';

import { askForFrugalOpus } from './opus';

const LINES = [
  'v=0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=0;stereo=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  '',
];

describe('asking for frugal Opus', () => {
  it('sets what is wanted and keeps what is there', () => {
    const sdp = askForFrugalOpus(LINES.join('\r\n'));
    expect(sdp).toContain('a=fmtp:111 minptime=10;useinbandfec=1;stereo=1;usedtx=1\r\n');
    expect(sdp).toContain('a=fmtp:63 111/111\r\n');
  });

  it('adds parameters where there were none', () => {
    const sdp = askForFrugalOpus('a=rtpmap:109 opus/48000/2\r\na=mid:0\r\n');
    expect(sdp).toBe(
      'a=rtpmap:109 opus/48000/2\r\na=fmtp:109 minptime=10;useinbandfec=1;usedtx=1\r\na=mid:0\r\n',
    );
  });

  it('changes nothing twice, and nothing else', () => {
    const once = askForFrugalOpus(LINES.join('\r\n'));
    expect(askForFrugalOpus(once)).toBe(once);
    expect(askForFrugalOpus('v=0\r\n')).toBe('v=0\r\n');
  });
});
