// HTTP to the gateway: JSON both ways, problem+json as errors, the CSRF token on whatever changes
// something. The session itself is an HttpOnly cookie that scripts never see.

/** What the gateway said was wrong, in words for people. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 where there was no answer at all. */
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    /** Seconds after which trying again makes sense, where the gateway said so. */
    readonly retryAfter?: number,
  ) {
    super(detail || title);
    this.name = 'ApiError';
  }
}

const BASE = '/api/v1';
let csrfToken = '';
let onUnauthenticated: () => void = () => {};

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** `listener` is called whenever a session turns out to have ended. */
export function setUnauthenticatedListener(listener: () => void): void {
  onUnauthenticated = listener;
}

export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/** `/api/v1/PATH?QUERY`; lists become repeated keys, what is empty is left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === '') continue;
    if (Array.isArray(value)) value.forEach((item: string) => params.append(key, item));
    else params.append(key, String(value));
  }
  const text = params.toString();
  return BASE + path + (text ? `?${text}` : '');
}

/** Reads an answer that is not 2xx. */
export async function problemOf(response: Response): Promise<ApiError> {
  const seconds = Number(response.headers.get('Retry-After'));
  const retryAfter = Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
  const type = response.headers.get('Content-Type') ?? '';
  if (type.includes('json')) {
    try {
      const problem = (await response.json()) as { title?: unknown; detail?: unknown };
      return new ApiError(
        response.status,
        String(problem.title ?? response.statusText),
        String(problem.detail ?? ''),
        retryAfter,
      );
    } catch {
      // Falls through: an answer that breaks off says no more than its status.
    }
  }
  return new ApiError(
    response.status,
    response.statusText || `HTTP ${response.status}`,
    'The gateway gave no explanation. Try again, and look at the System page if it persists.',
    retryAfter,
  );
}

interface CallOptions {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** A 401 is an answer here (login), not the end of the session. */
  keepSession?: boolean;
}

async function request(
  method: string,
  path: string,
  accept: string,
  options: CallOptions,
): Promise<Response> {
  const headers: Record<string, string> = { Accept: accept };
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken) headers['X-CSRF-Token'] = csrfToken;
  let response: Response;
  try {
    response = await fetch(apiUrl(path, options.query), {
      method,
      headers,
      credentials: 'same-origin',
      cache: accept === 'application/json' ? 'default' : 'no-store',
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(
      0,
      'No connection',
      'The gateway does not answer. Check the network; this page goes on by itself once it is back.',
    );
  }
  if (response.status === 401 && !options.keepSession) onUnauthenticated();
  if (!response.ok) throw await problemOf(response);
  return response;
}

/** Calls the gateway and reads JSON. Throws ApiError for whatever is not 2xx. */
export async function call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const response = await request(method, path, 'application/json', options);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Throws ApiError where the path cannot be downloaded, as the browser would save the problem for the file. Its bytes are left alone. */
export async function checkDownload(path: string): Promise<void> {
  const enough = new AbortController();
  await request('GET', path, '*/*', { signal: enough.signal });
  enough.abort();
}

/** As call, for bytes; never from the browser's cache. */
export async function callForBlob(
  path: string,
  options: Pick<CallOptions, 'query' | 'signal'> = {},
): Promise<Blob> {
  return (await request('GET', path, '*/*', options)).blob();
}

const loginListeners = new Set<() => void>();

/** `listener` is called after each login; what failed for want of a session can be asked for anew. */
export function onLogin(listener: () => void): () => void {
  loginListeners.add(listener);
  return () => loginListeners.delete(listener);
}

export function announceLogin(): void {
  loginListeners.forEach((listener) => listener());
}

/** Tells the session's owner that a stream was refused for want of a session. */
export function reportUnauthenticated(): void {
  onUnauthenticated();
}

/** Words for any error, for example one that a promise was rejected with. */
export function errorText(error: unknown): string {
  if (error instanceof ApiError) return error.detail || error.title;
  return error instanceof Error ? error.message : String(error);
}
