import { expect, test } from 'vitest';
import { extensionsSchema } from '../../src/snapshot/config.ts';

test('modules may be loaded from nowhere unless directories are named', () => {
  expect(extensionsSchema.parse({})).toEqual({ directories: [] });
  expect(extensionsSchema.parse({ directories: ['./layers'] })).toEqual({ directories: ['./layers'] });
});

test.each([{ directories: './layers' }, { directories: [''] }, { directories: [5] }, { directory: './layers' }])(
  '%j is refused',
  (block) => {
    expect(extensionsSchema.safeParse(block).success).toBe(false);
  },
);
