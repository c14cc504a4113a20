import { Info, TriangleAlert, X } from 'lucide-react';

import { IconButton } from '../parts/button';
import { t } from '../strings';

interface HintProps {
  readonly text: string;
  readonly tone?: 'info' | 'warning';
  readonly testId: string;
  readonly onClose: () => void;
}

/** Something to know as long as it lasts, or until one has read it. */
export function Hint({ text, tone = 'info', testId, onClose }: HintProps) {
  const Icon = tone === 'info' ? Info : TriangleAlert;
  return (
    <div className="notice notice-hint" role="status" data-testid={testId} data-tone={tone}>
      <Icon size={18} aria-hidden="true" />
      <p>{text}</p>
      <IconButton label={t.common.dismiss} icon={X} onClick={onClose} />
    </div>
  );
}
