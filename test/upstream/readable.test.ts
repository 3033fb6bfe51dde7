import { describe, expect, test } from 'vitest';
import { readableOf } from '../../src/upstream/readable.ts';
import { turns } from '../support/channels.ts';
import { ManualSource } from '../support/manual-source.ts';

describe('A body as a stream of Node', () => {
  test('starts when somebody reads, and ends as its source does', async () => {
    const source = new ManualSource();
    const readable = readableOf(source);
    await turns(3);
    expect(source.asked).toEqual([]);
    source.onPipe = () => {
      source.send('ab');
      source.send('cd');
      source.end();
    };
    const read: string[] = [];
    for await (const bytes of readable) read.push(String(bytes));
    expect(read.join('')).toBe('abcd');
  });

  test('has its source wait when much is unread, and go on then', async () => {
    const source = new ManualSource();
    const readable = readableOf(source);
    readable.read();
    await turns(2);
    let sent = 0;
    while (source.send('x'.repeat(10_000))) sent += 10_000;
    expect(sent).toBeGreaterThan(0);
    readable.resume();
    await turns(3);
    expect(source.resumes).toBeGreaterThan(0);
  });

  test('breaks when its source does, and nobody who does not listen is hurt', async () => {
    const source = new ManualSource();
    const readable = readableOf(source);
    readable.read();
    await turns(2);
    source.fail(new Error('broken'));
    await turns(2);
    expect(readable.errored?.message).toBe('broken');
  });

  test('that is destroyed cancels its source', async () => {
    const source = new ManualSource();
    const readable = readableOf(source);
    readable.read();
    await turns(2);
    readable.destroy();
    await turns(2);
    expect(source.cancelled).toBe(true);
  });
});
