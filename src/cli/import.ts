import { importFluxgate } from '../config/import/fluxgate.ts';
import { Inputs } from '../config/inputs.ts';
import { readText } from '../config/read-text.ts';
import { suggest } from '../lib/suggest.ts';
import type { Terminal } from './terminal.ts';

const FORMATS = ['fluxgate'];

/**
 * Prints a configuration for one of another gateway.
 * @throws ConfigError with all that is wrong with the file
 */
export function importFrom(format: string, file: string, terminal: Terminal): number {
  if (!FORMATS.includes(format)) {
    const meant = suggest(format, FORMATS);
    const hint = meant === undefined ? `; there is ${FORMATS.join(', ')}` : `; did you mean ${meant}?`;
    terminal.complain(`sluice: nothing is known about the format ${JSON.stringify(format)}${hint}`);
    return 2;
  }
  terminal.print(importFluxgate(readText(file, new Inputs()), file));
  return 0;
}
