/** Which ways to others a connection may take, from the address of the page: for engineers and tests. */

/** `?ice=relay`: through a TURN server or not at all; else whatever is found. */
export function icePolicyFrom(search: string): RTCIceTransportPolicy {
  const wanted = new URLSearchParams(search).get('ice')?.toLowerCase();
  return wanted === 'relay' ? 'relay' : 'all';
}
