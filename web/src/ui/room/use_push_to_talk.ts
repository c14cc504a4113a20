import { useEffect, useEffectEvent, useState } from 'react';

import { toggleAudio } from '../../store';
import { useAppDispatch, useAppSelector } from '../hooks/use_store';
import { shortcutFor } from './shortcuts';

/** Whether one is talking by holding the space bar; the microphone goes off with the key. */
export function usePushToTalk(): boolean {
  const dispatch = useAppDispatch();
  const audioEnabled = useAppSelector((state) => state.rtcConnection.audioEnabled);
  const [talking, setTalking] = useState(false);

  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented || shortcutFor(event) !== 'talk') return;
    if (document.querySelector('dialog[open]')) return;
    event.preventDefault();
    if (event.repeat || talking || audioEnabled) return;
    setTalking(true);
    dispatch(toggleAudio());
  });
  const release = useEffectEvent((event?: KeyboardEvent) => {
    if (!talking || (event && event.key !== ' ')) return;
    setTalking(false);
    if (audioEnabled) dispatch(toggleAudio());
  });

  useEffect(() => {
    const onKeyUp = (event: KeyboardEvent) => release(event);
    // A window that loses focus never hears the key come up.
    const onBlur = () => release();
    document.addEventListener('keydown', press);
    document.addEventListener('keyup', onKeyUp);
    window.addEventListener('blur', onBlur);
    return () => {
      document.removeEventListener('keydown', press);
      document.removeEventListener('keyup', onKeyUp);
      window.removeEventListener('blur', onBlur);
    };
  }, []);
  return talking;
}
