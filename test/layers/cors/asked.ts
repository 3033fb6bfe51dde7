import type { Handler } from '../../../src/http/layer.ts';
import { Reply } from '../../../src/http/reply.ts';
import { corsSchema } from '../../../src/layers/cors/config.ts';
import { cors } from '../../../src/layers/cors/layer.ts';
import { arrived } from '../../support/arrived.ts';
import { exchangeOf } from '../../support/exchanges.ts';

export type Fields = Readonly<Record<string, string>>;
type Written = Readonly<Record<string, unknown>>;

/** What a client is told by a route with this `cors` block: what came from behind the layer is `behind`. */
export async function asked(config: Written, method: string, fields: readonly string[], behind: () => Reply | Promise<Reply>) {
  let passed = 0;
  const next: Handler = () => {
    passed += 1;
    return behind();
  };
  const layer = cors(corsSchema.parse({ allowed_origins: ['https://app.example.com'], ...config }));
  const exchange = exchangeOf({ method, headers: arrived(...fields) });
  const reply = await layer(next)(exchange);
  exchange.decorate(reply);
  return { status: reply.status, fields: fieldsOf(reply), passed };
}

function fieldsOf({ headers }: Reply): Fields {
  const flat = headers.flat();
  const pairs = flat.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), flat[at + 1] as string] as const] : []));
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error(`a field twice: ${headers.lines()}`);
  return Object.fromEntries(pairs);
}

/** What a preflight is told, and whether it went on to the route. */
export function preflight(config: Written, origin: string, method: string, ...fields: readonly string[]) {
  const lines = [`Origin: ${origin}`, `Access-Control-Request-Method: ${method}`, ...fields];
  return asked(config, 'OPTIONS', lines, () => new Reply(200));
}
