import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock } from '../lib/clock.ts';

const EVENTS = 10;

/**
 * Answers with what it got. Paths that end in `/stream` get the body back as it arrives; those that end in `/events`
 * ten server-sent events.
 * @param interval milliseconds between two events
 */
export function echo(clock: Clock, interval: number): RequestListener {
  return (request, response) => {
    const path = (request.url ?? '/').split('?')[0] as string;
    if (path.endsWith('/stream')) streamBack(request, response);
    else if (path.endsWith('/events')) sendEvents(request, response, clock, interval);
    else describe(request, response);
  };
}

function describe(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { method, url: target, headers } = request;
    const told = { method, target, body: Buffer.concat(chunks).toString(), headers };
    response.writeHead(200, { 'content-type': 'application/json' }).end(`${JSON.stringify(told)}\n`);
  });
}

function streamBack(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': request.headers['content-type'] ?? 'application/octet-stream' });
  request.pipe(response);
}

function sendEvents(request: IncomingMessage, response: ServerResponse, clock: Clock, interval: number): void {
  request.resume();
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let sent = 0;
  const send = () => {
    sent += 1;
    response.write(`id: ${sent}\ndata: event ${sent} of ${EVENTS}\n\n`);
    if (sent < EVENTS) return;
    stop();
    response.end();
  };
  const stop = clock.every(interval, send);
  response.on('close', stop);
  send();
}
