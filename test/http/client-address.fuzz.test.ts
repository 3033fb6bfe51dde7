import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientAddress } from '../../src/http/client-address.ts';
import { Headers } from '../../src/http/headers.ts';

const PEER = '10.0.0.1';
const isTrusted = (address: string) => address.startsWith('10.');
const field = fc.constantFrom('X-Forwarded-For', 'Forwarded');
const clientOf = (name: string, value: string) => clientAddress(Headers.from([[name, value]]), PEER, isTrusted);

const PIECES = [
  'for=',
  '"',
  '\\',
  ',',
  ';',
  ' ',
  '[',
  ']',
  ':',
  '::',
  '10.0.0.2',
  '192.0.2.1',
  '80',
  '_x',
  'unknown',
  'proto=https',
];
const wild = fc.array(fc.constantFrom(...PIECES), { maxLength: 15 }).map((pieces) => pieces.join(''));

test('whatever is claimed, the client is an IP address', () => {
  fc.assert(
    fc.property(field, fc.oneof(wild, fc.string({ unit: fc.constantFrom(...'"\\,;=[]:.0aF %_~\xff') })), (name, value) => {
      expect(isIP(clientOf(name, value))).not.toBe(0);
    }),
    { numRuns: 2000 },
  );
});

const address = fc.oneof(fc.ipV4(), fc.ipV6());
const node = (one: string, port: number | undefined) =>
  one.includes(':') ? `[${one}]${port === undefined ? '' : `:${port}`}` : `${one}${port === undefined ? '' : `:${port}`}`;

test('nothing that a client claims changes what a trusted proxy says about it', () => {
  const port = fc.option(fc.nat(65535), { nil: undefined });
  fc.assert(
    fc.property(
      field,
      wild,
      fc.ipV4().filter((one) => !isTrusted(one)),
      port,
      (name, claim, client, at) => {
        const said = name === 'Forwarded' ? `for="${node(client, at)}"` : node(client, at);
        expect(clientOf(name, `${claim}, ${said}`)).toBe(client);
      },
    ),
    { numRuns: 2000 },
  );
});

test('an address is found with a port and without, and is one spelling for all of its own', () => {
  fc.assert(
    fc.property(field, address, fc.nat(65535), (name, one, port) => {
      const [bare, ported] = [node(one, undefined), node(one, port)].map((text) =>
        name === 'Forwarded' ? `for="${text}"` : text,
      );
      const client = clientOf(name, bare as string);
      expect(clientOf(name, ported as string)).toBe(client);
      expect(clientOf(name, name === 'Forwarded' ? `for="${node(one, undefined).toUpperCase()}"` : one.toUpperCase())).toBe(
        client,
      );
    }),
  );
});
