// Server-sent events over fetch. The browser's EventSource hides the status of a refused stream, and
// with it the problem+json that says why; this reader shows both and keeps its own back-off.
import { ApiError, problemOf, reportUnauthenticated } from './client';

export interface SseEvent {
  event: string;
  data: string;
  /** The last id seen so far; empty where none was. */
  id: string;
}

/** Cuts a byte stream's text into events (WHATWG HTML, 9.2.6). Feed it chunks as they come. */
export class SseParser {
  private buffer = '';
  private event = '';
  private data: string[] = [];
  private id = '';

  feed(chunk: string): SseEvent[] {
    this.buffer += chunk;
    const events: SseEvent[] = [];
    let start = 0;
    for (;;) {
      const end = this.buffer.indexOf('\n', start);
      if (end < 0) break;
      const line = this.buffer.slice(
        start,
        this.buffer[end - 1] === '\r' && end > start ? end - 1 : end,
      );
      start = end + 1;
      if (line === '') {
        if (this.data.length)
          events.push({ event: this.event || 'message', data: this.data.join('\n'), id: this.id });
        this.event = '';
        this.data = [];
      } else if (!line.startsWith(':')) {
        this.field(line);
      }
    }
    this.buffer = this.buffer.slice(start);
    return events;
  }

  private field(line: string): void {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
  }
}

export type StreamState =
  | { kind: 'connecting' }
  | { kind: 'open' }
  /** Being tried again; error says why. */
  | { kind: 'broken'; error: string; status?: number };

export interface StreamOptions {
  url: string;
  onEvent: (event: SseEvent) => void;
  onState: (state: StreamState) => void;
  /** Something came, be it only a comment. */
  onBeat?: () => void;
  /** Where to go on from after the stream broke; empty string means from now on. */
  resume?: () => string;
}

/** The server sends a comment every 15 s; after this long without a byte the stream counts as dead. */
const SILENCE_MS = 40_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;

/** Keeps a stream open until the function that it returns is called. */
export function openStream(options: StreamOptions): () => void {
  let closed = false;
  let pause = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let aborter = new AbortController();

  const retry = (error: string, after?: number, status?: number) => {
    if (closed) return;
    options.onState({ kind: 'broken', error, status });
    timer = setTimeout(run, after ?? pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  };

  async function run(): Promise<void> {
    if (closed) return;
    options.onState({ kind: 'connecting' });
    aborter = new AbortController();
    const attempt = aborter;
    let silence = setTimeout(() => attempt.abort(), SILENCE_MS);
    try {
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      const cursor = options.resume?.();
      if (cursor) headers['Last-Event-ID'] = cursor;
      const response = await fetch(options.url, {
        headers,
        signal: attempt.signal,
        credentials: 'same-origin',
      });
      if (!response.ok || !response.body) throw await problemOf(response);
      options.onState({ kind: 'open' });
      pause = FIRST_PAUSE_MS;
      const parser = new SseParser();
      const decoder = new TextDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        clearTimeout(silence);
        silence = setTimeout(() => attempt.abort(), SILENCE_MS);
        options.onBeat?.();
        for (const event of parser.feed(decoder.decode(value, { stream: true }))) {
          if (closed) return;
          options.onEvent(event);
        }
      }
      retry('The stream ended.');
    } catch (error) {
      if (closed) return;
      if (error instanceof ApiError) {
        if (error.status === 401) {
          // The login starts the streams anew.
          options.onState({ kind: 'broken', error: error.detail, status: 401 });
          reportUnauthenticated();
          return;
        }
        retry(
          error.detail || error.title,
          error.retryAfter ? error.retryAfter * 1000 : undefined,
          error.status,
        );
      } else {
        retry('The gateway does not answer.');
      }
    } finally {
      clearTimeout(silence);
    }
  }

  void run();
  return () => {
    closed = true;
    clearTimeout(timer);
    aborter.abort();
  };
}
