export function Brand({ compact }: { compact?: boolean }) {
  return (
    <span className="brand">
      <svg
        width="26"
        height="26"
        viewBox="0 0 32 32"
        fill="none"
        aria-hidden="true"
        focusable="false"
      >
        <path
          d="M3 16c3.5-6 8-8.5 13-8.5S25.5 10 29 16c-3.5 6-8 8.5-13 8.5S6.5 22 3 16z"
          stroke="currentColor"
          strokeWidth="2.4"
        />
        <circle cx="16" cy="16" r="4.2" fill="currentColor" />
      </svg>
      {compact ? <span className="sr-only">Aislewatch</span> : <span>Aislewatch</span>}
    </span>
  );
}
