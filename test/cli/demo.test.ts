import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { demo } from '../../src/cli/demo.ts';
import { Recorder } from './recorder.ts';

const FREE = { fast: 0, slow: 0, faulty: 0, echo: 0 };
const LISTEN = { http: '127.0.0.1:0', admin: '127.0.0.1:0' };

test('the demo prints commands for where it listens, serves, and takes its upstreams down with it', async () => {
  const terminal = new Recorder();
  const code = demo('silent', terminal, { ports: FREE, listen: LISTEN });
  await expect.poll(() => terminal.printed, { timeout: 5000 }).toContain('/hello');
  const [, http] = /curl -i http:\/\/(\S+)\/fast/.exec(terminal.printed) ?? [];
  expect(await (await fetch(`http://${http}/fast`)).json()).toEqual({ upstream: 'fast' });
  terminal.signal('SIGINT');
  expect(await code).toBe(0);
  await expect(fetch(`http://${http}/fast`)).rejects.toThrow();
});

test('the demo names the port that is taken and ends with 1', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const terminal = new Recorder();
  expect(await demo('silent', terminal, { ports: { ...FREE, slow: port }, listen: LISTEN })).toBe(1);
  expect(terminal.complained).toContain(`127.0.0.1:${port}`);
  other.close();
});
