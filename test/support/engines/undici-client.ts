import { Client, type Dispatcher } from 'undici';
import { type Asking, messageOf } from './asking.ts';
import { allowedTrailers, endToEnd, type Seen, type SeenMessage, written } from './seen.ts';

/** The other side left before the end. */
const CUT = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'HPE_INVALID_EOF_STATE']);

/** Names and values; undici leaves the white space at the end of a value, which is none of it (RFC 9110 §5.5). */
function flat(raw: unknown): string[] {
  const texts = Array.isArray(raw) ? raw.map((each) => (Buffer.isBuffer(each) ? each.toString('latin1') : String(each))) : [];
  return texts.map((text) => text.replace(/[ \t]+$/, ''));
}

/** Asks through undici. */
export function askUndici({ port, method, path }: Asking): Promise<Seen> {
  const seen: Seen = { messages: [], refusal: undefined };
  const client = new Client(`http://127.0.0.1:${port}`, {
    maxHeaderSize: 64 * 1024,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  let current: SeenMessage | undefined;
  return new Promise<Seen>((resolve) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onRequestUpgrade: () => {},
      onResponseStart: ({ rawHeaders }, status) => {
        const fields = flat(rawHeaders);
        current = messageOf(status, endToEnd(fields), written(fields));
        current.whole = status < 200;
        seen.messages.push(current);
      },
      onResponseData: (_controller, bytes) => {
        if (current !== undefined) current.body += bytes.toString('latin1');
      },
      onResponseEnd: ({ rawTrailers }) => {
        if (current !== undefined) {
          current.whole = true;
          current.trailers = allowedTrailers(flat(rawTrailers));
        }
        resolve(seen);
      },
      onResponseError: (_controller, error: Error & { code?: string }) => {
        const { code = '', message } = error;
        // It takes a head that it could not read for a body that is too short.
        const misread = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && current?.whole !== false;
        const cut = CUT.has(code) || message.includes('Invalid EOF state');
        if (!cut || misread || /^bad /.test(message)) seen.refusal = { code, detail: message };
        resolve(seen);
      },
    };
    client.dispatch({ method, path }, handler);
  }).finally(() => client.destroy());
}
