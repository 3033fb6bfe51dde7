import { describe, expect, test } from 'vitest';
import { SMALL_BODY } from '../../src/http/body.ts';
import { BodyWriter, type Framing, HIGH_WATER } from '../../src/wire/body-writer.ts';
import { arrived } from '../support/arrived.ts';
import { FakeSocket } from '../support/fake-socket.ts';

function setUp(framing: Framing, head = 'HEAD ') {
  const fake = new FakeSocket();
  const told: string[] = [];
  const owner = {
    bodyWritten: () => void told.push('written'),
    bodyBroken: (error: Error) => void told.push(error.message),
    bodyBlocked: () => void told.push('blocked'),
  };
  const writer = new BodyWriter(fake.socket, owner, head, framing);
  return { fake, told, writer, chunk: (text: string) => writer.chunk(Buffer.from(text, 'latin1')) };
}

const large = 'x'.repeat(SMALL_BODY + 1);

describe('A body of known length', () => {
  test('takes the head along in its first write', () => {
    const { fake, told, writer, chunk } = setUp(4);
    expect([chunk('a\xff'), chunk('cd')]).toEqual([true, true]);
    writer.end();
    expect(fake.writes).toEqual(['HEAD a\xff', 'cd']);
    expect(told).toEqual(['written']);
  });

  test('of no bytes is its head alone', () => {
    const { fake, told, writer } = setUp(0);
    writer.end();
    expect([fake.writes, told]).toEqual([['HEAD '], ['written']]);
  });

  test('that is shorter than announced is broken, not ended', () => {
    const { fake, told, writer, chunk } = setUp(3);
    chunk('ab');
    writer.end();
    writer.end();
    expect([fake.text, told]).toEqual(['HEAD ab', ['a body shorter than its announced length']]);
  });

  test('that is longer than announced is broken, and none of the piece that is too long is written', () => {
    const { fake, told, writer, chunk } = setUp(3);
    chunk('ab');
    expect(chunk('cd')).toBe(false);
    expect(chunk('e')).toBe(true);
    writer.end();
    expect([fake.text, told]).toEqual(['HEAD ab', ['a body longer than its announced length']]);
  });
});

describe('A chunked body', () => {
  test('has its sizes in hexadecimal, and the last chunk alone', () => {
    const { fake, told, writer, chunk } = setUp('chunked');
    chunk('a'.repeat(26));
    chunk('b');
    writer.end();
    expect(fake.writes).toEqual([`HEAD 1a\r\n${'a'.repeat(26)}\r\n`, '1\r\nb\r\n', '0\r\n\r\n']);
    expect(told).toEqual(['written']);
  });

  test('has its trailers behind the last chunk', () => {
    const { fake, writer } = setUp('chunked');
    writer.end(arrived('X-Sum: 1'));
    expect(fake.writes).toEqual(['HEAD 0\r\nX-Sum: 1\r\n\r\n']);
  });

  test('has no chunk for a piece of no bytes: that would be its end', () => {
    const { fake, chunk } = setUp('chunked');
    expect(chunk('')).toBe(true);
    expect(fake.writes).toEqual([]);
  });
});

test('a body until the connection closes is its bytes; trailers have no place in it', () => {
  const { fake, told, writer, chunk } = setUp('close');
  chunk('ab');
  writer.end(arrived('X-Sum: 1'));
  expect([fake.writes, told]).toEqual([['HEAD ab'], ['written']]);
});

test.each([
  ['chunked', [`HEAD 4001\r\n${large}\r\n`, `4001\r\n${large}\r\n`]],
  ['close', [`HEAD ${large}`, large]],
  [2 * large.length, [`HEAD ${large}`, large]],
] as const)('a large piece of a body framed by %s leaves in one go with what belongs to it', (framing, writes) => {
  const { fake, chunk } = setUp(framing);
  chunk(large);
  chunk(large);
  expect(fake.writes).toEqual(writes);
  expect(fake.corked).toBe(0);
});

describe('The head', () => {
  test('goes out alone when the body is not there yet, once', () => {
    const { fake, writer, chunk } = setUp(2);
    writer.flush();
    writer.flush();
    chunk('ab');
    writer.end();
    expect(fake.writes).toEqual(['HEAD ', 'ab']);
  });

  test('is not sent twice', () => {
    const { fake, writer, chunk } = setUp(2);
    chunk('ab');
    writer.flush();
    expect(fake.writes).toEqual(['HEAD ab']);
  });
});

describe('A socket that takes no more', () => {
  test('has the source wait once more than the mark is left in it', () => {
    const { fake, told, chunk } = setUp('close');
    fake.writableLength = HIGH_WATER;
    expect(chunk('a')).toBe(true);
    fake.writableLength = HIGH_WATER + 1;
    expect([chunk('a'), chunk(large)]).toEqual([false, false]);
    expect(told).toEqual(['blocked', 'blocked']);
  });

  test('has released what it took when nothing is left in it', () => {
    const { fake, writer } = setUp('close');
    expect(writer.released).toBe(true);
    fake.writableLength = 1;
    expect(writer.released).toBe(false);
  });
});

describe('A body that breaks off', () => {
  test('is told to the connection once, and nothing more is written', () => {
    const { fake, told, writer, chunk } = setUp('chunked');
    chunk('a');
    writer.fail(new Error('broken'));
    writer.fail(new Error('again'));
    chunk('b');
    writer.end();
    expect([fake.writes, told]).toEqual([['HEAD 1\r\na\r\n'], ['broken']]);
  });

  test('after its end is whole nevertheless', () => {
    const { told, writer } = setUp(0);
    writer.end();
    writer.fail(new Error('broken'));
    expect(told).toEqual(['written']);
  });
});

test('an abandoned writer writes and tells nothing, not even its head', () => {
  const { fake, told, writer, chunk } = setUp(2);
  writer.abandon();
  chunk('ab');
  writer.end();
  writer.fail(new Error('broken'));
  writer.flush();
  expect([fake.writes, told]).toEqual([[], []]);
});
