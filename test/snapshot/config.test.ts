import { expect, test } from 'vitest';
import { customLayersSchema, extensionsSchema } from '../../src/snapshot/config.ts';

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

test('layers of users are modules, with whatever configuration they understand', () => {
  const config = { from: '2026-12-01', list: [1, { deep: true }] };
  expect(customLayersSchema.parse([{ module: './layers/a.ts' }, { module: './layers/a.ts', config }])).toEqual([
    { module: './layers/a.ts', config: {} },
    { module: './layers/a.ts', config },
  ]);
});

test.each([{ module: './a.ts' }, [{}], [{ module: '' }], [{ module: 5 }], [{ module: './a.ts', options: {} }], ['./a.ts']])(
  '%j is no list of layers',
  (list) => {
    expect(customLayersSchema.safeParse(list).success).toBe(false);
  },
);
