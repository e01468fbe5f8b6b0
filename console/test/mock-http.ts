// What the mock gateway's routes share: problems, and JSON and ranges over HTTP.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../src/gen/api';

export interface Session {
  principal: Principal;
  csrf: string;
}

export interface Call {
  request: IncomingMessage;
  response: ServerResponse;
  params: string[];
  query: URLSearchParams;
  session: Session;
  body: () => Promise<Record<string, never>>;
}
export type Handler = (call: Call) => void | Promise<void>;
export type Route = (method: string, path: string, handler: Handler) => void;

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly retryAfter?: number,
  ) {
    super(detail);
  }
}

export function json(response: ServerResponse, value: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(value));
}

export async function readJson(request: IncomingMessage): Promise<Record<string, never>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, never>;
}

export function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  type: string,
): void {
  const headers = { 'Content-Type': type, 'Accept-Ranges': 'bytes', 'Cache-Control': 'private' };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  if (!range) {
    response.writeHead(200, { ...headers, 'Content-Length': bytes.length }).end(bytes);
    return;
  }
  const from = Number(range[1]);
  const to = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  response.writeHead(206, {
    ...headers,
    'Content-Range': `bytes ${from}-${to}/${bytes.length}`,
    'Content-Length': to - from + 1,
  });
  response.end(bytes.subarray(from, to + 1));
}

/** Whether the session's scope holds the store. */
export function inScope({ principal }: Session, storeId: string): boolean {
  const stores = principal.scope?.storeIds ?? [];
  return stores.length === 0 || stores.includes(storeId);
}

export const admin =
  (handler: Handler): Handler =>
  (call) => {
    if (call.session.principal.role !== 'ROLE_ADMIN')
      throw new Problem(403, 'Forbidden', 'This is for admins.');
    return handler(call);
  };
