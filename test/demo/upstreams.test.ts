import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEMO_PORTS, type DemoUpstreams, startUpstreams } from '../../src/demo/upstreams.ts';
import { type Clock, systemClock } from '../../src/lib/clock.ts';

const FREE = { fast: 0, slow: 0, faulty: 0, echo: 0 };

/** A clock whose timers fire on demand. */
class HeldClock implements Clock {
  readonly due: { ms: number; callback: () => void }[] = [];
  readonly now = systemClock.now;
  readonly wall = systemClock.wall;
  readonly after = (ms: number, callback: () => void) => this.hold(ms, callback);
  readonly every = (ms: number, callback: () => void) => this.hold(ms, callback);

  private hold(ms: number, callback: () => void): () => void {
    const timer = { ms, callback };
    this.due.push(timer);
    return () => void this.due.splice(this.due.indexOf(timer), 1);
  }
}

const clock = new HeldClock();
let upstreams: DemoUpstreams;

beforeEach(async () => {
  upstreams = await startUpstreams({ ports: FREE, clock });
});
afterEach(() => upstreams.close());

/** @returns status and body; 0 where there is no reply; a body that broke off ends with "…" */
async function ask(name: keyof typeof FREE, path: string, method = 'GET', body?: string): Promise<[number, string]> {
  const asked = request(`http://${upstreams.addresses[name]}${path}`, { method, agent: false });
  asked.end(body);
  try {
    const [response] = await once(asked, 'response');
    let got = '';
    response.on('data', (chunk: Buffer) => {
      got += chunk;
    });
    response.on('error', () => {});
    await new Promise((resolve) => response.on('close', resolve));
    return [response.statusCode, response.complete ? got : `${got}…`];
  } catch {
    return [0, ''];
  }
}

test('the fast one answers at once', async () => {
  expect(await ask('fast', '/fast')).toEqual([200, '{"upstream":"fast"}\n']);
});

test('the slow one answers after 0.8 seconds', async () => {
  const answer = ask('slow', '/slow');
  await expect.poll(() => clock.due.map(({ ms }) => ms)).toEqual([800]);
  clock.due.pop()?.callback();
  expect(await answer).toEqual([200, '{"upstream":"slow"}\n']);
});

describe('The faulty one', () => {
  test('fails in each way in turn, then not, and again', async () => {
    const seen: [number, string][] = [];
    for (let at = 0; at < 5; at++) seen.push(await ask('faulty', '/faulty'));
    expect(seen).toEqual([
      [500, '{"upstream":"faulty","fails":"error"}\n'],
      [0, ''],
      [200, expect.stringMatching(/^\{"upstream".*…$/)],
      [200, '{"upstream":"faulty","fails":"no"}\n'],
      [500, expect.anything()],
    ]);
  });

  test('fails as it is asked to, and that does not count', async () => {
    expect(await ask('faulty', '/faulty?fail=drop')).toEqual([0, '']);
    expect((await ask('faulty', '/faulty?fail=no'))[0]).toBe(200);
    expect((await ask('faulty', '/faulty?fail=nonsense'))[0]).toBe(500);
  });
});

describe('The echo', () => {
  test('tells method, target, fields and body', async () => {
    const [status, body] = await ask('echo', '/echo/x?y=1', 'PUT', 'hello');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      method: 'PUT',
      target: '/echo/x?y=1',
      body: 'hello',
      headers: { host: upstreams.addresses.echo },
    });
  });

  test('sends a body back while it still comes', async () => {
    const asked = request(`http://${upstreams.addresses.echo}/echo/stream`, { method: 'POST', agent: false });
    asked.write('first');
    const [response] = await once(asked, 'response');
    const [first] = await once(response, 'data');
    expect(String(first)).toBe('first');
    asked.end('second');
    expect(await text(response)).toBe('second');
  });

  test('sends ten events, one a second', async () => {
    const answer = ask('echo', '/echo/events');
    await expect.poll(() => clock.due.map(({ ms }) => ms)).toEqual([1000]);
    const tick = clock.due[0];
    for (let at = 1; at < 10; at++) tick?.callback();
    const [status, body] = await answer;
    expect(status).toBe(200);
    expect(body.match(/^data: .*$/gm)).toEqual(Array.from({ length: 10 }, (_, at) => `data: event ${at + 1} of 10`));
    expect(clock.due).toEqual([]);
  });

  test('stops its events when the client is gone', async () => {
    const asked = request(`http://${upstreams.addresses.echo}/echo/events`, { agent: false });
    asked.end();
    const [response] = await once(asked, 'response');
    expect(clock.due).toHaveLength(1);
    response.destroy();
    await expect.poll(() => clock.due).toEqual([]);
  });
});

test('when one port is taken, none is left open', async () => {
  const taken = Number(upstreams.addresses.echo.split(':')[1]);
  await expect(startUpstreams({ ports: { ...FREE, echo: taken } })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('the example has its ports', async () => {
  expect(Object.values(DEMO_PORTS)).toEqual([9001, 9002, 9003, 9004]);
});
