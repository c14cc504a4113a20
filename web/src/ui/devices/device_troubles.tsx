import { RotateCw } from 'lucide-react';

import type { DeviceKind } from '../../media/outcome';
import { toggleAudio, toggleVideo } from '../../store';
import { useCapture, useServices } from '../hooks/use_services';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Alert } from '../parts/alert';
import { Button } from '../parts/button';
import { t } from '../strings';
import { troubles } from './problems';

/** Asks once more for devices, and means them to be on. */
function useTryAgain(): (wanted: readonly DeviceKind[]) => void {
  const { capture } = useServices();
  const dispatch = useAppDispatch();
  const { audioEnabled, videoEnabled } = useAppSelector((state) => state.rtcConnection);
  return (wanted) => {
    if (wanted.includes('microphone') && !audioEnabled) dispatch(toggleAudio());
    if (wanted.includes('camera') && !videoEnabled) dispatch(toggleVideo());
    void capture.acquire(wanted);
  };
}

/** Every outcome of asking for devices has its sentence and a way on. */
export function DeviceTroubles() {
  const state = useCapture();
  const tryAgain = useTryAgain();
  return troubles(state).map(({ key, code, explanation, wanted }) => (
    <Alert key={key} tone="warning" explanation={explanation} code={code}>
      {code !== 'insecure' && code !== 'unsupported' && (
        <Button icon={RotateCw} onClick={() => tryAgain(wanted)}>
          {t.common.retry}
        </Button>
      )}
    </Alert>
  ));
}
