/**
 * What we send on one connection: a transceiver for microphone and camera each, made with the
 * first offer and kept for life, so that switching, muting and changing devices only replace
 * tracks. Screens get theirs when first shared.
 *
 * Both sides agree on what is what by place: the first audio and video are microphone and camera,
 * anything after them belongs to a screen.
 */

import { scaleDown, type Profile, type VideoProfile } from '../media/ladder';
import type { LocalTracks } from '../session/media_session';

type Slot = keyof LocalTracks;

const KIND: Readonly<Record<Slot, 'audio' | 'video'>> = {
  microphone: 'audio',
  camera: 'video',
  screenAudio: 'audio',
  screen: 'video',
};
const SLOTS: readonly Slot[] = ['microphone', 'camera', 'screenAudio', 'screen'];

export class Senders {
  readonly #connection: RTCPeerConnection;
  readonly #stream = new MediaStream();
  readonly #screenStream = new MediaStream();
  readonly #slots = new Map<Slot, RTCRtpTransceiver>();
  /** Whether media sections exist, ours or theirs; until then tracks only wait. */
  #ready = false;
  #tracks: LocalTracks;
  #profile: Profile;

  constructor(connection: RTCPeerConnection, tracks: LocalTracks, profile: Profile) {
    this.#connection = connection;
    this.#tracks = tracks;
    this.#profile = profile;
  }

  /** We make the first offer: it has room for both of us to speak and be seen. */
  open(): void {
    if (this.#ready) return;
    this.#ready = true;
    for (const slot of ['microphone', 'camera'] as const) this.#add(slot);
    this.set(this.#tracks);
  }

  /** They made an offer that is in force now: takes the places it has for us. */
  adopt(): void {
    this.#ready = true;
    const taken = new Set(this.#slots.values());
    for (const slot of ['microphone', 'camera'] as const) {
      if (this.#slots.has(slot)) continue;
      const place = this.#connection
        .getTransceivers()
        .find((one) => kindOf(one) === KIND[slot] && one.mid !== null && !taken.has(one));
      if (!place) continue;
      this.#slots.set(slot, place);
      place.direction = 'sendrecv';
      place.sender.setStreams(this.#stream);
    }
    this.set(this.#tracks);
  }

  set(tracks: LocalTracks): void {
    this.#tracks = tracks;
    if (!this.#ready) return;
    for (const slot of SLOTS) this.#fill(slot, tracks[slot]);
    this.fit(this.#profile);
  }

  /** Whether a transceiver carries their microphone or camera, and not a screen. */
  isPerson(transceiver: RTCRtpTransceiver): boolean {
    const kind = kindOf(transceiver);
    return this.#connection.getTransceivers().find((one) => kindOf(one) === kind) === transceiver;
  }

  /** Sends no more than the profile allows. */
  fit(profile: Profile): void {
    this.#profile = profile;
    const { camera, screen, audioBitrate } = profile;
    this.#limit('microphone', { maxBitrate: audioBitrate });
    this.#limit('screenAudio', { maxBitrate: 2 * audioBitrate });
    this.#limit('camera', encodingOf(camera, this.#tracks.camera), 'balanced');
    this.#limit('screen', encodingOf(screen, this.#tracks.screen), 'maintain-resolution');
  }

  #fill(slot: Slot, track: MediaStreamTrack | null): void {
    const transceiver = this.#slots.get(slot) ?? (track ? this.#add(slot) : undefined);
    if (!transceiver || transceiver.direction === 'stopped') return;
    if (track && !/^send/.test(transceiver.direction)) transceiver.direction = 'sendrecv';
    if (transceiver.sender.track === track) return;
    // Rejected only by a connection that is closed already.
    transceiver.sender.replaceTrack(track).then(() => this.fit(this.#profile), ignore);
  }

  #add(slot: Slot): RTCRtpTransceiver {
    const isScreen = slot.startsWith('screen');
    const transceiver =
      (isScreen ? this.#theirScreen(slot) : undefined) ??
      this.#connection.addTransceiver(KIND[slot], {
        direction: 'sendrecv',
        streams: [isScreen ? this.#screenStream : this.#stream],
      });
    this.#slots.set(slot, transceiver);
    return transceiver;
  }

  /** A place that the other side made for its screen serves for ours as well. */
  #theirScreen(slot: Slot): RTCRtpTransceiver | undefined {
    const taken = new Set(this.#slots.values());
    return this.#connection
      .getTransceivers()
      .find(
        (one) =>
          kindOf(one) === KIND[slot] &&
          one.mid !== null &&
          one.direction !== 'stopped' &&
          !taken.has(one) &&
          !this.isPerson(one),
      );
  }

  #limit(
    slot: Slot,
    limits: RTCRtpEncodingParameters,
    preference?: RTCDegradationPreference,
  ): void {
    const transceiver = this.#slots.get(slot);
    if (!transceiver?.sender.track) return;
    const parameters = transceiver.sender.getParameters();
    const [encoding] = parameters.encodings;
    if (!encoding || isWithin(encoding, limits)) return;
    Object.assign(encoding, limits);
    if (preference) parameters.degradationPreference = preference;
    // Refused in the middle of a negotiation; the next round fits again.
    transceiver.sender.setParameters(parameters).catch(ignore);
  }
}

function encodingOf(
  profile: VideoProfile,
  track: MediaStreamTrack | null,
): RTCRtpEncodingParameters {
  return {
    maxBitrate: profile.maxBitrate,
    maxFramerate: profile.framesPerSecond,
    scaleResolutionDownBy: scaleDown(track?.getSettings().height, profile),
  };
}

function isWithin(encoding: RTCRtpEncodingParameters, limits: RTCRtpEncodingParameters): boolean {
  return Object.entries(limits).every(
    ([name, value]) => encoding[name as keyof RTCRtpEncodingParameters] === value,
  );
}

function kindOf({ receiver }: RTCRtpTransceiver): string {
  return receiver.track.kind;
}

function ignore(): void {
  // Nothing to be done, and nothing lost.
}
