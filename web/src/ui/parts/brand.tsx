import { t } from '../strings';

/** Two ways that cross: peer to peer, and through a server. */
export function Mark({ size = 28 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="#3346d3" />
      <path
        d="M8 10.5c7 0 9 11 16 11M8 21.5c7 0 9-11 16-11"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}

export function Brand({ onHome }: { readonly onHome?: () => void }) {
  if (!onHome) {
    return (
      <span className="brand">
        <Mark />
        {t.common.product}
      </span>
    );
  }
  return (
    <a
      className="brand"
      href="/"
      aria-label={t.common.home}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        onHome();
      }}
    >
      <Mark />
      {t.common.product}
    </a>
  );
}
