import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readIp } from '../../src/lib/address.ts';
import { readProxyHeader } from '../../src/server/proxy-protocol.ts';
import { binary, SIGNATURE, summed, text, tlv } from './proxy-headers.cases.ts';

const bytes = fc.uint8Array({ maxLength: 300 }).map((all) => Buffer.from(all));
const start = fc.constantFrom(
  '',
  'PROXY ',
  'PROXY TCP4 ',
  'PROXY UNKNOWN',
  SIGNATURE,
  `${SIGNATURE}\x21\x11`,
  `${SIGNATURE}\x21\x11\0\x0f`,
);
const wild = fc.tuple(start, bytes).map(([before, rest]) => Buffer.concat([text(before), rest]));

const port = fc.nat(65535);
const lineOf = (family: string, ip: fc.Arbitrary<string>) =>
  fc.record({ source: ip, to: ip, port, toPort: port }).map(({ source, to, port, toPort }) => ({
    header: text(`PROXY ${family} ${source} ${to} ${port} ${toPort}\r\n`),
    source: { address: readIp(source), port },
  }));
const tlvs = fc.array(fc.tuple(fc.integer({ min: 4, max: 255 }), fc.array(fc.nat(255), { maxLength: 40 })), { maxLength: 5 });
const four = fc
  .record({ ip: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)), port, tlvs, sum: fc.boolean() })
  .map(({ ip, port, tlvs, sum }) => {
    const rest = [...ip, 10, 0, 0, 1, port >> 8, port & 255, 0, 80, ...tlvs.flatMap(([type, value]) => tlv(type, value))];
    return { header: sum ? summed(0x11, rest) : binary(0x21, 0x11, rest), source: { address: ip.join('.'), port } };
  });
const valid = fc.oneof(lineOf('TCP4', fc.ipV4()), lineOf('TCP6', fc.ipV6()), four);

test('random bytes never throw, and never make an address that is none', () => {
  fc.assert(
    fc.property(wild, (all) => {
      const reading = readProxyHeader(all);
      if (reading.kind !== 'header') return;
      expect(reading.length).toBeLessThanOrEqual(all.length);
      if (reading.source !== undefined) expect(readIp(reading.source.address)).toBe(reading.source.address);
    }),
    { numRuns: 3000 },
  );
});

test('a valid header is always read', () => {
  fc.assert(
    fc.property(valid, bytes, ({ header, source }, rest) => {
      expect(readProxyHeader(Buffer.concat([header, rest]))).toEqual({ kind: 'header', length: header.length, source });
    }),
  );
});

test('bytes that come in pieces, wherever they are split, are read as the whole is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        wild,
        valid.map(({ header }) => header),
      ),
      fc.array(fc.nat(400), { maxLength: 8 }),
      (all, cuts) => {
        const whole = readProxyHeader(all);
        for (const cut of cuts.sort((one, other) => one - other)) {
          const reading = readProxyHeader(all.subarray(0, cut));
          if (reading.kind !== 'incomplete') {
            expect(reading.kind).toBe(whole.kind);
            if (reading.kind === 'header') expect(reading).toEqual(whole);
          }
        }
        if (whole.kind === 'incomplete')
          for (const cut of cuts) expect(readProxyHeader(all.subarray(0, cut)).kind).toBe('incomplete');
      },
    ),
    { numRuns: 1000 },
  );
});
