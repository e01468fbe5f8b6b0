import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { openStream, SseParser, type SseEvent, type StreamState } from './sse';

describe('a parser of server-sent events', () => {
  test('reads events however the stream is cut', () => {
    const text =
      ':\n\nevent: transition\nid: 7\ndata: {"a":1}\n\ndata: x\ndata:y\r\n\r\n: beat\n\n';
    const whole = new SseParser().feed(text);
    expect(whole).toEqual([
      { event: 'transition', data: '{"a":1}', id: '7' },
      { event: 'message', data: 'x\ny', id: '7' },
    ]);
    const parser = new SseParser();
    expect([...text].flatMap((letter) => parser.feed(letter))).toEqual(whole);
  });

  test('keeps what is not complete for the next chunk', () => {
    const parser = new SseParser();
    expect(parser.feed('data: half')).toEqual([]);
    expect(parser.feed(' and half\n\n')).toEqual([
      { event: 'message', data: 'half and half', id: '' },
    ]);
  });
});

describe('a stream', () => {
  let server: Server | undefined;
  let stop: (() => void) | undefined;
  afterEach(() => {
    stop?.();
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(
    answers: ((lastEventId: string | undefined) => { status: number; body: string })[],
  ): Promise<string> {
    let call = 0;
    server = createServer((request, response) => {
      const { status, body } = answers[Math.min(call++, answers.length - 1)]!(
        request.headers['last-event-id'] as string | undefined,
      );
      response.writeHead(status, {
        'Content-Type': status === 200 ? 'text/event-stream' : 'application/problem+json',
      });
      response.end(body);
    });
    await new Promise<void>((done) => server!.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  test('goes on after it broke from the event that it saw last', async () => {
    const seen: string[] = [];
    const url = await serve([
      () => ({ status: 200, body: 'id: 41\ndata: one\n\n' }),
      (last) => ({ status: 200, body: `id: 42\ndata: after ${last}\n\n` }),
    ]);
    let cursor = '';
    await new Promise<void>((done) => {
      stop = openStream({
        url,
        resume: () => cursor,
        onState: () => {},
        onEvent: ({ data, id }: SseEvent) => {
          cursor = id;
          seen.push(data);
          if (seen.length === 2) done();
        },
      });
    });
    expect(seen).toEqual(['one', 'after 41']);
  });

  test('says why it was refused', async () => {
    const url = await serve([
      () => ({
        status: 503,
        body: '{"title":"Service Unavailable","detail":"Event storage is away."}',
      }),
    ]);
    const state = await new Promise<StreamState>((done) => {
      stop = openStream({
        url,
        onEvent: () => {},
        onState: (next) => next.kind === 'broken' && done(next),
      });
    });
    expect(state).toEqual({ kind: 'broken', error: 'Event storage is away.', status: 503 });
  });
});
