import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate of the test's own making, with its key. PEM. */
export interface Issued {
  readonly cert: string;
  readonly key: string;
  /** For signing others. */
  readonly signer: { readonly subject: Buffer; readonly key: KeyObject };
}

export interface Wish {
  /** From the least exact part on, as in `[['O', 'Example'], ['CN', 'alice']]`; a text: the common name. */
  readonly subject?: string | readonly (readonly ['CN' | 'O' | 'C' | 'OU', string])[];
  /** `DNS:a.example`, `IP:127.0.0.1`, `URI:…`, `email:…`. */
  readonly names?: readonly string[];
  readonly kind?: 'ec' | 'rsa' | 'rsa-1024' | 'ed25519';
  readonly from?: string;
  readonly until?: string;
  /** Absent: it signs itself. */
  readonly by?: Issued;
  /** Whether it may sign others. */
  readonly authority?: boolean;
}

/** Writes an X.509 certificate (RFC 5280 §4.1), as far as tests need one. */
export function issue({ subject = 'test', names = [], kind = 'ec', from, until, by, authority = false }: Wish = {}): Issued {
  const { publicKey, privateKey } = keyPair(kind);
  const parts = typeof subject === 'string' ? [['CN', subject] as const] : subject;
  const own = sequence(...parts.map(([type, text]) => der(0x31, sequence(oid(TYPES[type]), der(0x0c, Buffer.from(text))))));
  const signer = by?.signer ?? { subject: own, key: privateKey };
  const algorithm = ALGORITHMS[signer.key.asymmetricKeyType ?? ''] as Buffer;
  const extensions = sequence(
    sequence(oid('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, sequence(...(authority ? [der(0x01, Buffer.of(0xff))] : [])))),
    ...(names.length === 0 ? [] : [sequence(oid('551d11'), der(0x04, sequence(...names.map(generalName))))]),
  );
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    signer.subject,
    sequence(time(from ?? '2020-01-01'), time(until ?? '2126-01-01')),
    own,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  );
  const signature = sign(signer.key.asymmetricKeyType === 'ed25519' ? null : 'sha256', body, signer.key);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  const base64 = certificate.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    signer: { subject: own, key: privateKey },
  };
}

function keyPair(kind: NonNullable<Wish['kind']>): { publicKey: KeyObject; privateKey: KeyObject } {
  if (kind === 'ec') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: kind === 'rsa' ? 2048 : 1024 });
}

const TYPES = { CN: '550403', C: '550406', O: '55040a', OU: '55040b' } as const;
const ALGORITHMS: Readonly<Record<string, Buffer>> = {
  ec: sequence(oid('2a8648ce3d040302')),
  rsa: sequence(oid('2a864886f70d01010b'), der(0x05, Buffer.of())),
  ed25519: sequence(oid('2b6570')),
};

function generalName(name: string): Buffer {
  const [kind = '', value = ''] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)];
  if (kind === 'IP') return der(0x87, isIPv4(value) ? Buffer.from(value.split('.').map(Number)) : Buffer.from(value, 'hex'));
  const tag = { email: 0x81, DNS: 0x82, URI: 0x86 }[kind];
  if (tag === undefined) throw new Error(`no kind of name: ${kind}`);
  return der(tag, Buffer.from(value));
}

function time(text: string): Buffer {
  const iso = new Date(text).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  return der(0x18, Buffer.from(iso));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const bytes = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

/** A directory of files that goes away with its test. */
export class PemFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'sluice-pem-'));

  /** @returns its path */
  write(name: string, text: string): string {
    const file = join(this.directory, name);
    writeFileSync(file, text);
    return file;
  }

  /** NAME.crt and NAME.key. @returns their paths, as a certificate of a configuration */
  put(name: string, { cert, key }: Pick<Issued, 'cert' | 'key'>): { cert: string; key: string } {
    return { cert: this.write(`${name}.crt`, cert), key: this.write(`${name}.key`, key) };
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }
}
