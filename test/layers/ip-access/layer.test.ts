import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Reply } from '../../../src/http/reply.ts';
import { ipAccess } from '../../../src/layers/ip-access/layer.ts';
import { Counter } from '../../../src/lib/cell.ts';
import { type Cidr, cidr } from '../../../src/lib/fields.ts';
import { exchangeOf } from '../../support/exchanges.ts';

const ranges = (texts: readonly string[]): Cidr[] => texts.map((text) => cidr().parse(text));

function setUp(allow: readonly string[], deny: readonly string[]) {
  const cells: Counter[] = [];
  const layer = ipAccess({ ip_allow: ranges(allow), ip_deny: ranges(deny) }, () => {
    cells.push(new Counter());
    return cells.at(-1) as Counter;
  });
  const handler = layer(() => new Reply(200));
  const ask = (address: string) => {
    const exchange = exchangeOf();
    exchange.clientAddress = address;
    return handler(exchange) as Reply;
  };
  return { ask, cells };
}

describe('An address', () => {
  test.each([
    ['10.1.2.3', [], [], 200],
    ['10.1.2.3', ['10.0.0.0/8'], [], 200],
    ['11.1.2.3', ['10.0.0.0/8'], [], 403],
    ['10.1.2.3', ['11.0.0.0/8', '10.1.2.3'], [], 200],
    ['10.1.2.3', [], ['10.0.0.0/8'], 403],
    ['11.1.2.3', [], ['10.0.0.0/8'], 200],
    ['10.1.2.3', ['10.0.0.0/8'], ['10.1.0.0/16'], 403],
    ['10.2.2.3', ['10.0.0.0/8'], ['10.1.0.0/16'], 200],
    ['10.1.2.3', ['10.1.2.3'], ['10.1.2.3'], 403],
    ['10.1.2.3', ['0.0.0.0/0'], [], 200],
    ['::ffff:10.1.2.3', ['10.0.0.0/8'], [], 200],
    ['::ffff:10.1.2.3', [], ['10.0.0.0/8'], 403],
    ['::ffff:a01:203', [], ['10.0.0.0/8'], 403],
    ['10.1.2.3', [], ['::ffff:10.0.0.0/104'], 403],
    ['2001:db8::1', ['2001:db8::/32'], [], 200],
    ['2001:db9::1', ['2001:db8::/32'], [], 403],
    ['2001:DB8:0::1', [], ['2001:db8::1'], 403],
    ['2001:db8::1', ['10.0.0.0/8'], [], 403],
    ['fe80::1%eth0', ['fe80::/10'], [], 200],
    ['fe80::1%eth0', [], ['fe80::/10'], 403],
    ['::1', ['::1'], [], 200],
    ['', [], [], 200],
    ['', [], ['10.0.0.0/8'], 200],
    ['', ['0.0.0.0/0', '::/0'], [], 403],
    ['unknown', ['0.0.0.0/0'], ['::/0'], 403],
  ])('%s with %j allowed and %j denied: %i', (address, allow, deny, status) => {
    expect(setUp(allow, deny).ask(address).status).toBe(status);
  });

  test('that is refused is not told why, and counted', () => {
    const { ask, cells } = setUp(['10.0.0.0/8'], ['10.1.0.0/16']);
    ask('10.2.0.1');
    expect(cells).toEqual([]);
    const [denied, unlisted] = [ask('10.1.2.3'), ask('11.1.2.3')];
    expect(String(denied.body)).toBe(String(unlisted.body));
    expect(JSON.parse(String(denied.body))).toMatchObject({ status: 403, code: 'address_denied' });
    expect(String(denied.body)).not.toMatch(/10\./);
    expect(cells.map(({ value }) => value)).toEqual([2]);
  });

  test('of any kind is answered', () => {
    const { ask } = setUp(['10.0.0.0/8', '2001:db8::/32'], ['10.1.0.0/16']);
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => [200, 403].includes(ask(address).status)));
  });
});
