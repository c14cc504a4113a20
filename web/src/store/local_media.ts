/** Our own devices, between the switches in the store and what the others get. */

import type { DeviceKind } from '../media/outcome';
import { LevelMeter } from '../media/level_meter';
import { LOCAL } from '../session/streams';
import type { Backstage, StoreApi } from './backstage';
import type { Call } from './call/call';
import { addNotification } from './slices/dashboard';
import { setMedia } from './slices/rtc_connection';

export class LocalMedia {
  readonly #backstage: Backstage;
  readonly #call: Call;
  readonly #api: StoreApi;
  readonly #meter: LevelMeter;
  #published: unknown = null;

  constructor(backstage: Backstage, call: Call, api: StoreApi) {
    this.#backstage = backstage;
    this.#call = call;
    this.#api = api;
    this.#meter = new LevelMeter(
      () => new AudioContext(),
      (level) => backstage.levels.set(LOCAL, level, performance.now()),
    );
    backstage.capture.subscribe(() => this.#follow());
  }

  want(kind: DeviceKind, on: boolean): void {
    void this.#backstage.capture.setWanted(kind, on);
  }

  shareScreen(on: boolean): void {
    void this.#backstage.capture.setScreenSharing(on);
  }

  /** We may not publish: nothing is asked for, and what is on goes off. */
  listenOnly(): void {
    this.want('microphone', false);
    this.want('camera', false);
    this.#backstage.capture.stop();
    this.#syncSwitches();
  }

  /** In a call: whatever is wanted and not there yet is asked for now. */
  enter(): void {
    this.#call.publish(this.#backstage.capture.tracks);
    void this.#backstage.capture.acquire();
  }

  /** Out of it: the lights go out. */
  leave(): void {
    if (!this.#api.getState().room.currentRoom) this.#backstage.capture.stop();
  }

  #follow(): void {
    const { capture } = this.#backstage;
    // Another object also where a track was muted, or captures in another size.
    if (this.#published !== capture.tracks) {
      this.#published = capture.tracks;
      this.#show();
      this.#call.publish(capture.tracks);
    }
    this.#syncSwitches();
  }

  /** The previews, and the meter. Our own sound is never played back. */
  #show(): void {
    const { capture, streams } = this.#backstage;
    const { camera, screen, microphone } = capture.tracks;
    for (const [source, track] of [
      ['camera', camera],
      ['screen', screen],
    ] as const) {
      const shown = streams.picture(LOCAL, source)?.getVideoTracks()[0] ?? null;
      if (shown !== track) streams.set(LOCAL, source, track && new MediaStream([track]));
    }
    this.#meter.measure(microphone);
  }

  /** A device that is not to be had is not on, whatever was wished. */
  #syncSwitches(): void {
    const { dispatch, getState } = this.#api;
    const { capture } = this.#backstage;
    const now = getState().rtcConnection;
    const { screen } = capture.getState();
    const next = {
      audioEnabled: capture.isEnabled('microphone'),
      videoEnabled: capture.isEnabled('camera'),
      screenSharing: screen.status === 'live' || screen.status === 'asking',
    };
    if (now.screenSharing && screen.status === 'failed' && screen.problem !== 'dismissed') {
      const reason = screen.problem ?? 'failed';
      dispatch(addNotification({ code: 'screen-failed', tone: 'warning', values: { reason } }));
    }
    const changed =
      next.audioEnabled !== now.audioEnabled ||
      next.videoEnabled !== now.videoEnabled ||
      next.screenSharing !== now.screenSharing;
    if (changed) dispatch(setMedia(next));
  }
}
