import { once } from 'node:events';
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Load } from './support/load.ts';
import { startOrigin } from './support/origin.ts';
import { document, SluiceProcess } from './support/sluice-process.ts';
import { Tunnel } from './support/tunnel.ts';

const APPLIED = 'gateway_config_reloads_total{outcome="applied"}';
/** Milliseconds within which a change has to be in force: in the middle, for the machine may have others to serve. */
const SOON = 2000;
const AT_ALL = 15_000;
/** Of each client: a machine whose every core is taken up by the load says nothing about how soon. Milliseconds. */
const PAUSE = 4;

/** A configuration with a route that answers with its number, beside the one that the load asks. */
function numbered(address: string, number: number, more: Record<string, object> = {}) {
  const config = document([address], more);
  const routes = [
    { id: 'number', path: '/number', respond: { status: 200, body: String(number) } },
    ...(config['routes'] as object[]),
  ];
  return { ...config, routes };
}

async function number(sluice: SluiceProcess): Promise<string> {
  return (await fetch(`http://${sluice.address}/number`)).text();
}

/** @returns how long it took, in ms */
async function inForce(sluice: SluiceProcess, at: number): Promise<number> {
  const begun = performance.now();
  await expect.poll(() => number(sluice), { timeout: AT_ALL, interval: 20 }).toBe(String(at));
  return performance.now() - begun;
}

const WAYS: readonly (readonly [string, (sluice: SluiceProcess, text: string, at: number) => void])[] = [
  ['written in place', (sluice, text) => writeFileSync(sluice.file, text)],
  [
    'replaced by a rename',
    (sluice, text, at) => {
      const beside = join(sluice.directory, `.next-${at}`);
      writeFileSync(beside, text);
      renameSync(beside, sluice.file);
    },
  ],
  [
    'swapped as Kubernetes swaps the files of a ConfigMap',
    (sluice, text, at) => {
      const { directory } = sluice;
      mkdirSync(join(directory, `..${at}`));
      writeFileSync(join(directory, `..${at}`, 'sluice.yaml'), text);
      symlinkSync(`..${at}`, join(directory, '..data_tmp'));
      renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
      if (at === 0) symlinkSync('..data/sluice.yaml', sluice.file);
    },
  ],
];

describe('A file that is', () => {
  test.each(WAYS)('%s takes effect within two seconds, with no failed request and no closed connection', async (_, put) => {
    const origin = await startOrigin();
    const config = (at: number) => JSON.stringify(numbered(origin.address, at));
    const sluice = await SluiceProcess.start(undefined, (process) => put(process, config(0), 0));
    const load = new Load(sluice.address, { body: 'origin saw /', pause: PAUSE });
    const took: number[] = [];
    for (let at = 1; at <= 5; at++) {
      await load.more(50);
      put(sluice, config(at), at);
      took.push(await inForce(sluice, at));
    }
    expect(took.sort((one, other) => one - other)[2]).toBeLessThan(SOON);
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], 4]);
    expect(await sluice.metric(APPLIED)).toBe(5);
  });
});

describe('A configuration that cannot be had', () => {
  test('changes nothing but a metric, a line in the log and /stats, which all say where it is wrong', async () => {
    const origin = await startOrigin();
    const sluice = await SluiceProcess.start(numbered(origin.address, 0));
    const load = new Load(sluice.address, { body: 'origin saw /', pause: PAUSE });
    await load.more(50);
    const good = await sluice.stats();
    sluice.write('server:\n  http_addr: "127.0.0.1:0"\nroutes:\n  - id: a\n    path: /a\n    retires: 3\n    respond: {}\n');
    const line = await sluice.logged(({ msg }) => msg.startsWith('configuration refused'));
    expect(line.level).toBe('error');
    const problem = expect.stringMatching(/^\S*sluice\.yaml:6:5\b.*routes\[0\]\.retires.*\bretries\b/);
    expect(line['problems']).toContainEqual(problem);
    const stats = await sluice.stats();
    expect(stats.config.reloads[0]).toMatchObject({ outcome: 'refused', problems: [problem] });
    expect([stats.config.version, stats.routes]).toEqual([good.config.version, good.routes]);
    expect(await sluice.metric('gateway_config_reloads_total{outcome="refused"}')).toBe(1);
    expect(await sluice.metric(APPLIED)).toBe(0);
    await load.more(50);
    expect(await number(sluice)).toBe('0');
    // The next good one is taken.
    sluice.write(numbered(origin.address, 1));
    await inForce(sluice, 1);
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], 4]);
  });

  test('because it changes what only a new process can take up is refused by the names of these settings', async () => {
    const origin = await startOrigin();
    const sluice = await SluiceProcess.start(numbered(origin.address, 0));
    const other = numbered(origin.address, 1, { server: { http_addr: '127.0.0.1:1', proxy_protocol: { from: ['10.0.0.0/8'] } } });
    sluice.write({ ...other, log: { output: 'stderr' } });
    const { problems } = await sluice.logged(({ msg }) => msg.startsWith('configuration refused'));
    const why = 'cannot change while it runs: needs an upgrade';
    expect(problems).toEqual([`server.http_addr: ${why}`, `server.proxy_protocol: ${why}`, `log.output: ${why}`]);
    expect(await number(sluice)).toBe('0');
  });
});

