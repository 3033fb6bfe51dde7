import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkConfig } from '../src/config/check.ts';
import { createGateway, type Gateway } from '../src/gateway.ts';
import { askForEverything, EveryPolicy } from './support/every-policy.ts';

const reference = readFileSync(new URL('../docs/metrics.md', import.meta.url), 'utf8');
let policies: EveryPolicy;
let gateway: Gateway | undefined;

beforeAll(async () => {
  policies = await EveryPolicy.open();
});
afterAll(() => policies.close());
afterEach(() => gateway?.close());

/** A gateway with every policy, each of which has had something to do. */
async function start(): Promise<Gateway> {
  gateway = createGateway(checkConfig(policies.document));
  await gateway.start();
  await askForEverything(gateway);
  return gateway;
}

const ask = async (address: string | undefined, path: string, init?: RequestInit): Promise<string> =>
  (await fetch(`http://${address}${path}`, init)).text();

interface Shown {
  type: string;
  labels: Set<string>;
  series: number;
  /** Of their values. */
  total: number;
}

/** Names, types and labels of a scrape; the labels and suffixes that only histograms have are left out. */
function shown(text: string): Map<string, Shown> {
  const found = new Map<string, Shown>();
  for (const [, name = '', type = ''] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    found.set(name, { type, labels: new Set(), series: 0, total: 0 });
  }
  for (const [, full = '', labels = '', value] of text.matchAll(/^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/gim)) {
    const of = found.get(full) ?? found.get(full.replace(/_(bucket|sum|count)$/, ''));
    if (of === undefined) throw new Error(`no TYPE for ${full}`);
    of.series += 1;
    of.total += Number(value);
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

/** Counters that stay at 0 here: nothing is reloaded, dropped or turned away at the door. */
const STILL = [
  'gateway_access_log_dropped_total',
  'gateway_config_reloads_total',
  'gateway_connections_evicted_total',
  'gateway_connections_refused_total',
  'gateway_proxy_protocol_errors_total',
  'gateway_rate_limit_overflow_total',
  'gateway_tls_sessions_resumed_total',
];

describe('docs/metrics.md', () => {
  test('has a row for each metric that is shown, with its type and labels, and for no other', async () => {
    const { admin } = await start();
    const metrics = shown(await ask(admin, '/metrics'));
    const documented = rows();
    expect([...documented.keys()].sort()).toEqual([...metrics.keys()].sort());
    for (const [name, { type, labels, series }] of metrics) {
      if (!name.startsWith('gateway_')) continue;
      expect([name, series > 0]).toEqual([name, true]);
      const row = documented.get(name);
      expect([name, row?.type, row?.labels.toSorted()]).toEqual([name, type, [...labels].sort()]);
    }
    // All others have counted: none is there for its name alone.
    const still = [...metrics].filter(([name, { type, total }]) => /^gateway_.* counter$/.test(`${name} ${type}`) && total === 0);
    expect(still.map(([name]) => name).sort()).toEqual(STILL);
  });

  test('tells every value of a label that has a fixed set of them, in the row of its metric or of the label', async () => {
    const { admin } = await start();
    const text = await ask(admin, '/metrics');
    for (const label of ['outcome', 'reason', 'state', 'quantile', 'method', 'encoding', 'direction', 'by', 'to']) {
      const pairs = [...text.matchAll(new RegExp(`^(gateway_\\w+?)(?:_bucket|_sum|_count)?\\{(?:.*,)?${label}="([^"]*)"`, 'gm'))];
      expect(new Set(pairs.map(([, , value]) => value)).size).toBeGreaterThan(1);
      for (const [, name, value] of pairs) {
        const told = reference.split('\n').filter((line) => [name, label].some((first) => line.startsWith(`| \`${first}\``)));
        expect([name, told.join('\n')]).toEqual([name, expect.stringContaining(`\`${value}\``)]);
      }
    }
  });
});

test('what leaves the configuration takes its series along', async () => {
  const started = await start();
  const { load_balancing: _, middleware: __, routes, ...rest } = policies.document;
  const hello = (routes as { id: string }[]).filter(({ id }) => id === 'hello');
  expect((await started.reload(checkConfig({ ...rest, routes: hello }))).outcome).toBe('applied');
  const text = await ask(started.admin, '/metrics');
  const left = new Set([...text.matchAll(/[{,](?:route|backend)="([^"]*)"/g)].map(([, value]) => value));
  expect([...left].sort()).toEqual(['hello', 'none']);
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
        Array.from({ length: 50 }, (_, more) => {
          const one = at + more;
          return ask(http[0], [`/hello/${one}`, `/none-${one}?q=${at}`, '/limited', '/guarded'][more % 4] as string, {
            method: methods[one % methods.length] as string,
            headers: {
              ...{ 'user-agent': `agent-${one}`, host: `h${one}.test`, 'x-request-id': `${one}`, 'x-user': `user-${one}` },
              authorization: `Bearer token-${one}`,
            },
          });
        }),
      );
    }
  };
  await round(0, 200);
  const few = await count();
  await round(200, 3000);
  expect(await count()).toBe(few);
});
