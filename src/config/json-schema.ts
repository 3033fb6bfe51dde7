import { z } from 'zod';
import { documentSchema } from './document.ts';

/** In the place of any value a text may stand that a variable fills. */
const VARIABLE = { type: 'string', pattern: '\\$\\{' } as const;

/**
 * What editors need to complete and check a configuration while it is written: a JSON Schema, draft 7. It knows keys,
 * kinds and forms; what else `sluice check` finds, it does not.
 */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(documentSchema, {
    // What is written, not what becomes of it; in the other direction all keys with defaults would be required.
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type !== 'enum') return;
      const { type, enum: words } = jsonSchema;
      delete jsonSchema.type;
      delete jsonSchema.enum;
      jsonSchema.anyOf = [{ type, enum: words } as z.core.JSONSchema.BaseSchema, VARIABLE];
    },
  });
  return { ...schema, title: 'Sluice configuration' };
}
