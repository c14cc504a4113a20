/** When the machine's network has become another one. */

/** Not everywhere, and not in TypeScript's library. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Calls `listener` on every change; returns how to stop. */
export function followNetwork(listener: () => void): () => void {
  if (typeof window === 'undefined') return () => undefined;
  const { connection } = navigator as { readonly connection?: NetworkInformation };
  let type = connection?.type;
  const onChange = () => {
    // It also tells of every new estimate of the same network.
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  window.addEventListener('online', listener);
  connection?.addEventListener('change', onChange);
  return () => {
    window.removeEventListener('online', listener);
    connection?.removeEventListener('change', onChange);
  };
}
