import { describe, expect, test } from 'vitest';
import { EMPTY } from '../../src/http/body.ts';
import { GatewayError } from '../../src/http/errors.ts';
import { Intake } from '../../src/wire/intake.ts';
import { FakeSocket } from '../support/fake-socket.ts';
import { RecordingSink } from '../support/recording-sink.ts';

function setUp() {
  const fake = new FakeSocket();
  const told: string[] = [];
  const intake: Intake = new Intake(fake.socket, {
    bodyAwaited: (waiting) => void told.push(waiting ? 'awaited' : 'not awaited'),
    bodyInvited: () => void told.push('invited'),
    bodyRefused: (error) => void told.push(`refused: ${error.detail}`),
    gone: () => void told.push('gone'),
    bodyDiscarded: (rest) => void told.push(rest ? 'discarded' : 'not worth it'),
  });
  const arrive = (text: string) => {
    intake.hold(Buffer.from(text, 'latin1'));
    intake.pump();
  };
  const pending = () => intake.pending?.toString('latin1');
  return { fake, told, intake, arrive, pending, sink: new RecordingSink() };
}

const KB64 = 64 * 1024;

describe('What a client has sent', () => {
  test('is kept in order until somebody takes it', () => {
    const { intake, pending } = setUp();
    intake.hold(Buffer.from('ab'));
    intake.hold(Buffer.from('cd'));
    expect(pending()).toBe('abcd');
    const buf = intake.pending as Buffer;
    intake.skip(buf, 3);
    expect(pending()).toBe('d');
    intake.skip(buf, 0);
    expect(pending()).toBe('abcd');
    intake.skip(buf, 4);
    expect(pending()).toBeUndefined();
  });

  test('is for nobody once it is dropped', () => {
    const { intake, pending } = setUp();
    intake.hold(Buffer.from('ab'));
    intake.drop();
    expect(pending()).toBeUndefined();
  });
});

describe('A request without a body', () => {
  test('has the empty one, leaves the connection as it is and what follows for the next request', () => {
    const { intake, arrive, pending } = setUp();
    expect(intake.open(undefined, true)).toBe(EMPTY);
    arrive('GET');
    expect(pending()).toBe('GET');
    expect([intake.sparable, intake.cutShort, intake.finish()]).toEqual([true, false, true]);
  });
});

describe('A request body', () => {
  test('waits for its reader, then flows, and leaves what follows', () => {
    const { told, intake, arrive, pending, sink } = setUp();
    const body = intake.open(4, false);
    arrive('ab');
    expect([pending(), intake.cutShort]).toEqual(['ab', false]);
    body.pipe(sink);
    expect([sink.text, pending(), told.at(-1)]).toEqual(['ab', undefined, 'awaited']);
    arrive('cdGET');
    expect([sink.text, sink.ends, pending(), told.at(-1)]).toEqual(['abcd', ['end'], 'GET', 'not awaited']);
    expect(intake.finish()).toBe(true);
  });

  test('that is chunked leaves what follows its last chunk', () => {
    const { intake, arrive, pending, sink } = setUp();
    intake.open('chunked', false).pipe(sink);
    arrive('1\r\na\r\n0\r\n');
    arrive('\r\nGET');
    expect([sink.text, sink.ends, pending()]).toEqual(['a', ['end'], 'GET']);
  });

  test('whose chunks are broken is refused', () => {
    const { told, intake, arrive, sink } = setUp();
    intake.open('chunked', false).pipe(sink);
    arrive('1\r\na\r\nx');
    expect(told.at(-1)).toBe('refused: a chunk without a size');
    intake.fail(new GatewayError('bad_request'));
    expect(sink.ends).toHaveLength(1);
  });

  test('of a slow reader stops the client, and lets it go on with the reader', () => {
    const { fake, told, intake, arrive, sink } = setUp();
    const body = intake.open(9, false);
    body.pipe(sink);
    sink.open = false;
    arrive('ab');
    expect([fake.paused, told.at(-1)]).toEqual([true, 'not awaited']);
    arrive('cd');
    expect(sink.text).toBe('ab');
    sink.open = true;
    body.resume();
    expect([sink.text, fake.paused, told.at(-1)]).toEqual(['abcd', false, 'awaited']);
  });

  test('that nobody reads stops the client only when much is kept', () => {
    const { fake, intake, arrive, sink } = setUp();
    const body = intake.open(3 * KB64, false);
    arrive('x'.repeat(KB64));
    expect(fake.paused).toBe(false);
    arrive('x');
    expect(fake.paused).toBe(true);
    body.pipe(sink);
    expect([fake.paused, sink.size]).toEqual([false, KB64 + 1]);
  });

  test('that is over leaves the client going unless it sends much more', () => {
    const { fake, intake, arrive, sink } = setUp();
    intake.open(1, false).pipe(sink);
    sink.open = false;
    arrive(`a${'x'.repeat(KB64)}`);
    expect(fake.paused).toBe(false);
    arrive('x');
    expect(fake.paused).toBe(true);
  });

  test('cancelled while its client is stopped lets it go on', () => {
    const { fake, intake, arrive, sink } = setUp();
    const body = intake.open(9, false);
    body.pipe(sink);
    sink.open = false;
    arrive('ab');
    arrive('cd');
    body.cancel();
    expect([fake.paused, sink.ends]).toEqual([false, []]);
  });

  test('that fails tells its reader, and what was kept is for nobody', () => {
    const { intake, arrive, pending, sink } = setUp();
    intake.open(9, false).pipe(sink);
    sink.open = false;
    arrive('ab');
    arrive('cd');
    intake.fail(new GatewayError('client_gone'));
    expect([sink.text, sink.ends, pending()]).toEqual(['ab', ['The client went away'], undefined]);
  });
});

