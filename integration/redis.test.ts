import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { issue, PemFiles } from '../test/support/certificates.ts';
import { startCluster, startSentinels } from './support/redis-groups.ts';
import { RedisServer, redisIsMissing } from './support/redis-server.ts';
import { INCREMENT, WatchedStore } from './support/redis-stores.ts';

const why = redisIsMissing ? ' (SKIPPED: redis-server is not installed)' : '';

describe.skipIf(redisIsMissing)(`A store on a Redis of its own${why}`, () => {
  const urlOf = (server: RedisServer) => ({ url: `redis://${server.address}` });

  test('runs scripts, loading each once', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    const { store } = watched;
    expect(store.state).toMatchObject({ condition: 'up', reason: '' });
    expect(store.latency).toBeGreaterThan(0);
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.run(INCREMENT, ['{a}n'], [1])));
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(await server.ask('INFO', 'commandstats')).toMatch(/cmdstat_script\|load:calls=2,/);
    expect(watched.lines).toEqual(['info: redis is up']);
  });

  test('loads a script again that the server has forgotten, and runs each command once', async () => {
    const server = await RedisServer.start();
    const { store } = await openedOn(server);
    await store.run(INCREMENT, ['{a}n'], [1]);
    for (let round = 0; round < 3; round++) {
      await server.ask('SCRIPT', 'FLUSH');
      await Promise.all(Array.from({ length: 20 }, () => store.run(INCREMENT, ['{a}n'], [1])));
    }
    expect(await server.ask('GET', '{a}n')).toBe('61');
    expect(await server.ask('INFO', 'commandstats')).toMatch(/cmdstat_script\|load:calls=5,/);
    expect(store.state.condition).toBe('up');
  });

  test('is down within moments of a kill, costs nothing meanwhile, and comes back with its scripts', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    await watched.increment();
    await server.kill();
    await watched.becomes('down', /connection is lost|ECONNREFUSED/, 500);
    expect(await watched.increment()).toBe('down');
    expect(await watched.cost()).toBeLessThan(1);
    await pause(1500);
    expect(await watched.cost()).toBeLessThan(1);
    await server.start();
    await watched.becomes('up', /^/, 2500);
    expect(await watched.increment()).toBe(1);
    expect(watched.lines.filter((line) => line === 'info: redis is up')).toHaveLength(2);
    expect(watched.lines.length).toBeLessThan(6);
  });

  test('runs a command at most once when the connection dies under it', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    await watched.increment();
    let ok = 1;
    let sent = 1;
    for (let round = 0; round < 10; round++) {
      const running = Array.from({ length: 50 }, () => watched.increment());
      sent += running.length;
      await pause(round % 3);
      await server.ask('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      ok += (await Promise.all(running)).filter((answer) => typeof answer === 'number').length;
      await watched.becomes('up');
    }
    const count = Number(await server.ask('GET', '{a}count'));
    expect(count).toBeGreaterThanOrEqual(ok);
    expect(count).toBeLessThanOrEqual(sent);
  });

  test('is down when a server stands still, after three waits and not one for each request', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    await watched.increment();
    server.signal('SIGSTOP');
    expect([await watched.increment(), await watched.increment(), await watched.increment()]).toEqual(['late', 'late', 'late']);
    expect(watched.store.state).toMatchObject({ condition: 'down', reason: expect.stringContaining('3 times in a row') });
    expect(await watched.cost()).toBeLessThan(1);
    await pause(1000);
    server.signal('SIGCONT');
    await watched.becomes('up', /^/, 4000);
    // What was late was done all the same, nothing twice.
    expect(await watched.increment()).toBeLessThanOrEqual(5);
  });

  test('is down while the server is a replica, and back when it is none', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    await server.ask('REPLICAOF', '127.0.0.1', '1');
    await watched.becomes('down', /READONLY|MASTERDOWN/);
    await server.ask('REPLICAOF', 'NO', 'ONE');
    await watched.becomes('up');
  });

  test('is down when the memory is full, and up when there is some again', async () => {
    const server = await RedisServer.start(['--maxmemory-policy', 'noeviction']);
    const watched = await openedOn(server);
    await server.ask('CONFIG', 'SET', 'maxmemory', '1');
    expect(await watched.increment()).toBe('refused');
    expect(watched.store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/^OOM /) });
    await server.ask('CONFIG', 'SET', 'maxmemory', '0');
    await watched.becomes('up');
    expect(watched.store.evicts).toBe(false);
  });

  test('tells that keys are thrown away', async () => {
    const server = await RedisServer.start(['--maxmemory-policy', 'allkeys-lru', '--maxmemory', '100mb']);
    const watched = await openedOn(server);
    expect(watched.store.evicts).toBe(true);
    expect(watched.lines).toContain('warn: redis evicts keys when its memory is full: limits have no bound');
  });

  test('is down when too few replicas take part', async () => {
    const server = await RedisServer.start();
    const watched = await openedOn(server);
    await server.ask('CONFIG', 'SET', 'min-replicas-to-write', '1');
    await watched.becomes('down', /^NOREPLICAS /);
    await server.ask('CONFIG', 'SET', 'min-replicas-to-write', '0');
    await watched.becomes('up');
  });

  test('is somebody, by a name and a password', async () => {
    const password = 'pa/ss@wo:rd';
    const server = await RedisServer.start(
      ['--user', 'gate', 'on', `>${password}`, '~sluice:*', '&sluice:*', '+@all', '--requirepass', 'other'],
      { password: 'other' },
    );
    const place = `gate:${encodeURIComponent(password)}@${server.address}`;
    const watched = await WatchedStore.open({ url: `redis://${place}` });
    expect(await watched.increment('sluice:{a}n')).toBe(1);
    expect(await watched.increment('else:{a}n')).toBe('refused');
    expect(watched.store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/^NOPERM/) });
    const wrong = await WatchedStore.open({ ...urlOf(server), username: 'gate', password: 'sesame' });
    expect(wrong.store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/^WRONGPASS/) });
    const nobody = await WatchedStore.open(urlOf(server));
    expect(nobody.store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/^NOAUTH/) });
    const told = JSON.stringify([watched, wrong, nobody].map(({ recorder, states }) => [recorder.entries, states]));
    expect(told).not.toMatch(/pa\/ss|pa%2F|sesame/);
  });

  test('does not go on with another database than the one that was asked for', async () => {
    const server = await RedisServer.start(['--databases', '2']);
    const watched = await WatchedStore.open({ url: `redis://${server.address}/7` });
    expect(watched.store.state).toMatchObject({ condition: 'down', reason: expect.stringContaining('DB index') });
  });

  test('speaks TLS, and to nobody with a wrong certificate', async () => {
    const files = new PemFiles();
    const authority = issue({ subject: 'authority', authority: true });
    const { cert, key } = files.put('server', issue({ subject: 'redis', names: ['IP:127.0.0.1'], by: authority }));
    const ca = files.write('ca.crt', authority.cert);
    const settings = ['--port', '0', '--tls-port', '0', '--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca];
    const port = 20_000 + (process.pid % 20_000);
    settings[3] = String(port);
    const server = await RedisServer.start([...settings, '--tls-auth-clients', 'no'], { tls: { ca: authority.cert } }, port);
    const url = `rediss://${server.address}`;
    const watched = await WatchedStore.open({ url, tls: { ca: authority.cert } });
    expect(await watched.increment()).toBe(1);
    const stranger = await WatchedStore.open({ url, tls: { ca: issue({ authority: true }).cert } });
    expect(stranger.store.state).toMatchObject({ condition: 'down', reason: expect.stringMatching(/certificate|signature/i) });
    files.close();
  });

  test('tells listeners of messages, and of a gap whenever it was cut off', async () => {
    const server = await RedisServer.start();
    const { store } = await openedOn(server);
    const heard: string[] = [];
    const stop = store.listen('sluice:news', { message: (text) => void heard.push(text), gap: () => void heard.push('GAP') });
    await expect.poll(() => heard).toEqual(['GAP']);
    store.publish('sluice:news', 'one');
    await expect.poll(() => heard).toEqual(['GAP', 'one']);
    await server.ask('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await expect.poll(() => heard, { timeout: 3000 }).toEqual(['GAP', 'one', 'GAP']);
    store.publish('sluice:news', 'two');
    await expect.poll(() => heard).toEqual(['GAP', 'one', 'GAP', 'two']);
    await server.kill();
    await server.start();
    await expect.poll(() => heard.length, { timeout: 5000 }).toBe(5);
    stop();
    await expect.poll(async () => server.ask('PUBSUB', 'CHANNELS')).toEqual([]);
  });

  test('follows the master that sentinels name', async () => {
    const { master, replica, nodes, failOver } = await startSentinels();
    const watched = await WatchedStore.open({ sentinel: { name: 'main', nodes } });
    const heard: string[] = [];
    watched.store.listen('sluice:news', { message: (text) => void heard.push(text), gap: () => void heard.push('GAP') });
    expect(await watched.increment()).toBe(1);
    await expect.poll(() => heard).toEqual(['GAP']);
    await expect.poll(() => replica.ask('GET', '{a}count'), { timeout: 10_000 }).toBe('1');
    await failOver();
    await expect.poll(async () => watched.increment('{a}new'), { timeout: 20_000 }).toEqual(expect.any(Number));
    await expect.poll(() => replica.ask('GET', '{a}new'), { timeout: 20_000 }).not.toBe(null);
    expect(await watched.increment()).toBe(2);
    await expect.poll(() => heard.length, { timeout: 10_000 }).toBeGreaterThan(1);
    await master.kill();
    await pause(500);
    expect(watched.store.state.condition).toBe('up');
  });

  test('spreads keys over a cluster, and is down when a part of it is', async () => {
    const servers = await startCluster();
    const watched = await WatchedStore.open({ cluster: { nodes: servers.map(({ address }) => address) } });
    expect(watched.store.state.condition).toBe('up');
    const keys = Array.from({ length: 30 }, (_, i) => `{t${i}}n`);
    expect(await Promise.all(keys.map((key) => watched.increment(key)))).toEqual(keys.map(() => 1));
    const heard: string[] = [];
    watched.store.listen('sluice:news', { message: (text) => void heard.push(text), gap: () => void heard.push('GAP') });
    await expect.poll(() => heard).toEqual(['GAP']);
    watched.store.publish('sluice:news', 'one');
    await expect.poll(() => heard).toEqual(['GAP', 'one']);
    await servers[0]?.ask('SCRIPT', 'FLUSH');
    expect(await Promise.all(keys.map((key) => watched.increment(key)))).toEqual(keys.map(() => 2));
    expect(await watched.store.run(INCREMENT, ['{a}n', '{b}n'], [1]).catch(({ kind }) => kind)).toBe('refused');
    servers[0]?.signal('SIGSTOP');
    await watched.becomes('down', /no answer/);
    expect(await watched.cost()).toBeLessThan(1);
    servers[0]?.signal('SIGCONT');
    await watched.becomes('up', /^/, 10_000);
    await servers[1]?.kill();
    await watched.becomes('down', /./);
    expect(await watched.cost()).toBeLessThan(1);
    await servers[1]?.start();
    await watched.becomes('up', /^/, 20_000);
    expect(await Promise.all(keys.map((key) => watched.increment(key)))).toEqual(keys.map(() => expect.any(Number)));
  });

  async function openedOn(server: RedisServer): Promise<WatchedStore> {
    return WatchedStore.open(urlOf(server));
  }
});
