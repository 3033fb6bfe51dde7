import { createHash } from 'node:crypto';
import { GatewayError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { problemReply } from '../../http/problem.ts';
import type { Reply } from '../../http/reply.ts';
import { Origins } from '../../lib/origins.ts';
import type { WebSocketConfig } from './config.ts';
import { extensionNames } from './extensions.ts';

/** 16 bytes in base64. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const MAGIC = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** What a client has asked for, as far as the answer has to match it. */
export interface Handshake {
  readonly key: string;
  /** Subprotocols that the upstream may choose from. */
  readonly protocols: readonly string[];
  readonly extensions: readonly string[];
}

export type HandshakeTerms = ReturnType<typeof handshakeTerms>;

/** What a route allows. No origins: all. */
export function handshakeTerms({ protocols, allowed_origins }: WebSocketConfig) {
  return { protocols, origins: allowed_origins.length === 0 ? undefined : new Origins(allowed_origins) };
}

/**
 * Reads an opening handshake (RFC 6455 §4.2.1) and leaves in it the subprotocols that the route allows.
 * @returns the reply to a client of another version
 * @throws GatewayError bad_request for what is no handshake; upgrade_refused for an origin, or for subprotocols none of which may be spoken
 */
export function readHandshake(exchange: Exchange, terms: HandshakeTerms): Handshake | Reply {
  const { headers } = exchange;
  if (exchange.method !== 'GET') throw bad('its method is not GET');
  if (headers.get('sec-websocket-version') !== '13') return otherVersion(exchange);
  const key = headers.get('sec-websocket-key') ?? '';
  if (!KEY.test(key)) throw bad('its Sec-WebSocket-Key is not 16 bytes in base64');
  const origin = headers.get('origin');
  // Browsers always send one and nothing else has to (RFC 6455 §10.2): who sends none is no page, and for identity to judge.
  if (origin !== undefined && terms.origins?.has(origin) === false) {
    throw new GatewayError('upgrade_refused', 'Pages of this origin may not connect');
  }
  return {
    key,
    protocols: allowedProtocols(exchange, terms.protocols),
    extensions: extensionNames(headers.all('sec-websocket-extensions')),
  };
}

function allowedProtocols({ headers }: Exchange, allowed: readonly string[]): readonly string[] {
  const field = headers.get('sec-websocket-protocol');
  if (field === undefined) return [];
  const offered = field.split(',').map((one) => one.trim());
  if (!offered.every((one) => TOKEN.test(one))) throw bad('its Sec-WebSocket-Protocol is not a list of names');
  if (new Set(offered).size !== offered.length) throw bad('its Sec-WebSocket-Protocol names one twice');
  if (allowed.length === 0) return offered;
  const kept = offered.filter((one) => allowed.includes(one));
  if (kept.length === 0) throw new GatewayError('upgrade_refused', 'None of the subprotocols that were offered is spoken here');
  if (kept.length < offered.length) headers.set('Sec-WebSocket-Protocol', kept.join(', '));
  return kept;
}

function bad(reason: string): GatewayError {
  return new GatewayError('bad_request', `Not a WebSocket handshake: ${reason}`);
}

/** §4.4, and RFC 9110 §15.5.22: it names what there is to upgrade to. */
function otherVersion({ requestId }: Exchange): Reply {
  const title = 'This version of the WebSocket protocol is not spoken here';
  const reply = problemReply({ status: 426, code: 'web_socket_version', title }, requestId);
  reply.headers.add('Sec-WebSocket-Version', '13');
  reply.headers.add('Connection', 'Upgrade');
  reply.headers.add('Upgrade', 'websocket');
  return reply;
}

/** What is wrong with the upstream's 101 (§4.1, on the answer); undefined: nothing. */
export function answerProblem({ headers }: Reply, { key, protocols, extensions }: Handshake): string | undefined {
  const accept = createHash('sha1')
    .update(key + MAGIC)
    .digest('base64');
  if (headers.get('sec-websocket-accept') !== accept) return 'a Sec-WebSocket-Accept for another key';
  const chosen = headers.get('sec-websocket-protocol');
  if (chosen !== undefined && !protocols.includes(chosen)) return 'a subprotocol that was not offered';
  const agreed = extensionNames(headers.all('sec-websocket-extensions'));
  return agreed.every((name) => extensions.includes(name)) ? undefined : 'an extension that was not offered';
}
