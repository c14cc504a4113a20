import type { ReactNode } from 'react';

import type { Failure } from '../../store';
import { Alert } from './alert';
import { explain } from './failure';

interface FailureAlertProps {
  readonly failure: Failure | null;
  readonly children?: ReactNode;
}

/** Why something did not work, with the server's code in a fold. */
export function FailureAlert({ failure, children }: FailureAlertProps) {
  if (!failure) return null;
  const { code, message } = failure;
  return (
    <Alert tone="danger" explanation={explain(failure)} code={code} detail={message}>
      {children}
    </Alert>
  );
}
