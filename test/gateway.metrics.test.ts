import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';

const reference = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8');
let gateway: Gateway | undefined;

const upstream = createServer((_, response) => response.end('there'));
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  port = (upstream.address() as AddressInfo).port;
});
afterAll(() => {
  upstream.closeAllConnections();
  upstream.close();
});
afterEach(() => gateway?.close());

async function start(document: Record<string, unknown> = {}): Promise<Gateway> {
  const config = checkConfig({
    server: { http_addr: '127.0.0.1:0' },
    admin: { addr: '127.0.0.1:0' },
    log: { level: 'silent' },
    load_balancing: {
      backends: {
        there: { upstreams: [{ address: `127.0.0.1:${port}` }] },
        // A port that nobody listens on.
        gone: { upstreams: [{ address: '127.0.0.1:1' }] },
      },
    },
    routes: [
      { id: 'hello', path: '/hello/**', respond: { body: 'hello' } },
      { id: 'there', path: '/there', backend: 'there' },
      { id: 'gone', path: '/gone', backend: 'gone', retries: 1 },
    ],
    ...document,
  });
  gateway = createGateway(config);
  await gateway.start();
  return gateway;
}

const ask = async (address: string | undefined, path: string, init?: RequestInit): Promise<string> =>
  (await fetch(`http://${address}${path}`, init)).text();

interface Shown {
  type: string;
  labels: Set<string>;
  series: number;
}

/** Names, types and labels of a scrape; the labels and suffixes that only histograms have are left out. */
function shown(text: string): Map<string, Shown> {
  const found = new Map<string, Shown>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    found.set(name, { type, labels: new Set(), series: 0 });
  }
  for (const [, full = '', labels = ''] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? \S+$/gim)) {
    const of = found.get(full) ?? found.get(full.replace(/_(bucket|sum|count)$/, ''));
    if (of === undefined) throw new Error(`no TYPE for ${full}`);
    of.series += 1;
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) if (label !== 'le') of.labels.add(label);
  }
  return found;
}

/** Rows of the tables, by the metric that stands first in them. */
function rows(): Map<string, { type: string; labels: string[] }> {
  const lines = reference.split('\n').flatMap((line) => {
    const [, first, type = '', labels = ''] = line.split('|').map((cell) => cell.trim());
    const name = /^`((?:gateway|process|nodejs)_\w+)`$/.exec(first ?? '')?.[1];
    return name === undefined
      ? []
      : [[name, { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) }] as const];
  });
  expect(new Set(lines.map(([name]) => name)).size).toBe(lines.length);
  return new Map(lines);
}

describe('docs/metrics.md', () => {
  test('has a row for each metric that is shown, with its type and labels, and for no other', async () => {
    const { http, admin } = await start();
    for (const path of ['/hello/you', '/there', '/gone', '/nothing']) await ask(http[0], path);
    const text = await ask(admin, '/metrics');
    const metrics = shown(text);
    const documented = rows();
    expect([...documented.keys()].sort()).toEqual([...metrics.keys()].sort());
    for (const [name, { type, labels, series }] of metrics) {
      if (!name.startsWith('gateway_')) continue;
      expect([name, series > 0]).toEqual([name, true]);
      const row = documented.get(name);
      expect([name, row?.type, row?.labels.toSorted()]).toEqual([name, type, [...labels].sort()]);
    }
  });

  test('tells every class of label that has a fixed set of values', async () => {
    const { http, admin } = await start();
    await ask(http[0], '/gone');
    const text = await ask(admin, '/metrics');
    for (const label of ['outcome', 'reason', 'state', 'quantile']) {
      const values = new Set([...text.matchAll(new RegExp(`^gateway_.*[{,]${label}="([^"]*)"`, 'gm'))].map(([, value]) => value));
      expect(values.size).toBeGreaterThan(1);
      for (const value of values) expect(reference).toContain(`\`${value}\``);
    }
  });
});

test('whatever clients ask for, the series stay as many', async () => {
  const { http, admin } = await start();
  const count = async () =>
    [...shown(await ask(admin, '/metrics'))].reduce(
      (sum, [name, { series }]) => sum + (name.startsWith('gateway_') ? series : 0),
      0,
    );
  const methods = ['GET', 'POST', 'BREW', 'X-1', 'PROPFIND'];
  const round = async (from: number, to: number) => {
    for (let at = from; at < to; at += 50) {
      await Promise.all(
        Array.from({ length: 50 }, (_, more) =>
          ask(http[0], more % 2 === 0 ? `/hello/${at + more}` : `/none-${at + more}?q=${at}`, {
            method: methods[(at + more) % methods.length] as string,
            headers: { 'user-agent': `agent-${at + more}`, host: `h${at + more}.test`, 'x-request-id': `${at + more}` },
          }),
        ),
      );
    }
  };
  await round(0, 200);
  const few = await count();
  await round(200, 3000);
  expect(await count()).toBe(few);
});
