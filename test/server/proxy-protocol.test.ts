import { describe, expect, test } from 'vitest';
import { readProxyHeader } from '../../src/server/proxy-protocol.ts';
import { type HeaderCase, VERSION_1, VERSION_2 } from './proxy-headers.cases.ts';

/** What a connection gets on which the bytes come one by one. */
function slowly(bytes: Buffer): ReturnType<typeof readProxyHeader> {
  let reading: ReturnType<typeof readProxyHeader> = { kind: 'incomplete' };
  for (let end = 0; end <= bytes.length && reading.kind === 'incomplete'; end++)
    reading = readProxyHeader(bytes.subarray(0, end));
  return reading;
}

function expected(bytes: Buffer, is: HeaderCase[2]) {
  if (is === 'incomplete') return { kind: 'incomplete' };
  if (is instanceof RegExp) return { kind: 'wrong', why: expect.stringMatching(is) };
  return { kind: 'header', length: bytes.length, source: is === 'unknown' ? undefined : is };
}

describe.each([
  ['A version 1 header', VERSION_1],
  ['A version 2 header', VERSION_2],
])('%s', (_, cases) => {
  test.each(cases)('of %s is read as it must be', (_what, bytes, is) => {
    expect(readProxyHeader(bytes)).toEqual(expected(bytes, is));
  });

  test.each(cases)('of %s is read so byte by byte', (_what, bytes, is) => {
    expect(slowly(bytes)).toEqual(expected(bytes, is));
  });

  const whole = cases.filter(([, , is]) => is === 'unknown' || (typeof is === 'object' && 'port' in is));
  test.each(whole)('of %s ends where it ends, whatever follows', (_what, bytes, is) => {
    for (const rest of ['GET / HTTP/1.1\r\n\r\n', 'PROXY TCP4 203.0.113.66 10.0.0.1 1 80\r\n', bytes]) {
      expect(readProxyHeader(Buffer.concat([bytes, Buffer.from(rest)]))).toEqual(expected(bytes, is));
    }
  });
});
