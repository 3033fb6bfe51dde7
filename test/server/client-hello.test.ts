import { describe, expect, test } from 'vitest';
import { readClientHello } from '../../src/server/client-hello.ts';
import { helloOf, inRecords } from '../support/client-hellos.ts';

const named = (name: string) => helloOf({ servername: name });

describe('A ClientHello', () => {
  test.each(['TLSv1.3', 'TLSv1.2'] as const)('of %s shows the host that is asked for', async (maxVersion) => {
    expect(readClientHello(await helloOf({ servername: 'a.example', maxVersion }))).toEqual({ kind: 'read', name: 'a.example' });
  });

  test('may ask for none', async () => {
    expect(readClientHello(await helloOf({}))).toEqual({ kind: 'read', name: undefined });
  });

  test('is read when all of it is here, and not before', async () => {
    const hello = await named('a.example');
    for (let length = 0; length < hello.length; length++)
      expect([length, readClientHello(hello.subarray(0, length)).kind]).toEqual([length, 'incomplete']);
  });

  test('does not care what comes behind it', async () => {
    expect(readClientHello(Buffer.concat([await named('a.example'), Buffer.alloc(70_000, 23)]))).toMatchObject({
      name: 'a.example',
    });
  });

  test.each([4, 100, 200])('may be spread over records of %i bytes', async (size) => {
    const hello = await named('a.example');
    const spread = inRecords(hello, Math.max(size, Math.ceil((hello.length - 5) / 16)));
    expect(readClientHello(spread)).toEqual({ kind: 'read', name: 'a.example' });
    expect(readClientHello(spread.subarray(0, -1))).toEqual({ kind: 'incomplete' });
  });

  test.each([
    ['of too many records', (hello: Buffer) => inRecords(hello, 4)],
    ['of records of nothing', (hello: Buffer) => Buffer.concat([hello.subarray(0, 3), Buffer.of(0, 0), hello])],
    [
      'with a record of another kind',
      (hello: Buffer) => Buffer.concat([inRecords(hello, 150).subarray(0, 155), Buffer.of(23, 3, 3, 0, 9)]),
    ],
    ['that is another message', (hello: Buffer) => changed(hello, 5, 2)],
    ['that says it is far too long', (hello: Buffer) => changed(hello, 6, 1)],
    ['whose lists lead out of it', (hello: Buffer) => changed(hello, 43, 255)],
    ['whose list of suites leads out of it', (hello: Buffer) => changed(hello, 76, 255)],
  ])('%s is one without a name: it is for OpenSSL to refuse', async (_, change) => {
    expect(readClientHello(change(await named('a.example')))).toEqual({ kind: 'read', name: undefined });
  });

  test.each([
    ['another kind of name', 2, 1],
    ['an empty name', 4, 0],
    ['a name that is longer than its place', 4, 200],
  ])('with %s has none', async (_, at, value) => {
    const hello = await named('a.example');
    const start = hello.indexOf('a.example') - 5;
    expect(readClientHello(changed(hello, start + at, value))).toEqual({ kind: 'read', name: undefined });
  });

  test('may end before its extensions, as in old clients', () => {
    const body = Buffer.concat([Buffer.of(3, 3), Buffer.alloc(32), Buffer.of(0, 0, 2, 0x13, 1, 1, 0)]);
    const hello = Buffer.concat([Buffer.of(22, 3, 1, 0, body.length + 4, 1, 0, 0, body.length), body]);
    expect(readClientHello(hello)).toEqual({ kind: 'read', name: undefined });
  });
});

function changed(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}
