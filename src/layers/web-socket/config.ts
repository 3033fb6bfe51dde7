import { z } from 'zod';
import { duration, field, flag, quote, size, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';
import { originField } from '../../lib/origin-field.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;

const subprotocol = field(z.string(), (text) =>
  TOKEN.test(text)
    ? text
    : new Wrong(`not the name of a subprotocol: ${quote(text)}`, 'a token such as chat or v2.chat.example.com'),
);

/** `routes.*.websocket`. Milliseconds and bytes; 0: no limit. */
export const webSocketSchema = z.strictObject({
  enabled: flag().prefault(true).describe('Whether handshakes of WebSocket clients go on to the upstream.'),
  protocols: z
    .array(subprotocol)
    .prefault([])
    .describe('Subprotocols that may be spoken, as they are written. A client that offers others alone is refused. Empty: all.'),
  allowed_origins: z
    .array(originField())
    .prefault([])
    .describe(
      'Sites whose pages may connect: browsers send their cookies along from any page. Clients that send no Origin pass. Empty: all.',
    ),
  timeout: duration(0).prefault('0s').describe('How long a connection may last. 0s: without limit.'),
  idle_timeout: duration(0)
    .prefault('0s')
    .describe('How long it may be silent in both directions; pings count as a sound. 0s: without limit.'),
  max_message_size: size(0)
    .prefault(0)
    .describe('Bytes of one message on the wire, its fragments together; compressed ones count compressed. 0: no limit.'),
});

export type WebSocketConfig = Frozen<z.output<typeof webSocketSchema>>;

const protocol = field(z.string(), (text) => {
  const lower = text.toLowerCase();
  const [name = '', version, ...more] = lower.split('/');
  if (!TOKEN.test(name) || (version !== undefined && !TOKEN.test(version)) || more.length > 0)
    return new Wrong(`not the name of a protocol: ${quote(text)}`, 'a token with or without a version, such as chat or chat/2');
  if (name === 'websocket') return new Wrong('websocket has its own block', 'websocket: {} beside upgrades');
  if (/^(?:h2c?|http|tls)$/.test(name))
    return new Wrong(`${text} is never passed on: it would leave behind all that is decided here`);
  return lower;
});

/** `routes.*.upgrades`: in lower case. */
export const upgradesSchema = z.array(protocol);

export type UpgradesConfig = Frozen<z.output<typeof upgradesSchema>>;
