import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { FakeStream } from '../session/testing/fake_stream';
import { member } from '../signaling/testing/messages';
import { MeshSession } from './mesh_session';
import { FakeNetwork } from './testing/fake_rtc';

beforeEach(() => vi.stubGlobal('MediaStream', FakeStream));
afterEach(() => vi.unstubAllGlobals());

/** What connections are configured with: when they are made, and when there are other servers. */
function configurations(icePolicy?: RTCIceTransportPolicy): (RTCConfiguration | undefined)[] {
  const seen: (RTCConfiguration | undefined)[] = [];
  const network = new FakeNetwork();
  const session = new MeshSession({
    memberId: 'a',
    iceServers: [],
    isLive: true,
    send: () => undefined,
    emit: () => undefined,
    createConnection: (configuration) => {
      seen.push(configuration);
      const connection = network.create();
      vi.spyOn(connection, 'setConfiguration').mockImplementation((next) => void seen.push(next));
      return connection;
    },
    ...(icePolicy ? { icePolicy } : {}),
  });
  session.setMembers([member('b')], false);
  session.setIceServers([{ urls: ['turn:turn.example'], username: 'u', credential: 'c' }]);
  session.close();
  return seen;
}

describe('the ways that a mesh connection may take', () => {
  it.each([
    [undefined, 'all'],
    ['relay', 'relay'],
  ] as const)('are for policy %s %s, and stay so with other servers', (policy, expected) => {
    const [made, changed] = configurations(policy);
    expect(made).toMatchObject({ iceTransportPolicy: expected, iceServers: [] });
    expect(changed).toMatchObject({
      iceTransportPolicy: expected,
      iceServers: [{ urls: ['turn:turn.example'] }],
    });
  });
});
