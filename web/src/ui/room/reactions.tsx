import { Hand } from 'lucide-react';

import { react, REACTIONS, selectSignaling, toggleHand } from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Button } from '../parts/button';
import { useClosePopover } from '../parts/menu';
import { t } from '../strings';

const words = t.room.reactions;

/** What one can say without words, inside a popover. */
export function Reactions() {
  const dispatch = useAppDispatch();
  const close = useClosePopover();
  const isUp = useAppSelector((state) => (state.participants.localParticipant?.raisedAt ?? 0) > 0);
  return (
    <div className="reactions" role="group" aria-label={words.title}>
      <div className="reaction-row">
        {REACTIONS.map((reaction) => (
          <button
            key={reaction}
            type="button"
            className="reaction-button"
            aria-label={words.names[reaction]}
            title={words.names[reaction]}
            onClick={() => {
              close();
              dispatch(react(reaction));
            }}
          >
            {reaction}
          </button>
        ))}
      </div>
      <Button
        icon={Hand}
        data-testid="raise-hand"
        onClick={() => {
          close();
          dispatch(toggleHand());
        }}
      >
        {isUp ? t.room.hand.lower : t.room.hand.raise}
      </Button>
    </div>
  );
}

/** A member's reactions, on their way up over the picture. */
export function TileReactions({ id }: { readonly id: string }) {
  const shown = useAppSelector((state) => state.reactions.shown);
  const own = shown.filter(({ memberId }) => memberId === id);
  if (own.length === 0) return null;
  return (
    <div className="tile-reactions" aria-hidden="true">
      {own.map((one) => (
        <span key={one.id} className="tile-reaction" data-testid="reaction">
          {one.reaction}
        </span>
      ))}
    </div>
  );
}

/** Reads the latest reaction out. */
export function ReactionAnnouncer() {
  const latest = useAppSelector((state) => state.reactions.shown.at(-1));
  const { memberId } = useAppSelector(selectSignaling);
  const name = useAppSelector(
    (state) => state.participants.list.find(({ id }) => id === latest?.memberId)?.name,
  );
  return (
    <p className="visually-hidden" role="status" data-testid="reaction-announcer">
      {latest && announcement(words.names[latest.reaction], latest.memberId === memberId, name)}
    </p>
  );
}

function announcement(reaction: string, isOwn: boolean, name: string | undefined): string {
  return isOwn ? words.announceOwn(reaction) : words.announce(name || t.common.nobody, reaction);
}
