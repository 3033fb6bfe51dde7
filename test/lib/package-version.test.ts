import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { packageVersion } from '../../src/lib/package-version.ts';

test('the version is the one in package.json', () => {
  expect(packageVersion()).toBe(manifest.version);
});
