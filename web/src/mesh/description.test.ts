import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CandidateQueue, readCandidate } from './candidate_queue';
import {
  answerPayload,
  fragmentsOf,
  identify,
  offerPayload,
  originOf,
  readAnswer,
  readOffer,
} from './description';

const SDP = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111',
  'c=IN IP4 0.0.0.0',
  'a=rtcp:9 IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=fingerprint:sha-256 AA:BB',
  '',
].join('\r\n');

const GATHERED = SDP.replace('m=audio 9', 'm=audio 54321')
  .replace('c=IN IP4 0.0.0.0', 'c=IN IP4 192.0.2.1')
  .replace('a=rtcp:9 IN IP4 0.0.0.0', 'a=rtcp:54322 IN IP4 192.0.2.1')
  .concat('a=candidate:1 1 udp 1 192.0.2.1 54321 typ host\r\na=end-of-candidates\r\n');

describe('a description', () => {
  it('says which connection made it', () => {
    expect(originOf(SDP)).toEqual({ session: 'sha-256 aa:bb', version: 2 });
    expect(originOf('v=0\r\no=- 7 9 IN IP4 0\r\n')).toEqual({ session: '7', version: 9 });
    expect([...fragmentsOf(SDP)]).toEqual(['abcd']);
  });

  it('is the same with candidates and without', () => {
    expect(identify(GATHERED)).toBe(identify(SDP));
    expect(identify(SDP.replace('abcd', 'efgh'))).not.toBe(identify(SDP));
  });

  it('travels as what every client understands, with our own words beside it', () => {
    const offer = { id: identify(SDP), ...originOf(SDP), since: 5, sdp: SDP };
    expect(offerPayload(offer)).toEqual({ type: 'offer', sdp: SDP, since: 5 });
    expect(readOffer(offerPayload(offer))).toEqual(offer);
    const answer = { to: offer.id, ...originOf(SDP), since: 5, sdp: SDP };
    expect(readAnswer(answerPayload(answer))).toEqual(answer);
    expect(readAnswer({ type: 'answer', sdp: SDP })).toMatchObject({ to: null, since: null });
  });

  it('is only read where there is one', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readOffer(value)).toBeNull();
      }),
    );
    expect(readOffer({ sdp: 'v=0'.padEnd(300_000) })).toBeNull();
  });
});

describe('candidates', () => {
  const candidate = (usernameFragment: string | null) => ({
    candidate: 'candidate:1',
    sdpMid: '0',
    sdpMLineIndex: null,
    usernameFragment,
  });

  it('wait for the description they belong to', () => {
    const queue = new CandidateQueue();
    expect(queue.take(candidate('abcd'))).toBeNull();
    expect(queue.take(candidate('other'))).toBeNull();
    expect(queue.describe(SDP)).toEqual([candidate('abcd')]);
    expect(queue.describe(SDP)).toEqual([]);
    expect(queue.take(candidate('abcd'))).not.toBeNull();
    queue.reset();
    expect(queue.take(candidate('abcd'))).toBeNull();
  });

  it('without a fragment belong to whatever is in force', () => {
    const queue = new CandidateQueue();
    expect(queue.take(candidate(null))).toBeNull();
    expect(queue.describe(SDP)).toEqual([candidate(null)]);
    expect(queue.take(candidate(null))).not.toBeNull();
  });

  it('do not pile up', () => {
    const queue = new CandidateQueue();
    for (let count = 0; count < 1000; count += 1) queue.take(candidate('abcd'));
    expect(queue.describe(SDP)).toHaveLength(64);
  });

  it('are only read where there is one', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        expect(readCandidate(value)).toBeNull();
      }),
    );
    expect(readCandidate({ candidate: '', sdpMid: '0' })).toBeNull();
    expect(readCandidate({ candidate: 'candidate:1' })).toBeNull();
    expect(readCandidate({ candidate: 'candidate:1', sdpMLineIndex: 0 })).not.toBeNull();
  });
});
