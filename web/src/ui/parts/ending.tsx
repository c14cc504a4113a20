import type { LucideIcon } from 'lucide-react';
import { useEffect, useRef } from 'react';

import type { Explanation } from '../strings';
import { Mark } from './brand';
import { Button } from './button';

interface Action {
  readonly label: string;
  readonly run: () => void;
  readonly icon?: LucideIcon;
  readonly testId?: string;
}

interface EndingProps {
  readonly explanation: Explanation;
  /** The server's code, where it is an error. */
  readonly code?: string;
  /** The first is the one most people want. */
  readonly actions: readonly Action[];
}

/** A whole page for one sentence and the ways on from it. */
export function Ending({ explanation, code, actions }: EndingProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="page">
      <main
        className="ending"
        data-testid={code === undefined ? 'ending' : 'error'}
        data-code={code}
      >
        <Mark size={44} />
        <h1 ref={heading} tabIndex={-1}>
          {explanation.title}
        </h1>
        <p className="muted">{explanation.advice}</p>
        <div className="ending-actions">
          {actions.map(({ label, run, icon, testId }, index) => (
            <Button
              key={label}
              variant={index === 0 ? 'primary' : 'secondary'}
              icon={icon}
              data-testid={testId}
              onClick={run}
            >
              {label}
            </Button>
          ))}
        </div>
      </main>
    </div>
  );
}
