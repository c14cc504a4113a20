import { ChevronRight, CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';

import { t, type Explanation } from '../strings';

interface AlertProps {
  readonly tone: 'info' | 'warning' | 'danger';
  readonly explanation: Explanation;
  /** Shown in a fold, for whoever helps. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly children?: ReactNode;
}

const ICONS = { info: Info, warning: TriangleAlert, danger: CircleAlert };

/** What happened, what to do, and the means to do it. */
export function Alert({ tone, explanation, code, detail, children }: AlertProps) {
  const Icon = ICONS[tone];
  return (
    <div
      className={`alert alert-${tone}`}
      role={tone === 'danger' ? 'alert' : 'status'}
      data-testid={code ? 'error' : undefined}
      data-code={code}
    >
      <Icon size={18} aria-hidden="true" />
      <div className="alert-words">
        <p className="alert-title">{explanation.title}</p>
        <p>{explanation.advice}</p>
        {children && <div className="alert-actions">{children}</div>}
        {code && (
          <details className="fold">
            <summary>
              <ChevronRight size={14} aria-hidden="true" />
              {t.common.details}
            </summary>
            <p className="small">
              <code>{t.common.errorCode(code)}</code>
              {detail && ` · ${detail}`}
            </p>
          </details>
        )}
      </div>
    </div>
  );
}
