// Addresses of pages: the path names the page, the query holds filters, so that every view can be
// bookmarked, shared and gone back to.
import { useSyncExternalStore, type AnchorHTMLAttributes, type MouseEvent } from 'react';

export interface Place {
  path: string;
  query: URLSearchParams;
}

const listeners = new Set<() => void>();
let guard: ((to: string) => boolean) | undefined;
let place = read();

function read(): Place {
  if (typeof window === 'undefined') return { path: '/', query: new URLSearchParams() };
  return { path: window.location.pathname, query: new URLSearchParams(window.location.search) };
}

function announce(): void {
  place = read();
  listeners.forEach((listener) => listener());
}

if (typeof window !== 'undefined') {
  window.addEventListener('popstate', announce);
}

/** While set, leaving the page asks `mayLeave` first; for unsaved changes. */
export function setLeaveGuard(mayLeave: ((toPath: string) => boolean) | undefined): void {
  guard = mayLeave;
}

export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const path = to.split('?')[0] ?? to;
  if (path !== place.path && guard && !guard(path)) return;
  if (options.replace) window.history.replaceState(null, '', to);
  else window.history.pushState(null, '', to);
  announce();
}

export function usePlace(): Place {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => place,
  );
}

/** PATH with `query` behind it, unless that is empty. */
export function address(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

type LinkProps = AnchorHTMLAttributes<HTMLAnchorElement> & { href: string };

/** An anchor that changes the page without loading it anew. */
export function Link({ href, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey
    )
      return;
    event.preventDefault();
    navigate(href);
  };
  return <a href={href} onClick={follow} {...rest} />;
}
