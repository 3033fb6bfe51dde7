import { z } from 'zod';
import type { Frozen } from '../lib/freeze.ts';

export const extensionsSchema = z.strictObject({
  directories: z
    .array(z.string().min(1))
    .prefault([])
    .describe('Where modules of your own may be loaded from: names as in `module:` that are elsewhere are refused.'),
});

/** Directories as they are written: relative ones are relative to the configuration's. */
export type ExtensionsConfig = Frozen<z.output<typeof extensionsSchema>>;

/** `routes.*.custom`: layers of users. */
export const customLayersSchema = z.array(
  z.strictObject({
    module: z.string().min(1).describe('A file with a layer factory as its default export, in one of extensions.directories.'),
    config: z.unknown().prefault({}).describe('What the factory is given: whatever it understands.'),
  }),
);