describe('SIGHUP', () => {
  test('reads the file of a gateway that does not watch it, and a file that is gone changes nothing', async () => {
    const origin = await startOrigin();
    const config = (at: number) => ({ ...numbered(origin.address, at), config_source: { file: { watch: false } } });
    const sluice = await SluiceProcess.start(config(0));
    const load = new Load(sluice.address, { body: 'origin saw /', pause: PAUSE });
    sluice.write(config(1));
    sluice.kill('SIGHUP');
    await inForce(sluice, 1);
    renameSync(sluice.file, `${sluice.file}.away`);
    sluice.kill('SIGHUP');
    const line = await sluice.logged(({ msg }) => /configuration (refused|failed)/.test(msg));
    expect(String(line['problems'])).toContain('sluice.yaml');
    await load.more(100);
    renameSync(`${sluice.file}.away`, sluice.file);
    sluice.write(config(2));
    for (let times = 0; times < 50; times++) sluice.kill('SIGHUP');
    await inForce(sluice, 2);
    await load.end();
    expect([load.wrong, load.connections, await number(sluice)]).toEqual([[], 4, '2']);
  });
});

describe('Ten reloads', () => {
  test('cut neither a tunnel nor a download that takes long, and open no connection to the upstreams', async () => {
    const pieces = 200;
    const origin = await startOrigin(async (request, response) => {
      if (request.url !== '/download') return response.end('ok');
      for (let at = 0; at < pieces; at++) {
        response.write('x'.repeat(1000));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return response.end();
    });
    const sluice = await SluiceProcess.start(numbered(origin.address, 0));
    const load = new Load(sluice.address, { body: 'ok', pause: PAUSE });
    const tunnel = await Tunnel.open(sluice.address);
    const [download] = (await once(get(`http://${sluice.address}/download`), 'response')) as [IncomingMessage];
    let bytes = 0;
    download.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    await load.more(200);
    const before = origin.accepted();
    for (let at = 1; at <= 10; at++) {
      // The route of both changes each time, and what the backend is but for its addresses.
      const route = { timeout: `${60 + at}s`, retries: at % 3 };
      const backend = { algorithm: at % 2 === 0 ? 'round_robin' : 'least_connections', slow_start: `${at}s` };
      sluice.write(numbered(origin.address, at, { route, backend }));
      await inForce(sluice, at);
      expect(await tunnel.echoes(`reload ${at}`)).toBe(true);
    }
    expect(bytes).toBeLessThan(pieces * 1000);
    await load.more(200);
    await load.end();
    expect([load.wrong, load.connections, origin.accepted() - before]).toEqual([[], 4, 0]);
    if (!download.complete) await once(download, 'end');
    expect([download.complete, bytes]).toEqual([true, pieces * 1000]);
  });

  test('that change weights and the list of upstreams apply, and keep the connections of those that stay', async () => {
    const origins = await Promise.all([startOrigin(), startOrigin(), startOrigin()]);
    const [a, b, c] = origins.map(({ address }) => address) as [string, string, string];
    const upstreams = (list: readonly (readonly [string, number])[]) => ({
      backend: { algorithm: 'weighted_round_robin', upstreams: list.map(([address, weight]) => ({ address, weight })) },
    });
    const sluice = await SluiceProcess.start(
      numbered(
        a,
        0,
        upstreams([
          [a, 1],
          [b, 1],
        ]),
      ),
    );
    const load = new Load(sluice.address, { body: 'origin saw /', pause: PAUSE });
    const shares = async () => {
      const counts = async () => (await sluice.stats()).backends['origin']?.upstreams.map(({ requests }) => requests) ?? [];
      const before = await counts();
      await load.more(400);
      const added = (await counts()).map((count, at) => count - (before[at] ?? 0));
      return added.map((count) => Math.round((10 * count) / added.reduce((sum, one) => sum + one)));
    };
    expect(await shares()).toEqual([5, 5]);
    sluice.write(
      numbered(
        a,
        1,
        upstreams([
          [a, 4],
          [b, 1],
        ]),
      ),
    );
    await inForce(sluice, 1);
    expect(await shares()).toEqual([8, 2]);
    sluice.write(
      numbered(
        a,
        2,
        upstreams([
          [a, 1],
          [c, 1],
        ]),
      ),
    );
    await inForce(sluice, 2);
    expect(await shares()).toEqual([5, 5]);
    const { backends } = await sluice.stats();
    expect(backends['origin']?.upstreams.map(({ address }) => address)).toEqual([a, c]);
    await expect.poll(() => new Promise((resolve) => origins[1]?.server.getConnections((_, count) => resolve(count)))).toBe(0);
    await load.end();
    expect([load.wrong, load.connections]).toEqual([[], 4]);
    // One for each client at most, from the beginning to the end.
    expect(origins[0]?.accepted()).toBeLessThanOrEqual(4);
  });
});
