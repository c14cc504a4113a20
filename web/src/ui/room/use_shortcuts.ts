import { useEffect, useEffectEvent } from 'react';

import { shortcutFor, type Shortcut } from './shortcuts';

export type ShortcutActions = Record<Exclude<Shortcut, 'talk'>, () => void>;

/** Runs an action for each shortcut pressed anywhere on the page. */
export function useShortcuts(actions: ShortcutActions): void {
  const press = useEffectEvent((event: KeyboardEvent) => {
    // Somebody nearer to the key, a menu or a dialog, has used it.
    if (event.defaultPrevented || event.repeat) return;
    const shortcut = shortcutFor(event);
    if (shortcut === null || shortcut === 'talk') return;
    if (shortcut !== 'close' && document.querySelector('dialog[open]')) return;
    // Or the letter would be typed into what it opens.
    event.preventDefault();
    actions[shortcut]();
  });
  useEffect(() => {
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
