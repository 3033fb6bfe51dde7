import { expect, test } from 'vitest';
import { concurrencySchema } from '../../../src/layers/concurrency/config.ts';

function read(written: unknown): unknown {
  const result = concurrencySchema.safeParse(written);
  return result.success ? result.data : result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test.each([
  [{ limit: 100 }, { limit: 100, key: [[{ from: 'route' }]] }],
  [
    { limit: '100', key: ['consumer', 'ip'] },
    { limit: 100, key: [[{ from: 'consumer' }], [{ from: 'ip' }]] },
  ],
])('%j is read as %j', (written, config) => {
  expect(read(written)).toEqual(config);
});

test.each([
  [{}, ['limit: must be a whole number']],
  [{ limit: 0 }, ['limit: 0 is too small']],
  [{ limit: 1, key: 'form:user' }, [expect.stringContaining('key: the key "form:user" stands in the body')]],
  [{ limit: 1, key: 5 }, [expect.stringContaining('key: must be a key or a list of keys')]],
  [{ limit: 1, keys: 'ip' }, [expect.stringContaining('"keys"')]],
])('%j is refused', (written, problems) => {
  expect(read(written)).toEqual(problems);
});
