import { useCallback } from 'react';

import {
  selectCurrentRoom,
  selectHasSfu,
  selectModerates,
  selectSignaling,
  type HandOver,
} from '../../store';
import { useNow } from '../hooks/use_browser';
import { useAppSelector } from '../hooks/use_store';
import { t } from '../strings';
import { handOverWords, pinWords, reasonWords } from './course_words';
import { ModeChoice } from './mode_choice';

const words = t.course;

/** Why media travels the way it does, what holds it there, and what the host can do about it. */
export function CourseDetails() {
  const room = useAppSelector(selectCurrentRoom);
  const { moving, lastHandOver } = useAppSelector((state) => state.room);
  const canDecide = useAppSelector((state) => selectModerates(state) && selectHasSfu(state));
  const nameOf = useNames();
  if (!room) return null;
  const { reason, prewarm, pins, unreachable } = room;
  return (
    <section className="course" data-testid="course">
      <h2>{words.title}</h2>
      <p className="muted">{reasonWords(reason)}</p>
      {moving && <p className="muted">{words.moving(words.ways[moving.mode])}</p>}
      {prewarm && <p className="muted">{words.prewarm}</p>}
      {pins.map((pin) => (
        <p key={`${pin.reason} ${pin.member ?? ''}`} className="muted">
          {pinWords(pin, nameOf)}
        </p>
      ))}
      {unreachable.length > 0 && (
        <p className="muted">
          {words.unreachable(unreachable.map((id) => nameOf(id) ?? words.you))}
        </p>
      )}
      {lastHandOver && <LastHandOver handOver={lastHandOver} />}
      {canDecide && <ModeChoice />}
    </section>
  );
}

/** Members by name; null for ourselves. */
function useNames(): (id: string) => string | null {
  const { memberId } = useAppSelector(selectSignaling);
  const people = useAppSelector((state) => state.participants.list);
  return useCallback(
    (id) => {
      if (id === memberId) return null;
      return people.find((one) => one.id === id)?.name || words.somebody;
    },
    [memberId, people],
  );
}

function LastHandOver({ handOver }: { readonly handOver: HandOver }) {
  const now = useNow(1_000);
  return (
    <p className="muted" data-testid="last-hand-over">
      {handOverWords(handOver, now)}
    </p>
  );
}
