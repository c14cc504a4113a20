import { describe, expect, it, vi } from 'vitest';

import { probeRelay, relayAddresses, type RelayAddress } from './relay';

/** A connection whose gathering the test rules. */
class FakeConnection extends EventTarget {
  iceGatheringState: RTCIceGatheringState = 'new';
  isClosed = false;
  createDataChannel = vi.fn();
  setLocalDescription = vi.fn(() => Promise.resolve());

  createOffer(): Promise<RTCSessionDescriptionInit> {
    return Promise.resolve({ type: 'offer', sdp: '' });
  }

  close(): void {
    this.isClosed = true;
  }

  tell(type: string, fields: object): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }

  complete(): void {
    this.iceGatheringState = 'complete';
    this.tell('icegatheringstatechange', {});
  }
}

const [ADDRESS] = relayAddresses([
  { urls: ['turn:t.example.org?transport=tcp'], username: 'u', credential: 'c' },
]) as [RelayAddress];

function probe(patience = 1_000) {
  const connection = new FakeConnection();
  const create = vi.fn(() => connection as unknown as RTCPeerConnection);
  return { connection, create, fact: probeRelay(ADDRESS, create, patience) };
}

describe('TURN servers', () => {
  it('are told apart by address, and STUN servers left out', () => {
    const found = relayAddresses([
      { urls: ['stun:s.example.org', 'turn:t.example.org:3478'] },
      { urls: ['turn:t.example.org?transport=tcp', 'turns:t.example.org:5349?transport=tcp'] },
      { urls: ['nonsense'] },
    ]);
    expect(found.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp', 'tls']);
  });

  it('work when they give an address, which is given back', async () => {
    const { connection, create, fact } = probe();
    expect(create).toHaveBeenCalledWith({
      iceServers: [{ urls: [ADDRESS.url], username: 'u', credential: 'c' }],
      iceTransportPolicy: 'relay',
    });
    connection.tell('icecandidate', { candidate: { type: 'relay' } });
    expect((await fact).outcome).toBe('works');
    expect(connection.isClosed).toBe(true);
  });

  it('refuse us when they answer with an error', async () => {
    const { connection, fact } = probe();
    connection.tell('icecandidateerror', { errorCode: 401 });
    connection.complete();
    expect((await fact).outcome).toBe('refused');
  });

  it('are blocked when nothing comes back', async () => {
    const { connection, fact } = probe();
    connection.tell('icecandidateerror', { errorCode: 701 });
    connection.complete();
    expect((await fact).outcome).toBe('blocked');
  });

  it('are blocked when even that is not found out in time', async () => {
    vi.useFakeTimers();
    const { fact } = probe(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await fact).outcome).toBe('blocked');
    vi.useRealTimers();
  });

  it('are refused when the browser does not take the address', async () => {
    const fact = await probeRelay(
      ADDRESS,
      () => {
        throw new DOMException('', 'SyntaxError');
      },
      10,
    );
    expect(fact.outcome).toBe('refused');
  });
});
