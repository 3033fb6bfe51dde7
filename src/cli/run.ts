import { configFile } from '../config/boot.ts';
import { checkText } from '../config/check.ts';
import { fileSource } from '../config/file-source.ts';
import { createGateway } from '../gateway.ts';
import { openLog } from './open-log.ts';
import { serve } from './serve.ts';
import type { Terminal } from './terminal.ts';

/**
 * Serves with a file until a signal comes.
 * @returns 0 after a drain, 1 if it did not come to that
 * @throws ConfigError with all that is wrong with the file or with the level
 */
export async function run(given: string | undefined, level: string | undefined, terminal: Terminal): Promise<number> {
  const { text, file, version } = await fileSource(configFile(given)).read();
  const config = checkText(text, file);
  const logger = openLog(config.log, level);
  const gateway = createGateway(config, { logger });
  return serve(gateway, logger, terminal, () => logger.debug({ file, version }, 'configuration'));
}
