import { load } from './load.ts';
import type { Terminal } from './terminal.ts';

/**
 * Says whether a gateway would start with a file and this environment.
 * @throws ConfigError with all that is wrong
 */
export function check(given: string | undefined, terminal: Terminal): number {
  const { config, files } = load(given);
  const counts = `${count(config.routes.length, 'route')}, ${count(Object.keys(config.backends).length, 'backend')}`;
  const [name = 'the environment', ...included] = files;
  terminal.print([`${name}: good (${counts})`, ...included.map((one) => `  with ${one}`)].join('\n'));
  return 0;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
