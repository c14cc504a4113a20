/** Messages for tests, complete, with what matters given. */

import type { ChatDelivered, ClientId, Member, Room } from '../protocol';

export function greeting(given: Partial<ClientId> = {}): ClientId {
  return {
    type: 'client-id',
    id: 'me',
    features: { legacyDirect: false, resume: true, sfu: false },
    limits: { frameBytes: 65_536, nameLength: 64, chatLength: 4_000, roomMembers: 100 },
    iceServers: [],
    iceServersTtl: 0,
    resumeToken: 'token',
    resumed: false,
    version: '1',
    ...given,
  };
}

export function member(id: string, given: Partial<Member> = {}): Member {
  return {
    id,
    name: id.toUpperCase(),
    presence: 'online',
    instance: `${id} page`,
    joinedAt: '2030-01-01T00:00:00Z',
    ...given,
  };
}

export function room(members: readonly Member[], given: Partial<Room> = {}): Room {
  return {
    id: 'r1',
    name: 'Room',
    createdAt: '2030-01-01T00:00:00Z',
    host: members[0]?.id ?? null,
    maxParticipants: 0,
    participants: members.map(({ id }) => id),
    metadata: { description: '', private: false, history: true },
    members: [...members],
    state: 'active',
    mode: 'mesh',
    generation: 0,
    reason: 'small-room',
    strained: false,
    prewarm: false,
    pins: [],
    unreachable: [],
    core: null,
    capacity: 8,
    hasPassword: false,
    ticket: 'ticket',
    reopened: false,
    ...given,
  };
}

export function chat(order: number, given: Partial<ChatDelivered> = {}): ChatDelivered {
  return {
    type: 'chat',
    messageId: `r1:${order}`,
    order,
    roomId: 'r1',
    from: 'b',
    name: 'B',
    payload: `message ${order}`,
    sentAt: new Date(order * 1000).toISOString(),
    nonce: `n${order}`,
    ...given,
  };
}
