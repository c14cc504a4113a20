import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  RotateCw,
  type LucideIcon,
} from 'lucide-react';
import { useEffect } from 'react';

import { verdictOf, type Grade, type Verdict } from '../../check/verdict';
import { navigateTo } from '../../store';
import { useTitle } from '../hooks/use_browser';
import { useAppDispatch } from '../hooks/use_store';
import { Brand } from '../parts/brand';
import { Button, Spinner } from '../parts/button';
import { ThemeToggle } from '../parts/theme';
import { t } from '../strings';
import { useCheck } from './check_context';
import { rowsOf, type Row } from './rows';

/** What stands between this browser and a call, found out before it matters. */
export function CheckPage() {
  const dispatch = useAppDispatch();
  const [check, report] = useCheck();
  useTitle(t.check.title);
  useEffect(() => () => check.stop(), [check]);
  const verdict = verdictOf(report);
  const hasBegun = report.isRunning || report.server.status !== 'waiting';
  return (
    <div className="page">
      <header className="page-head">
        <Brand onHome={() => dispatch(navigateTo({ page: 'dashboard' }))} />
        <ThemeToggle />
      </header>
      <main className="check">
        <div className="check-head">
          <h1>{t.check.title}</h1>
          <p className="muted">{t.check.pitch}</p>
        </div>
        <div role="status" className="check-verdict-place">
          {verdict && <VerdictCard verdict={verdict} />}
        </div>
        {hasBegun && (
          <ul className="check-rows card" aria-busy={report.isRunning}>
            {rowsOf(report).map((row) => (
              <CheckRow key={row.id} row={row} />
            ))}
          </ul>
        )}
        <div className="check-actions">
          <Button
            variant="primary"
            large
            busy={report.isRunning}
            icon={hasBegun ? RotateCw : undefined}
            data-testid="start-check"
            onClick={() => void check.run()}
          >
            {report.isRunning ? t.check.running : hasBegun ? t.check.again : t.check.start}
          </Button>
          {!hasBegun && <p className="muted small">{t.check.permission}</p>}
        </div>
      </main>
    </div>
  );
}

const TONES: Record<Verdict, Grade> = {
  'no-server': 'bad',
  blocked: 'bad',
  'relay-only': 'weak',
  'tcp-only': 'weak',
  'no-rate': 'bad',
  'little-rate': 'weak',
  devices: 'weak',
  untested: 'good',
  good: 'good',
};

function VerdictCard({ verdict }: { readonly verdict: Verdict }) {
  const { title, advice } = t.check.verdicts[verdict];
  const Icon = ICONS[TONES[verdict]];
  return (
    <section
      className="check-verdict"
      data-tone={TONES[verdict]}
      data-testid="verdict"
      data-verdict={verdict}
    >
      <Icon size={24} aria-hidden="true" />
      <div>
        <h2>{title}</h2>
        <p>{advice}</p>
      </div>
    </section>
  );
}

const ICONS: Record<Grade, LucideIcon> = {
  good: CircleCheck,
  weak: CircleAlert,
  bad: CircleX,
  unknown: CircleDashed,
};

function CheckRow({ row: { id, label, status, words } }: { readonly row: Row }) {
  return (
    <li className="check-row" data-testid={`check-${id}`} data-status={status}>
      <span className="check-icon">
        <StatusIcon status={status} />
      </span>
      <span className="check-label">{label}</span>
      <span className="check-words">{words || stateWords(status)}</span>
    </li>
  );
}

function StatusIcon({ status }: { readonly status: Row['status'] }) {
  if (status === 'running') return <Spinner size={20} />;
  const grade = status === 'waiting' ? 'unknown' : status;
  const Icon = ICONS[grade];
  const label = status === 'waiting' ? t.check.state.waiting : t.check.grades[grade];
  return <Icon size={20} role="img" aria-label={label} />;
}

function stateWords(status: Row['status']): string {
  return status === 'running' || status === 'waiting' ? t.check.state[status] : '';
}
