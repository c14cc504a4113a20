/** How each of our tracks is encoded for a server that forwards it. */

import type { types } from 'mediasoup-client';

import { FORWARDED, layersFor, MOST_SIZES } from '../media/ladder';
import type { LocalTracks } from '../session/media_session';

export type Slot = keyof LocalTracks;

/** VP8 and H.264 are sent in several sizes, VP9 in layers of one stream, AV1 in one size. */
export type Codec = 'vp8' | 'vp9' | 'h264' | 'av1';

const CODECS: readonly string[] = ['vp8', 'vp9', 'h264', 'av1'] satisfies Codec[];

/** The codec that an address asks for (`?codec=vp9`), for tests and the curious; VP8 unless told. */
export function codecFrom(search: string): Codec {
  const wanted = new URLSearchParams(search).get('codec')?.toLowerCase() ?? '';
  return CODECS.includes(wanted) ? (wanted as Codec) : 'vp8';
}

export type Encoding = Required<Pick<types.ProducerOptions, 'encodings'>> &
  Pick<types.ProducerOptions, 'codec' | 'codecOptions'>;

/** What `transport.produce` is told besides the track. */
export function encodingFor(
  slot: Slot,
  track: MediaStreamTrack,
  wish: { readonly codec: Codec; readonly capabilities: types.RtpCapabilities },
): Encoding {
  if (slot === 'microphone') return SPEECH;
  if (slot === 'screenAudio') return SOUND;
  const codec = find(wish.capabilities, wish.codec) ?? find(wish.capabilities, 'vp8');
  const name = codec ? nameOf(codec) : 'vp8';
  const encodings = slot === 'screen' ? SCREEN : camera(name, track.getSettings());
  return { encodings, ...(codec ? { codec } : {}) };
}

/** Whether a producer can go over to other encodings; else it has to be made anew. */
export function canBecome(one: Encoding, other: Encoding): boolean {
  const shape = ({ encodings }: Encoding) =>
    encodings.map(({ scalabilityMode }) => scalabilityMode ?? '').join();
  return one.codec?.mimeType === other.codec?.mimeType && shape(one) === shape(other);
}

/** The same with only the `layers` lowest in use: nobody looks at the others; null: with all of them. */
export function withLayers(encoding: Encoding, layers: number | null): Encoding {
  if (layers === null) return encoding;
  const encodings = encoding.encodings.map((one, index) =>
    index < layers ? one : { ...one, active: false },
  );
  return { ...encoding, encodings };
}

const SPEECH: Encoding = {
  encodings: [{ maxBitrate: FORWARDED.audioBitrate, dtx: true }],
  codecOptions: { opusDtx: true, opusFec: true, opusNack: true },
};

const SOUND: Encoding = {
  encodings: [{ maxBitrate: 2 * FORWARDED.audioBitrate }],
  codecOptions: { opusStereo: true, opusFec: true, opusDtx: false, opusNack: true },
};

const SCREEN: types.RtpEncodingParameters[] = [
  {
    maxBitrate: FORWARDED.screen.maxBitrate,
    maxFramerate: FORWARDED.screen.framesPerSecond,
    scalabilityMode: 'L1T3',
  },
];

function camera(codec: string, size: MediaTrackSettings): types.RtpEncodingParameters[] {
  const layers = layersFor(size);
  const maxFramerate = FORWARDED.camera.framesPerSecond;
  const maxBitrate = layers.at(-1)?.maxBitrate ?? FORWARDED.camera.maxBitrate;
  if (codec === 'av1') return [{ maxBitrate, maxFramerate, scalabilityMode: 'L1T3' }];
  if (codec === 'vp9') {
    const scalabilityMode = layers.length > 1 ? `L${layers.length}T3_KEY` : 'L1T3';
    return [{ maxBitrate, maxFramerate, scalabilityMode }];
  }
  // A small picture leaves the rest idle: it may grow, and nothing has to be published anew.
  const idle = { scaleResolutionDownBy: 1, maxBitrate: FORWARDED.camera.maxBitrate };
  return Array.from({ length: MOST_SIZES }, (_, index) => ({
    ...(layers[index] ?? idle),
    active: index < layers.length,
    maxFramerate,
    scalabilityMode: 'L1T3',
  }));
}

function find(
  { codecs = [] }: types.RtpCapabilities,
  wanted: Codec,
): types.RtpCodecCapability | undefined {
  return codecs.find((codec) => nameOf(codec) === wanted);
}

function nameOf({ mimeType }: types.RtpCodecCapability): string {
  return mimeType.toLowerCase().replace('video/', '');
}
