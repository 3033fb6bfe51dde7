import { jsonSchema } from '../config/json-schema.ts';
import type { Terminal } from './terminal.ts';

/** Prints the JSON Schema of the configuration. */
export function schema(terminal: Terminal): number {
  terminal.print(JSON.stringify(jsonSchema(), null, 2));
  return 0;
}
