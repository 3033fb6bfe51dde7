import { type IncomingMessage, request } from 'node:http';
import { type Asking, messageOf } from './asking.ts';
import { allowedTrailers, endToEnd, type Seen, written } from './seen.ts';

/** The other side left before the end. */
const CUT = new Set(['ECONNRESET', 'HPE_INVALID_EOF_STATE']);

/** Asks through node:http. */
export function askNode({ port, method, path }: Asking): Promise<Seen> {
  const seen: Seen = { messages: [], refusal: undefined };
  return new Promise<Seen>((resolve) => {
    let answer: IncomingMessage | undefined;
    const refused = (error: Error & { code?: string; reason?: string }): void => {
      // What comes after the reply is not a part of it.
      if (answer?.complete !== true && !CUT.has(error.code ?? ''))
        seen.refusal ??= { code: error.code ?? '', detail: error.reason ?? error.message };
    };
    const asked = request({ port, host: '127.0.0.1', method, path, agent: false, maxHeaderSize: 64 * 1024 });
    asked.on('information', ({ statusCode, rawHeaders }) => {
      // We pass no 100 on: nobody waits for one.
      if (statusCode !== 100)
        seen.messages.push({ ...messageOf(statusCode, endToEnd(rawHeaders), written(rawHeaders)), whole: true });
    });
    asked.on('upgrade', (response, socket) => {
      seen.refusal = { code: 'UPGRADE', detail: String(response.statusCode) };
      socket.destroy();
    });
    asked.on('response', (response: IncomingMessage) => {
      answer = response;
      const message = messageOf(response.statusCode ?? 0, endToEnd(response.rawHeaders), written(response.rawHeaders));
      seen.messages.push(message);
      response.on('data', (bytes: Buffer) => {
        message.body += bytes.toString('latin1');
      });
      response.on('error', refused);
      response.on('end', () => {
        message.whole = response.complete;
        message.trailers = allowedTrailers(response.rawTrailers);
      });
    });
    asked.on('error', refused);
    asked.on('close', () => resolve(seen));
    asked.end();
  });
}