describe('An exchange that ends inside the delivery of its body', () => {
  test('leaves the next request for after it', () => {
    const { told, intake, arrive, pending, sink } = setUp();
    intake.open(2, false).pipe(sink);
    let finished: boolean | undefined;
    sink.onChunk = () => {
      finished = intake.finish();
    };
    arrive('abGET');
    expect([finished, pending(), told.at(-1)]).toEqual([false, 'GET', 'discarded']);
  });
});

describe('Expect: 100-continue', () => {
  test('is answered when the body is wanted, once', () => {
    const { told, intake, arrive, sink } = setUp();
    const body = intake.open(9, true);
    expect(told).toEqual([]);
    body.pipe(sink);
    expect(told).toEqual(['invited', 'awaited']);
    sink.open = false;
    arrive('a');
    body.resume();
    expect(told.filter((one) => one === 'invited')).toHaveLength(1);
  });

  test('is not answered when the body comes uninvited, or there is none', () => {
    const { told, intake, arrive, sink } = setUp();
    const body = intake.open(2, true);
    arrive('a');
    body.pipe(sink);
    intake.finish();
    const none = intake.open(undefined, true);
    none.pipe(new RecordingSink());
    intake.open(2, false).pipe(new RecordingSink());
    expect(told).not.toContain('invited');
  });

  test('of one request says nothing about the next', () => {
    const { told, intake, arrive } = setUp();
    intake.open(1, true);
    arrive('a');
    intake.finish();
    intake.open(1, false).pipe(new RecordingSink());
    expect(told).not.toContain('invited');
  });
});

describe('The rest of a body that nobody wants', () => {
  test('is thrown away when it is short, and the connection saved', () => {
    const { told, intake, arrive, pending } = setUp();
    intake.open(4, false);
    arrive('ab');
    expect([intake.sparable, intake.finish()]).toEqual([true, false]);
    expect(told.at(-1)).toBe('awaited');
    arrive('cdGET');
    expect([told.at(-1), pending()]).toEqual(['discarded', 'GET']);
  });

  test('that is here already is thrown away at once', () => {
    const { told, intake, arrive, pending } = setUp();
    intake.open(4, false);
    arrive('abcdGET');
    expect(intake.finish()).toBe(false);
    expect([told.at(-1), pending()]).toEqual(['discarded', 'GET']);
  });

  test('does not reach a reader that has some of it already', () => {
    const { told, intake, arrive, sink } = setUp();
    intake.open(4, false).pipe(sink);
    arrive('ab');
    intake.finish();
    arrive('cd');
    expect([sink.text, sink.ends, told.at(-1)]).toEqual(['ab', [], 'discarded']);
  });

  test('is read even when its client was stopped', () => {
    const { fake, told, intake, arrive, sink } = setUp();
    intake.open(4, false).pipe(sink);
    sink.open = false;
    arrive('ab');
    intake.finish();
    expect(fake.paused).toBe(false);
    arrive('cd');
    expect(told.at(-1)).toBe('discarded');
  });

  test.each([
    ['is long', KB64 + 1],
    ['has no known length', 'chunked'],
  ] as const)('that %s is not worth the connection', (_, framing) => {
    const { told, intake } = setUp();
    intake.open(framing, false);
    expect([intake.sparable, intake.finish(), told.at(-1)]).toEqual([false, false, 'not worth it']);
  });

  test('that is being read leaves the connection to be kept', () => {
    const { intake, sink } = setUp();
    intake.open('chunked', false).pipe(sink);
    expect(intake.sparable).toBe(true);
  });

  test('does not come from a client that sends no more', () => {
    const { told, intake } = setUp();
    intake.open(4, false);
    intake.ended = true;
    intake.finish();
    expect(told.at(-1)).toBe('not worth it');
  });

  test('is no reason for another invitation when it is wanted too late', () => {
    const { told, intake, sink } = setUp();
    const body = intake.open(4, true);
    intake.finish();
    body.pipe(sink);
    expect(told).not.toContain('invited');
    expect(sink.ends).toEqual([]);
  });
});

describe('A client that sends no more', () => {
  test('in the middle of its body is gone', () => {
    const { told, intake, arrive, sink } = setUp();
    const body = intake.open(9, false);
    body.pipe(sink);
    sink.open = false;
    arrive('a');
    arrive('b');
    intake.ended = true;
    expect(intake.cutShort).toBe(false);
    sink.open = true;
    body.resume();
    expect([sink.text, told.at(-1)]).toEqual(['ab', 'gone']);
  });

  test('after its body is not', () => {
    const { told, intake, arrive, sink } = setUp();
    const body = intake.open(2, false);
    arrive('ab');
    intake.ended = true;
    body.pipe(sink);
    expect([intake.cutShort, sink.ends, told.includes('gone')]).toEqual([false, ['end'], false]);
  });
});
