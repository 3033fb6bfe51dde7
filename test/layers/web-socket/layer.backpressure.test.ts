import { afterEach, expect, test } from 'vitest';
import { soon } from '../../support/channels.ts';
import { Served } from './served.ts';

const PART = Buffer.alloc(1024 * 1024, 'sixteen bytes ok');
const PARTS = 64;
/** What the kernel's buffers of two connections and the gateway may hold between the ends. */
const UNDER_WAY = 32 * PART.length;

let served: Served | undefined;
afterEach(() => served?.close());

test.each(['client', 'upstream'] as const)(
  'The %s that does not read stops the other end, and gets all of it once it does',
  async (slow) => {
    served = await Served.open({ max_message_size: '2MB' });
    const [client, upstream] = await served.pair();
    const [reader, writer] = slow === 'client' ? [client, upstream] : [upstream, client];
    reader.socket.pause();
    for (let count = 0; count < PARTS; count++) writer.socket.send(PART);
    // Nobody takes anything any more.
    let [before, unchanged] = [-1, 0];
    await soon(() => {
      const left = writer.socket.bufferedAmount;
      unchanged = left === before ? unchanged + 1 : 0;
      before = left;
      return unchanged > 500;
    });
    expect(before).toBeGreaterThan(PARTS * PART.length - UNDER_WAY);
    expect(reader.messages).toHaveLength(0);
    reader.socket.resume();
    await reader.until(({ messages }) => messages.length === PARTS);
    expect(reader.messages.every(({ data }) => data.equals(PART))).toBe(true);
  },
);
