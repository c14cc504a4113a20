/** Whether a TURN server would pass on our media, by each of its addresses. */

import type { IceServer } from '../signaling/protocol';
import type { RelayFact, RelayProtocol } from './report';

/** One address of a TURN server, with what it takes to be let in. */
export interface RelayAddress {
  readonly url: string;
  readonly protocol: RelayProtocol;
  readonly server: RTCIceServer;
}

/** Errors of a TURN server that has answered: 300 to 699 (RFC 8489 §14.8); 701 is the browser's. */
const BROWSERS_OWN = 701;

/** TURN servers' addresses (RFC 7065); what is no TURN address is left out. */
export function relayAddresses(servers: readonly IceServer[]): RelayAddress[] {
  return servers.flatMap(({ urls, ...access }) =>
    urls.flatMap((url) => {
      const protocol = protocolOf(url);
      return protocol ? [{ url, protocol, server: { ...access, urls: [url] } }] : [];
    }),
  );
}

function protocolOf(url: string): RelayProtocol | null {
  if (/^turns:/i.test(url)) return 'tls';
  if (!/^turn:/i.test(url)) return null;
  return /[?&]transport=tcp\b/i.test(url) ? 'tcp' : 'udp';
}

export type ConnectionFactory = (configuration: RTCConfiguration) => RTCPeerConnection;

/** Asks for an allocation, and gives it back at once. */
export async function probeRelay(
  address: RelayAddress,
  create: ConnectionFactory,
  patience: number,
): Promise<RelayFact> {
  const { url, protocol, server } = address;
  let connection: RTCPeerConnection;
  try {
    connection = create({ iceServers: [server], iceTransportPolicy: 'relay' });
  } catch {
    return { url, protocol, outcome: 'refused' }; // an address that the browser does not take
  }
  try {
    return { url, protocol, outcome: await allocation(connection, patience) };
  } finally {
    connection.close();
  }
}

async function allocation(
  connection: RTCPeerConnection,
  patience: number,
): Promise<RelayFact['outcome']> {
  let isRefused = false;
  const outcome = new Promise<RelayFact['outcome']>((resolve) => {
    const failed = () => resolve(isRefused ? 'refused' : 'blocked');
    const timer = setTimeout(failed, patience);
    const settle = (step: () => void) => {
      clearTimeout(timer);
      step();
    };
    connection.addEventListener('icecandidateerror', ({ errorCode }) => {
      isRefused ||= errorCode < BROWSERS_OWN;
    });
    connection.addEventListener('icecandidate', ({ candidate }) => {
      if (candidate?.type === 'relay') settle(() => resolve('works'));
    });
    connection.addEventListener('icegatheringstatechange', () => {
      if (connection.iceGatheringState === 'complete') settle(failed);
    });
  });
  connection.createDataChannel('check');
  await connection.setLocalDescription(await connection.createOffer());
  return outcome;
}
