import { useCallback, useId, useRef, useState } from 'react';

import type { PictureLimit } from '../../session/media_session';
import type { PeerStatistics } from '../../session/statistics';
import { useLeave } from '../hooks/use_browser';
import { t } from '../strings';
import { sectionsOf, type Quality, type Verdict } from './figures';

const LIT: Record<Quality, number> = { good: 3, fair: 2, weak: 1, lost: 0 };

/** Three bars, of which some are lit. */
function Bars({ lit }: { readonly lit: number }) {
  return (
    <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={3 + bar * 5}
          y={12 - bar * 4.5}
          width="3.5"
          height={5 + bar * 4.5}
          rx="1.25"
          fill="currentColor"
          opacity={bar < lit ? 1 : 0.3}
        />
      ))}
    </svg>
  );
}

interface FiguresProps {
  readonly stats: PeerStatistics | null;
  readonly mode: 'mesh' | 'sfu';
  /** Of their camera's picture. */
  readonly limit: PictureLimit | null;
}

interface SignalBadgeProps extends FiguresProps {
  readonly name: string;
  readonly verdict: Verdict;
}

/** Signal bars with the figures and the reason behind them, on hover, focus or tap. */
export function SignalBadge({ name, verdict, ...figures }: SignalBadgeProps) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const close = useCallback(() => setOpen(false), []);
  useLeave(root, open, close);
  return (
    <div
      className="signal"
      ref={root}
      onPointerEnter={(event) => {
        if (event.pointerType === 'mouse') setOpen(true);
      }}
      onPointerLeave={(event) => {
        if (event.pointerType === 'mouse') setOpen(false);
      }}
    >
      <button
        type="button"
        className="signal-button"
        data-quality={verdict.quality}
        aria-label={t.room.tile.signal(t.room.quality[verdict.quality])}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !open) return;
          event.stopPropagation();
          close();
        }}
      >
        <span className="signal-chip">
          <Bars lit={LIT[verdict.quality]} />
        </span>
      </button>
      {open && (
        <div className="popover signal-figures" id={id}>
          <h2>{t.room.connectionOf(name)}</h2>
          <p>{t.room.qualityReason[verdict.reason]}</p>
          <Figures {...figures} />
        </div>
      )}
    </div>
  );
}

/** Figures about the way between us and somebody, a list for each end of it. */
export function Figures({ stats, mode, limit }: FiguresProps) {
  return sectionsOf(stats, mode, limit).map(({ title, figures }) => (
    <section key={title} className="figure-section">
      <h3>{title}</h3>
      <dl className="figures">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  ));
}
