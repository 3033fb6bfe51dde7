import { describe, expect, test } from 'vitest';
import { ReadBuffer, ReadBuffers } from '../../src/wire/read-buffer.ts';

/** A read as the socket does it: asks for memory, fills it, hands it over. */
function read(memory: ReadBuffer, text: string): Buffer {
  const buffer = memory.next();
  buffer.write(text, 'latin1');
  return memory.take(text.length);
}

const large = (letter: string) => letter.repeat(10_000);

describe('The memory of an upstream socket', () => {
  test('is one buffer for all between bodies', () => {
    const buffers = new ReadBuffers();
    const [a, b] = [new ReadBuffer(buffers), new ReadBuffer(buffers)];
    expect(a.next()).toBe(buffers.shared);
    expect(b.next()).toBe(buffers.shared);
    expect(a.next()).toBe(buffers.shared);
  });

  test.each([
    ['few', 'a'],
    ['many', large('a')],
  ])('gives away %s bytes of the shared one as a copy', (_, text) => {
    const buffers = new ReadBuffers();
    const memory = new ReadBuffer(buffers);
    const bytes = read(memory, text);
    new ReadBuffer(buffers).next().fill('x');
    expect(bytes.toString('latin1')).toBe(text);
  });

  test('is its own while a body streams, and few bytes of it are copied so that it serves again', () => {
    const buffers = new ReadBuffers();
    const memory = new ReadBuffer(buffers);
    memory.stream(true);
    const first = memory.next();
    expect(first).not.toBe(buffers.shared);
    const bytes = read(memory, 'few');
    expect(memory.next()).toBe(first);
    first.fill('x');
    expect(bytes.toString('latin1')).toBe('few');
  });

  test('of many bytes is given away as it is, and the next read gets another', () => {
    const memory = new ReadBuffer(new ReadBuffers());
    memory.stream(true);
    const bytes = [read(memory, large('a')), read(memory, large('b')), read(memory, large('c'))];
    expect(bytes.map((one) => one.toString('latin1'))).toEqual([large('a'), large('b'), large('c')]);
    expect(new Set(bytes.map((one) => one.buffer)).size).toBe(3);
  });

  test('is used again when whoever got the bytes is done with them', () => {
    const memory = new ReadBuffer(new ReadBuffers());
    memory.stream(true);
    const bytes = read(memory, large('a'));
    memory.reclaim();
    expect(memory.next().buffer).toBe(bytes.buffer);
  });

  test('that was taken long ago is never taken back', () => {
    const memory = new ReadBuffer(new ReadBuffers());
    memory.stream(true);
    const old = read(memory, large('a'));
    read(memory, 'few');
    memory.reclaim();
    read(memory, large('b'));
    expect(old.toString('latin1')).toBe(large('a'));
  });

  test('is the shared one again once the body is over, reclaimed or not', () => {
    const buffers = new ReadBuffers();
    const memory = new ReadBuffer(buffers);
    memory.stream(true);
    read(memory, large('a'));
    memory.stream(false);
    memory.reclaim();
    expect(memory.next()).toBe(buffers.shared);
  });
});
