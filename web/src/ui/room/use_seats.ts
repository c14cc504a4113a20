import { useState } from 'react';

import { EMPTY, reseat, type Attendance } from '../layout/seats';

/** Everybody in the order of their places, which changes as little as it can. */
export function useSeats(attendance: Attendance): readonly string[] {
  const [seating, setSeating] = useState(EMPTY);
  const next = reseat(seating, attendance);
  if (next !== seating) setSeating(next);
  return next.order;
}
