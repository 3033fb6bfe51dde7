import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../src/http/errors.ts';
import { FORM_LIMIT, parseForm, readForm } from '../../src/http/form.ts';
import { Headers } from '../../src/http/headers.ts';
import { exchangeOf } from '../support/exchanges.ts';
import { ManualSource } from '../support/manual-source.ts';
import { RecordingSink } from '../support/recording-sink.ts';

const FORM = 'application/x-www-form-urlencoded';

function setUp(type: string | undefined = FORM, length = -1, more: [string, string][] = []) {
  const source = new ManualSource(length);
  const fields: [string, string][] = type === undefined ? more : [['Content-Type', type], ...more];
  const exchange = exchangeOf({ method: 'POST', headers: Headers.from(fields), body: source });
  const sink = new RecordingSink();
  return { source, exchange, sink };
}

describe('A form', () => {
  test.each([FORM, `${FORM}; charset=UTF-8`, 'APPLICATION/X-WWW-FORM-URLENCODED', `${FORM} ;x`])(
    'of type %j is read, and its body stays',
    async (type) => {
      const { source, exchange, sink } = setUp(type, 12);
      const read = readForm(exchange);
      source.send('user=an');
      source.send('n&b=%20c');
      source.end();
      await read;
      expect([...(exchange.form ?? [])]).toEqual([
        ['user', 'ann'],
        ['b', ' c'],
      ]);
      exchange.body.pipe(sink);
      expect([sink.text, sink.ends, exchange.body.length]).toEqual(['user=ann&b=%20c', ['end'], 12]);
    },
  );

  test('that is here already is not waited for', () => {
    const { source, exchange } = setUp();
    source.onPipe = () => {
      source.send('a=1');
      source.end();
    };
    expect(readForm(exchange)).toBeUndefined();
    expect(exchange.form?.get('a')).toBe('1');
    expect(readForm(exchange)).toBeUndefined();
    expect(source.asked).toEqual(['pipe']);
  });

  test.each([
    ['multipart/form-data; boundary=x', -1, []],
    ['application/json', -1, []],
    [`${FORM}x`, -1, []],
    [undefined, -1, []],
    [FORM, 0, []],
    [FORM, FORM_LIMIT + 1, []],
    [FORM, 5, [['Content-Encoding', 'gzip']]],
  ] as [string | undefined, number, [string, string][]][])(
    'is none with %s of %i bytes and %j: the body is left alone',
    (type, length, more) => {
      const { source, exchange } = setUp(type ?? 'x/y', length, more);
      expect(readForm(exchange)).toBeUndefined();
      expect([source.asked, exchange.form, exchange.body]).toEqual([[], undefined, source]);
    },
  );

  test('is none when it turns out too large, and goes on whole', async () => {
    const { source, exchange, sink } = setUp();
    const read = readForm(exchange);
    source.send('a'.repeat(FORM_LIMIT));
    source.send('b');
    await read;
    expect(exchange.form).toBeUndefined();
    exchange.body.pipe(sink);
    source.send('c');
    source.end();
    expect([sink.size, sink.text.slice(-3), sink.ends]).toEqual([FORM_LIMIT + 2, 'abc', ['end']]);
  });

  test('of just the limit is read', async () => {
    const { source, exchange } = setUp();
    const read = readForm(exchange);
    source.send(`a=${'b'.repeat(FORM_LIMIT - 2)}`);
    source.end();
    await read;
    expect(exchange.form?.get('a')).toHaveLength(FORM_LIMIT - 2);
  });
});

describe('While a form is read', () => {
  test('a cancel ends it, and the body with it', async () => {
    const { source, exchange } = setUp();
    const read = readForm(exchange);
    source.send('a=1');
    exchange.cancel(new GatewayError('request_timeout'));
    await expect(read).rejects.toMatchObject({ code: 'request_timeout' });
    expect([source.cancelled, exchange.form]).toEqual([true, undefined]);
    source.end();
    expect(exchange.form).toBeUndefined();
  });

  test('a client that leaves ends it', async () => {
    for (const [error, code] of [
      [new GatewayError('bad_request'), 'bad_request'],
      [new Error('reset'), 'client_gone'],
    ] as const) {
      const { source, exchange } = setUp();
      const read = readForm(exchange);
      source.send('a=1');
      source.fail(error);
      await expect(read).rejects.toMatchObject({ code });
    }
  });

  test('a body that breaks off at once is told as a rejection', async () => {
    const { source, exchange } = setUp();
    source.onPipe = () => source.fail(new GatewayError('client_gone'));
    await expect(readForm(exchange)).rejects.toMatchObject({ code: 'client_gone' });
  });

  test('why the exchange was cancelled counts, not what follows from it', async () => {
    const { source, exchange } = setUp();
    const read = readForm(exchange);
    const inner = source.sink;
    exchange.onCancel(() => inner?.fail(new GatewayError('client_gone')));
    exchange.cancel(new GatewayError('content_too_large'));
    await expect(read).rejects.toMatchObject({ code: 'content_too_large' });
  });

  test('an exchange that was cancelled before does not begin', async () => {
    const { source, exchange } = setUp();
    exchange.cancel(new GatewayError('client_gone'));
    await expect(readForm(exchange)).rejects.toMatchObject({ code: 'client_gone' });
    expect([source.asked, exchange.form]).toEqual([['cancel'], undefined]);
  });
});

describe('The fields of a form', () => {
  test.each([
    ['', []],
    ['a', [['a', '']]],
    ['=', [['', '']]],
    ['&&&', []],
    ['?a=1', [['?a', '1']]],
    [
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    [
      'a=%zz&%=%',
      [
        ['a', '%zz'],
        ['%', '%'],
      ],
    ],
    ['a=%ff%fe', [['a', '\ufffd\ufffd']]],
    ['a=b=c+d', [['a', 'b=c d']]],
    ['ä=ö', [['ä', 'ö']]],
  ] as [string, [string, string][]][])('of %j are %j', (text, fields) => {
    expect([...parseForm(Buffer.from(text))]).toEqual(fields);
  });

  test('are looked at up to a thousand', () => {
    const form = parseForm(Buffer.from(Array.from({ length: 20_000 }, (_, at) => `f${at}=${at}`).join('&')));
    expect([[...form].length, form.get('f999'), form.get('f1000')]).toEqual([1000, '999', null]);
  });

  test('never throw, whatever the bytes', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.stringMatching(/^[a%&=+?;0-9f]{0,60}$/).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (body) => {
        for (const [name, value] of parseForm(Buffer.from(body)))
          expect([typeof name, typeof value]).toEqual(['string', 'string']);
      }),
      { numRuns: 1000 },
    );
  });

  test('come out of a body cut anywhere, and the body of it whole', async () => {
    const body = fc.stringMatching(/^[ab%20=&]{0,40}$/);
    await fc.assert(
      fc.asyncProperty(body, fc.array(fc.nat(40), { maxLength: 5 }), async (text, cuts) => {
        const { source, exchange, sink } = setUp();
        const read = readForm(exchange);
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        for (let at = 1; at < places.length; at++) source.send(text.slice(places[at - 1], places[at]));
        source.end();
        await read;
        expect(exchange.form?.toString()).toBe(parseForm(Buffer.from(text)).toString());
        exchange.body.pipe(sink);
        expect([sink.text, sink.ends]).toEqual([text, ['end']]);
      }),
      { numRuns: 200 },
    );
  });
});
