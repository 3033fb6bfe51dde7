/**
 * What the first bytes of a TLS connection show. `name` is the host that the client asks for (RFC 6066 §3), undefined: it
 * asks for none, or what came is no ClientHello. That is for OpenSSL to say: here nothing is refused.
 */
export type HelloReading = { readonly kind: 'incomplete' } | { readonly kind: 'read'; readonly name: string | undefined };

/** A longer one is handed on as it is, without its name. */
const MOST = 16 * 1024;
const MOST_RECORDS = 16;
const INCOMPLETE: HelloReading = { kind: 'incomplete' };
const NAMELESS: HelloReading = { kind: 'read', name: undefined };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEAD = 5;
const MESSAGE_HEAD = 4;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** Whether TLS may begin so (RFC 8446 §5.1). */
export function beginsHandshake(bytes: Buffer): boolean {
  return bytes[0] === HANDSHAKE;
}

/**
 * Reads the name that a client asks for, as far as it is here.
 * @param bytes all that has come so far; nothing is kept between calls
 */
export function readClientHello(bytes: Buffer): HelloReading {
  const message = firstMessage(bytes);
  if ('kind' in message) return message;
  try {
    return { kind: 'read', name: nameIn(message) };
  } catch {
    // Some length leads out of the message.
    return NAMELESS;
  }
}

/** A message may be spread over records (RFC 8446 §5.1), as large ones are. Its own head is never split by anybody. */
function firstMessage(bytes: Buffer): Buffer | HelloReading {
  if (bytes.length < RECORD_HEAD + MESSAGE_HEAD) return INCOMPLETE;
  const length = MESSAGE_HEAD + bytes.readUIntBE(RECORD_HEAD + 1, 3);
  if (bytes[RECORD_HEAD] !== CLIENT_HELLO || bytes.readUInt16BE(3) < MESSAGE_HEAD || length > MOST) return NAMELESS;
  const parts: Buffer[] = [];
  let size = 0;
  for (let at = 0; at + RECORD_HEAD <= bytes.length; ) {
    const end = at + RECORD_HEAD + bytes.readUInt16BE(at + 3);
    if (bytes[at] !== HANDSHAKE || end === at + RECORD_HEAD || parts.length === MOST_RECORDS) return NAMELESS;
    const part = bytes.subarray(at + RECORD_HEAD, end);
    parts.push(part);
    size += part.length;
    if (size >= length) return Buffer.concat(parts, length);
    at = end;
  }
  return INCOMPLETE;
}

/** @throws RangeError when a length in it leads out of it */
function nameIn(message: Buffer): string | undefined {
  // The version, the random and the lists before the extensions (RFC 8446 §4.1.2).
  let at = MESSAGE_HEAD + 2 + 32;
  at += 1 + message.readUInt8(at);
  at += 2 + message.readUInt16BE(at);
  at += 1 + message.readUInt8(at);
  if (at === message.length) return undefined;
  for (at += 2; at < message.length; ) {
    const [type, length] = [message.readUInt16BE(at), message.readUInt16BE(at + 2)];
    if (type === SERVER_NAME) return hostIn(message.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}

function hostIn(extension: Buffer): string | undefined {
  const length = extension.readUInt16BE(3);
  const name = extension.subarray(5, 5 + length);
  return extension[2] === HOST_NAME && length > 0 && name.length === length ? name.toString('latin1') : undefined;
}
