// What a page shows when there is nothing to show: still loading, nothing there, or an error.
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';

export function Loading({ what }: { what: string }) {
  return (
    <div className="state" role="status">
      <span className="spinner" aria-hidden="true" />
      <p>Loading {what} …</p>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children && <div className="muted">{children}</div>}
    </div>
  );
}

function headline(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Something went wrong';
  switch (error.status) {
    case 0:
      return 'No connection to the gateway';
    case 403:
      return 'This is not allowed';
    case 404:
      return 'Not found';
    case 429:
      return 'Too many requests';
    case 503:
      return 'Not available at present';
    case 504:
      return 'No answer in time';
    default:
      return error.title || `Error ${error.status}`;
  }
}

function explanation(error: unknown): string {
  if (error instanceof ApiError) return error.detail || 'The gateway gave no explanation.';
  return error instanceof Error ? error.message : String(error);
}

/** A whole area that could not be loaded. */
export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  return (
    <div className="state" role="alert">
      <h2>{headline(error)}</h2>
      <p className="muted">{explanation(error)}</p>
      {retry && (
        <button type="button" className="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** An action that failed, beside what caused it. */
export function Problem({ error, children }: { error: unknown; children?: ReactNode }) {
  if (!error) return null;
  return (
    <div className="problem" role="alert">
      <strong>{headline(error)}</strong>
      <span>{explanation(error)}</span>
      {children}
    </div>
  );
}

/** What is shown may be old, because the last try to renew it failed. */
export function Outdated({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <div className="notice warning" role="status">
      What you see may be out of date. {explanation(error)}
    </div>
  );
}
