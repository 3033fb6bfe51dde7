import { configFile } from '../config/boot.ts';
import { checkText } from '../config/check.ts';
import { fileSource } from '../config/file-source.ts';
import type { Terminal } from './terminal.ts';

/**
 * Says whether a gateway would start with a file.
 * @throws ConfigError with all that is wrong with it
 */
export async function check(given: string | undefined, terminal: Terminal): Promise<number> {
  const { text, file } = await fileSource(configFile(given)).read();
  const { routes, backends } = checkText(text, file);
  terminal.print(`${file}: good (${count(routes.length, 'route')}, ${count(Object.keys(backends).length, 'backend')})`);
  return 0;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
