import { execFile, execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demoConfig } from '../../src/demo/configuration.ts';
import { formatTryouts, tryouts } from '../../src/demo/tryouts.ts';
import { type DemoUpstreams, startUpstreams } from '../../src/demo/upstreams.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';

const COUNT = tryouts('', '').length;

/** What a shell shows of a command, whatever it thinks of the reply. */
function show(command: string): Promise<string> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', command], (_, stdout) => resolve(stdout));
  });
}

function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!hasCurl())('What the demo prints', () => {
  let upstreams: DemoUpstreams;
  let gateway: Gateway;

  beforeAll(async () => {
    upstreams = await startUpstreams({ ports: { fast: 0, slow: 0, faulty: 0, echo: 0 }, delay: 20, interval: 5 });
    gateway = createGateway(demoConfig(upstreams.addresses, { http: '127.0.0.1:0', admin: '127.0.0.1:0' }));
    await gateway.start();
  });
  afterAll(async () => {
    await gateway.close();
    await upstreams.close();
  });

  test.each(Array.from({ length: COUNT }, (_, at) => at))('is what command %i answers', async (at) => {
    const { command, answer } = tryouts(gateway.http[0] as string, gateway.admin)[at] as ReturnType<typeof tryouts>[number];
    const shown = await show(command);
    let from = 0;
    for (const piece of answer) {
      from = shown.indexOf(piece, from);
      expect(from, `${command}\nshould show ${piece}\nbut shows ${shown}`).toBeGreaterThanOrEqual(0);
    }
  });

  test('is an error of curl when a reply breaks off', async () => {
    const command = tryouts(gateway.http[0] as string, gateway.admin).find(({ remark }) => remark?.includes('error'))?.command;
    // 18: the body is shorter than it was said to be; 56: the connection was reset.
    expect(await show(`${command}; echo " code $?"`)).toMatch(/ code (18|56)$/m);
  });
});

test('the list has each command with its answer below', () => {
  const list = [
    { command: 'curl x', answer: ['HTTP/1.1 200 OK', 'hi'], remark: 'late' },
    { command: 'y', answer: ['z'] },
  ];
  expect(formatTryouts(list)).toBe('  curl x\n      HTTP/1.1 200 OK  hi  (late)\n  y\n      z');
});
