import { z } from 'zod';
import { KEYS, type Keys, parseKeys } from '../../http/exchange-key.ts';
import { field, integer, Wrong } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';

const keys = field(
  z.union([z.string(), z.array(z.string())], { error: `must be a key or a list of keys: ${KEYS}` }),
  (written): Keys | Wrong => {
    const keys = parseKeys(written);
    return typeof keys === 'string' ? new Wrong(keys, KEYS) : keys;
  },
);

export const concurrencySchema = z.strictObject({
  limit: integer(1, 1_000_000).describe('Requests in progress at a time, per key: of this instance, or with Redis of the fleet.'),
  key: keys
    .prefault('route')
    .describe('What is counted apart: one key, or a list of which the first present counts. Default: all requests of the route.'),
});

export type ConcurrencyConfig = Frozen<z.output<typeof concurrencySchema>>;
