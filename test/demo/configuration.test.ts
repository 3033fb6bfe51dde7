import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkText } from '../../src/config/check.ts';
import { demoConfig } from '../../src/demo/configuration.ts';
import { DEMO_PORTS, type DemoName } from '../../src/demo/upstreams.ts';

const addresses = Object.fromEntries(Object.entries(DEMO_PORTS).map(([name, port]) => [name, `127.0.0.1:${port}`]));

test('with the usual ports it is the example as it stands', () => {
  const file = new URL('../../examples/demo.yaml', import.meta.url);
  expect(demoConfig(addresses as Record<DemoName, string>)).toEqual(checkText(readFileSync(file, 'utf8'), file.pathname));
});

test('with other addresses only these differ', () => {
  const config = demoConfig({ fast: 'a:1', slow: 'b:2', faulty: 'c:3', echo: 'd:4' }, { http: '127.0.0.1:0', admin: 'e:5' });
  expect(Object.values(config.backends).map(({ upstreams }) => upstreams[0]?.address)).toEqual([
    { host: 'a', port: 1 },
    { host: 'b', port: 2 },
    { host: 'c', port: 3 },
    { host: 'd', port: 4 },
  ]);
  expect([config.server.http_addr[0]?.port, config.admin.addr.port]).toEqual([0, 5]);
});
