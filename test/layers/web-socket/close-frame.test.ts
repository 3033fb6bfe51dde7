import { expect, test } from 'vitest';
import { closeFrame } from '../../../src/layers/web-socket/close-frame.ts';
import { framesIn } from '../../support/web-socket-frames.ts';

const FAREWELL = { code: 1009, reason: 'a message of more than 65536 bytes' };

test('A client is told in the clear, an upstream behind a mask that is new each time', () => {
  expect(framesIn(closeFrame(FAREWELL, false)).frames).toMatchObject([{ opcode: 8, fin: true, masked: false, ...FAREWELL }]);
  const frames = Array.from({ length: 20 }, () => closeFrame(FAREWELL, true));
  for (const one of frames) expect(framesIn(one).frames).toMatchObject([{ opcode: 8, fin: true, masked: true, ...FAREWELL }]);
  expect(new Set(frames.map((one) => one.toString('hex', 2, 6))).size).toBeGreaterThan(18);
});
