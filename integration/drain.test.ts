import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Load } from './support/load.ts';
import { startOrigin } from './support/origin.ts';
import { document, SluiceProcess } from './support/sluice-process.ts';
import { Tunnel } from './support/tunnel.ts';

const BODY = 'origin saw /';

async function start(timeouts: Record<string, string>) {
  // "/slow/MS" answers half at once and the rest after so long; "/late/MS" answers after so long.
  const origin = await startOrigin((request, response) => {
    const [, kind, ms] = (request.url as string).split('/');
    const end = () => response.end('.');
    if (kind === '') response.end(BODY);
    else {
      if (kind === 'slow') response.write('half');
      setTimeout(end, Number(ms)).unref();
    }
  });
  return { origin, sluice: await SluiceProcess.start(document([origin.address], { server: { timeouts } })) };
}

interface Asking {
  readonly begun?: () => void;
  readonly agent?: Agent;
}

/** A reply to its end. @returns status, whether the connection is kept, and the body or how it broke off */
async function ask(address: string, path: string, { begun, agent }: Asking = {}): Promise<string> {
  const asked = get(`http://${address}${path}`, agent === undefined ? {} : { agent });
  asked.on('finish', () => begun?.());
  // Also told of what breaks the reply off, which is the reply's to say.
  asked.on('error', () => {});
  try {
    const [reply] = (await once(asked, 'response')) as [IncomingMessage];
    let text = '';
    try {
      for await (const chunk of reply) text += chunk;
    } catch {
      text += ' cut';
    }
    return `${reply.statusCode} ${reply.headers.connection ?? ''} ${text}`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

describe.each(['SIGTERM', 'SIGQUIT'] as const)('After %s', (signal) => {
  test('/ready fails while requests go on, then connections end in order, and no request fails', async () => {
    const { sluice } = await start({ drain_lead: '2s', drain: '10s' });
    const load = new Load(sluice.address, { body: BODY, clients: 16 });
    await load.more(200);
    expect([await sluice.ready(), load.last]).toEqual([200, 0]);
    const begun = performance.now();
    sluice.kill(signal);
    await expect.poll(() => sluice.ready(), { interval: 10 }).toBe(503);
    // The lead: everything is as before, for new connections too.
    await load.more(200);
    expect(await ask(sluice.address, '/')).toMatch(/^200 (?!close)/);
    expect([load.wrong, load.last, load.connections]).toEqual([[], 0, 16]);
    expect(performance.now() - begun).toBeLessThan(1900);
    expect(await sluice.exited).toEqual({ code: 0, signal: null });
    await load.over;
    expect(load.wrong).toEqual([]);
    expect(load.refused).toBe(16);
    expect(load.last).toBeGreaterThan(0);
    expect(load.last).toBeLessThanOrEqual(16);
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(1900);
    expect(took).toBeLessThan(10_000);
    expect(sluice.entries.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'draining', 'stopped']));
  });

  test('a request that takes long is finished within the drain', async () => {
    const { sluice } = await start({ drain: '10s' });
    const [sent, also] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = ask(sluice.address, '/slow/1500', { begun: sent.resolve });
    const late = ask(sluice.address, '/late/1500', { begun: also.resolve });
    await Promise.all([sent.promise, also.promise]);
    await expect.poll(async () => (await sluice.stats()).backends['origin']?.upstreams[0]?.active).toBe(2);
    sluice.kill(signal);
    await sluice.logged(({ msg }) => msg === 'draining');
    await expect.poll(() => ask(sluice.address, '/')).toBe('ECONNREFUSED');
    expect(await slow).toMatch(/^200 .* half\.$/);
    expect(await late).toBe('200 close .');
    expect(await sluice.exited).toEqual({ code: 0, signal: null });
  });

  test('what is not done when the drain is over is cut, and the exit code is 0 all the same', async () => {
    const { sluice } = await start({ drain: '1s' });
    const tunnel = await Tunnel.open(sluice.address);
    const slow = ask(sluice.address, '/slow/60000');
    const late = ask(sluice.address, '/late/60000');
    await expect.poll(async () => (await sluice.stats()).backends['origin']?.upstreams[0]?.active).toBe(3);
    const begun = performance.now();
    sluice.kill(signal);
    expect(await tunnel.echoes('still there')).toBe(true);
    expect(await sluice.exited).toEqual({ code: 0, signal: null });
    const took = performance.now() - begun;
    expect([took > 900, took < 3000]).toEqual([true, true]);
    expect(await slow).toMatch(/^200 .* half cut$/);
    expect(await late).toBe('ECONNRESET');
    expect(await tunnel.echoes('no more')).toBe(false);
    expect(sluice.entries.map(({ msg }) => msg)).toContain('connections were cut when the drain timeout was over');
  });

  test.each([
    ['during the lead', { drain_lead: '60s', drain: '60s' }],
    ['during the drain', { drain: '60s' }],
  ])('a second signal %s ends it at once with 1', async (_, timeouts) => {
    const { sluice } = await start(timeouts);
    const late = ask(sluice.address, '/late/60000');
    await expect.poll(async () => (await sluice.stats()).backends['origin']?.upstreams[0]?.active).toBe(1);
    sluice.kill(signal);
    await sluice.logged(({ msg }) => msg === 'draining');
    const begun = performance.now();
    sluice.kill('SIGTERM');
    expect(await sluice.exited).toEqual({ code: 1, signal: null });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(await late).toBe('ECONNRESET');
  });
});

test('An idle gateway drains at once, with connections that are kept open and nothing on them', async () => {
  const { sluice } = await start({ drain: '30s' });
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  expect(await Promise.all(Array.from({ length: 8 }, () => ask(sluice.address, '/', { agent })))).toHaveLength(8);
  expect((await sluice.stats()).connections).toBe(8);
  const begun = performance.now();
  sluice.kill('SIGTERM');
  expect(await sluice.exited).toEqual({ code: 0, signal: null });
  expect(performance.now() - begun).toBeLessThan(3000);
});
