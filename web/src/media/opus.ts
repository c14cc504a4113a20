/** What we ask the senders of speech for, said in the format parameters of Opus (RFC 7587 §6.1). */

const WANTED: Readonly<Record<string, string>> = {
  minptime: '10',
  useinbandfec: '1',
  // Silence costs nothing: what a mesh of listeners mostly sends.
  usedtx: '1',
};

/**
 * A description in which every Opus asks for in-band error correction and discontinuous
 * transmission; other parameters stay. Descriptions without Opus come back as they are.
 */
export function askForFrugalOpus(sdp: string): string {
  const payloads = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map((found) => found[1]);
  return payloads.reduce<string>((text, payload) => withParameters(text, String(payload)), sdp);
}

function withParameters(sdp: string, payload: string): string {
  const line = new RegExp(`^a=fmtp:${payload} ([^\\r\\n]*)`, 'm');
  const given = line.exec(sdp)?.[1];
  if (given !== undefined) return sdp.replace(line, () => `a=fmtp:${payload} ${merge(given)}`);
  const rtpmap = new RegExp(`^(a=rtpmap:${payload} [^\\r\\n]*)(\\r?\\n)`, 'm');
  return sdp.replace(
    rtpmap,
    (_all, map: string, end: string) => `${map}${end}a=fmtp:${payload} ${merge('')}${end}`,
  );
}

function merge(given: string): string {
  const parameters = new Map<string, string>();
  for (const part of given.split(';')) {
    const [name = '', ...value] = part.trim().split('=');
    if (name) parameters.set(name, value.join('='));
  }
  for (const [name, value] of Object.entries(WANTED)) parameters.set(name, value);
  return [...parameters].map(([name, value]) => `${name}=${value}`).join(';');
}
