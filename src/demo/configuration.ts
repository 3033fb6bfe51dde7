import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkConfig } from '../config/check.ts';
import type { Config } from '../config/document.ts';
import { parse } from '../config/parse.ts';
import type { DemoName } from './upstreams.ts';

/** Shipped beside dist/ as it stands beside src/. */
const EXAMPLE = fileURLToPath(new URL('../../examples/demo.yaml', import.meta.url));

/** The parts of the example that hold addresses. */
interface Example {
  readonly server: { http_addr: string };
  readonly admin: { addr: string };
  readonly load_balancing: { readonly backends: Readonly<Record<DemoName, { readonly upstreams: [{ address: string }] }>> };
}

/** Where the gateway of the demo listens when it is not where the example says. */
export interface DemoListen {
  readonly http: string;
  readonly admin: string;
}

/** The configuration of examples/demo.yaml, with the addresses that the upstreams have. */
export function demoConfig(upstreams: Readonly<Record<DemoName, string>>, listen?: DemoListen): Config {
  const example = parse(readFileSync(EXAMPLE, 'utf8'), EXAMPLE).value as Example;
  const { backends } = example.load_balancing;
  for (const name of Object.keys(backends) as DemoName[]) backends[name].upstreams[0].address = upstreams[name];
  if (listen !== undefined) {
    example.server.http_addr = listen.http;
    example.admin.addr = listen.admin;
  }
  return checkConfig(example);
}
