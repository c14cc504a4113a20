import { Volume2 } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { StreamSource } from '../../session/streams';
import { selectParticipantIds, selectSharingIds } from '../../store';
import { useCapture, useSound } from '../hooks/use_services';
import { useAppSelector } from '../hooks/use_store';
import { Button } from '../parts/button';
import { t } from '../strings';

interface VoiceProps {
  readonly memberId: string;
  readonly source: StreamSource;
  readonly speakerId: string | null;
  /** Grows when playing should be tried again. */
  readonly attempt: number;
  readonly onBlocked: () => void;
}

/** One member's sound, or that of its screen: elements of their own, so that pictures can be muted and moved freely. */
function Voice({ memberId, source, speakerId, attempt, onBlocked }: VoiceProps) {
  const ref = useRef<HTMLAudioElement>(null);
  const stream = useSound(memberId, source);

  useEffect(() => {
    const audio = ref.current;
    if (!audio || !stream) return;
    if (audio.srcObject !== stream) audio.srcObject = stream;
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'NotAllowedError') onBlocked();
    });
  }, [stream, attempt, onBlocked]);
  useEffect(() => {
    const audio = ref.current;
    if (!audio || !stream || !('setSinkId' in audio)) return;
    // A speaker that has just been unplugged: sound goes on through the default one.
    audio.setSinkId(speakerId ?? '').catch(() => undefined);
  }, [stream, speakerId]);

  // Live voices have no captions to offer.
  // eslint-disable-next-line jsx-a11y/media-has-caption
  return <audio ref={ref} autoPlay hidden data-member-id={memberId} data-source={source} />;
}

/** Everybody's voices, and the way to turn them on where the browser waits for a gesture. */
export function Sound() {
  const ids = useAppSelector(selectParticipantIds);
  const sharing = useAppSelector(selectSharingIds);
  const { speakerId } = useCapture();
  const [blocked, setBlocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);

  const turnOn = useCallback(() => {
    setBlocked(false);
    setAttempt((before) => before + 1);
  }, []);
  useEffect(() => {
    if (!blocked) return undefined;
    // Any gesture will do; the button is for those who wonder.
    document.addEventListener('click', turnOn);
    document.addEventListener('keyup', turnOn);
    return () => {
      document.removeEventListener('click', turnOn);
      document.removeEventListener('keyup', turnOn);
    };
  }, [blocked, turnOn]);

  const common = { speakerId, attempt, onBlocked };
  return (
    <>
      {ids.map((id) => (
        <Voice key={id} memberId={id} source="camera" {...common} />
      ))}
      {sharing.map((id) => (
        <Voice key={id} memberId={id} source="screen" {...common} />
      ))}
      {blocked && (
        <div className="sound-prompt" role="alert">
          <Volume2 size={20} aria-hidden="true" />
          <p>{t.room.autoplay.title}</p>
          <Button variant="primary" onClick={turnOn}>
            {t.room.autoplay.action}
          </Button>
        </div>
      )}
    </>
  );
}
