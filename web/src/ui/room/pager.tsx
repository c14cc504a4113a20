import { ChevronLeft, ChevronRight } from 'lucide-react';

import type { Rect } from '../layout/grid';
import { IconButton } from '../parts/button';
import { t } from '../strings';
import { styleOf } from './tile';
import type { StageView } from './use_stage';

const words = t.room.pages;

interface PagerProps {
  readonly stage: StageView;
  readonly place: Rect;
}

/** Turns the pages of a crowd. */
export function Pager({ stage, place }: PagerProps) {
  const { page, turnTo, shape } = stage;
  return (
    <div
      className="pager"
      role="group"
      aria-label={words.label}
      style={styleOf(place)}
      data-upright={place.height > place.width}
      data-testid="pager"
    >
      <IconButton
        label={words.back}
        icon={ChevronLeft}
        disabled={page === 0}
        data-testid="previous-page"
        onClick={() => turnTo(page - 1)}
      />
      <p role="status" aria-label={words.place(page + 1, shape.pages)}>
        {words.short(page + 1, shape.pages)}
      </p>
      <IconButton
        label={words.next}
        icon={ChevronRight}
        disabled={page === shape.pages - 1}
        data-testid="next-page"
        onClick={() => turnTo(page + 1)}
      />
    </div>
  );
}

interface MoreProps {
  readonly count: number;
  /** The large tile's place, over which it stands. */
  readonly place: Rect;
  readonly onOpen: () => void;
}

/** That there are others, and the way to them. */
export function More({ count, place, onOpen }: MoreProps) {
  return (
    <button
      type="button"
      className="more-people"
      style={{ left: place.x + place.width / 2, top: place.y + 8 }}
      data-testid="more-people"
      onClick={onOpen}
    >
      {words.more(count)}
    </button>
  );
}
