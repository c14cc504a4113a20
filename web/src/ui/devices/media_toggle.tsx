import { Mic, MicOff, Video as VideoIcon, VideoOff } from 'lucide-react';
import { useId } from 'react';

import type { SourceState } from '../../media/capture_state';
import { toggleAudio, toggleVideo } from '../../store';
import { useCapture } from '../hooks/use_services';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { Spinner } from '../parts/button';
import { t } from '../strings';

interface ToggleProps {
  readonly on: boolean;
  readonly source: SourceState;
  readonly label: string;
  readonly tip: string;
  readonly testId: string;
  readonly icons: { readonly on: typeof Mic; readonly off: typeof Mic };
  readonly trouble: string | null;
  readonly onToggle: () => void;
}

function Toggle({ on, source, label, tip, testId, icons, trouble, onToggle }: ToggleProps) {
  const Icon = on ? icons.on : icons.off;
  const id = useId();
  return (
    <button
      type="button"
      className={`round-button ${on ? '' : 'round-button-off'}`}
      aria-label={label}
      aria-pressed={on}
      aria-describedby={trouble === null ? undefined : id}
      data-tip={tip}
      data-testid={testId}
      onClick={onToggle}
    >
      {source.status === 'asking' ? <Spinner size={22} /> : <Icon size={22} aria-hidden="true" />}
      {trouble !== null && (
        <>
          <span className="round-button-mark" aria-hidden="true">
            !
          </span>
          <span className="visually-hidden" id={id}>
            {trouble}
          </span>
        </>
      )}
    </button>
  );
}

export function MicrophoneToggle() {
  const dispatch = useAppDispatch();
  const on = useAppSelector((state) => state.rtcConnection.audioEnabled);
  const { microphone } = useCapture();
  const words = t.room.controls;
  return (
    <Toggle
      on={on}
      source={microphone}
      label={words.microphone}
      tip={on ? words.mute : words.unmute}
      testId="toggle-microphone"
      icons={{ on: Mic, off: MicOff }}
      trouble={microphone.problem && t.prejoin.problems.microphone[microphone.problem].title}
      onToggle={() => dispatch(toggleAudio())}
    />
  );
}

export function CameraToggle() {
  const dispatch = useAppDispatch();
  const on = useAppSelector((state) => state.rtcConnection.videoEnabled);
  const { camera } = useCapture();
  const words = t.room.controls;
  return (
    <Toggle
      on={on}
      source={camera}
      label={words.camera}
      tip={on ? words.cameraOff : words.cameraOn}
      testId="toggle-camera"
      icons={{ on: VideoIcon, off: VideoOff }}
      trouble={camera.problem && t.prejoin.problems.camera[camera.problem].title}
      onToggle={() => dispatch(toggleVideo())}
    />
  );
}
