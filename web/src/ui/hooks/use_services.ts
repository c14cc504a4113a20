import { createContext, use, useCallback, useSyncExternalStore } from 'react';

import type { CaptureState } from '../../media/capture_state';
import type { Services } from '../../session/services';
import type { StreamSource } from '../../session/streams';
import { selectDominantSpeaker } from '../../store';
import { useAppSelector } from './use_store';

export const ServicesContext = createContext<Services | null>(null);

export function useServices(): Services {
  const services = use(ServicesContext);
  if (!services) throw new Error('ServicesContext is missing above this component');
  return services;
}

/** What a member shows, as long as it shows something. */
export function usePicture(streamId: string, source: StreamSource): MediaStream | null {
  const { streams } = useServices();
  const subscribe = useStreamChanges(streamId, source);
  return useSyncExternalStore(subscribe, () => streams.picture(streamId, source));
}

/** A member's sound, in one stream for as long as there is one. */
export function useSound(streamId: string, source: StreamSource): MediaStream | null {
  const { streams } = useServices();
  const subscribe = useStreamChanges(streamId, source);
  return useSyncExternalStore(subscribe, () => streams.sound(streamId, source));
}

function useStreamChanges(streamId: string, source: StreamSource) {
  const { streams } = useServices();
  return useCallback(
    (listener: () => void) => streams.subscribe(streamId, source, listener),
    [streams, streamId, source],
  );
}

/** Our own devices and what became of them. */
export function useCapture(): CaptureState {
  const { capture } = useServices();
  const subscribe = useCallback((listener: () => void) => capture.subscribe(listener), [capture]);
  return useSyncExternalStore(subscribe, () => capture.getState());
}

export function useSpeaking(streamId: string): boolean {
  const { levels } = useServices();
  const subscribe = useCallback(
    (listener: () => void) => levels.subscribeSpeaking(listener),
    [levels],
  );
  return useSyncExternalStore(subscribe, () => levels.speaking(streamId));
}

/** Who has the floor and uses it; never ourselves. */
export function useFloor(): string | null {
  const dominant = useAppSelector(selectDominantSpeaker);
  const speaks = useSpeaking(dominant ?? '');
  return speaks ? dominant : null;
}

/** A level in whole steps from 0 to `steps`: renders only when a step is crossed. */
export function useLevelStep(streamId: string, steps: number): number {
  const { levels } = useServices();
  const subscribe = useCallback(
    (listener: () => void) => levels.subscribeLevel(streamId, listener),
    [levels, streamId],
  );
  return useSyncExternalStore(subscribe, () => Math.round(levels.level(streamId) * steps));
}
