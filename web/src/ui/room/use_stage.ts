import { useMemo, useState } from 'react';

import { LOCAL, type StreamSource } from '../../session/streams';
import {
  selectParticipantIds,
  selectPinned,
  selectSelfId,
  selectSharingIds,
  selectSpeakers,
  type StageLayout,
} from '../../store';
import { usePicture } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import type { Size } from '../layout/grid';
import { heardOf, largeAmong } from '../layout/spotlight';
import { arrange, onPage, shapeOf, type Corner, type Place, type Shape } from '../layout/stage';
import { useSeats } from './use_seats';
import { useSpotlight } from './use_spotlight';

/** The name of a screen's place; its owner has another. */
export const screenOf = (memberId: string): string => `screen:${memberId}`;

export interface StageView {
  readonly shape: Shape;
  readonly places: ReadonlyMap<string, Place>;
  /** The tile that is large; null: none is. */
  readonly large: string | null;
  readonly self: string | null;
  /** All others, in the order in which they came. */
  readonly others: readonly string[];
  /** Whose screens are shared, ourselves included. */
  readonly sharing: readonly string[];
  /** How many there are whom no page shows. */
  readonly more: number;
  readonly page: number;
  readonly turnTo: (page: number) => void;
}

interface LargeInput {
  readonly layout: StageLayout;
  readonly pinned: { readonly id: string; readonly source: StreamSource } | null;
  readonly shared: readonly string[];
  readonly others: readonly string[];
  /** Who was large last. */
  readonly last: string | null;
  readonly heard: readonly string[];
}

/** The tile that is large, if any, and the person whose it is unless it is a screen. */
function largeOf({ layout, pinned, shared, others, last, heard }: LargeInput) {
  if (pinned?.source === 'screen') return { large: screenOf(pinned.id), person: null };
  if (pinned) return { large: pinned.id, person: pinned.id };
  const [screen] = shared;
  if (screen !== undefined) return { large: screenOf(screen), person: null };
  const person = layout === 'grid' ? null : largeAmong(last, heard, others);
  return { large: person, person };
}

/** Who and what is on the stage, and where. */
export function useStage(container: Size, layout: StageLayout, corner: Corner): StageView {
  const self = useAppSelector(selectSelfId);
  const others = useAppSelector(selectParticipantIds);
  const shared = useAppSelector(selectSharingIds);
  const pinned = useAppSelector(selectPinned);
  const isSharing = usePicture(LOCAL, 'screen') !== null && self !== null;
  const spotlight = useSpotlight();
  const heard = heardOf(spotlight, useAppSelector(selectSpeakers));
  const [wishedPage, turnTo] = useState(0);

  const { person, large } = largeOf({
    layout,
    pinned,
    shared,
    others,
    last: spotlight.large,
    heard,
  });
  const sharing = useMemo(
    () => (isSharing ? [...shared, self] : shared),
    [isSharing, shared, self],
  );
  const screens = sharing.map(screenOf).filter((id) => id !== large);

  const people = others.length - (person === null ? 0 : 1);
  const shape = shapeOf({
    container,
    layout,
    hasLarge: large !== null,
    others: screens.length + people,
    hasSelf: self !== null,
  });
  const page = Math.min(wishedPage, shape.pages - 1);
  const order = useSeats({
    present: others,
    large: person,
    seats: Math.max(0, shape.seats - screens.length),
    // Whoever leafs through the pages wants to find them as they were.
    isLive: page === 0,
    heard,
  });
  const small = [...screens, ...order.filter((id) => id !== person)];
  const cast = { large, others: small, self, corner, page };
  const more = shape.pages > 1 ? 0 : small.length - onPage(shape, cast).length;
  return { shape, places: arrange(shape, cast), large, self, others, sharing, more, page, turnTo };
}
