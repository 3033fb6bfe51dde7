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
