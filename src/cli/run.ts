import { dirname } from 'node:path';
import { configFile, processEnvironment } from '../config/boot.ts';
import { FileSource } from '../config/file-source.ts';
import { loadFirst } from '../config/source.ts';
import { createGateway } from '../gateway.ts';
import type { Options } from './command-line.ts';
import { tooFewOpenFiles } from './open-files.ts';
import { openLog } from './open-log.ts';
import { serve } from './serve.ts';
import type { Terminal } from './terminal.ts';

/**
 * Serves with a file, with the environment or with upstreams from the command line until a signal comes.
 * @returns 0 after a drain, 1 if it did not come to that
 * @throws ConfigError with all that is wrong with the configuration or with the level
 */
export async function run({ config: given, backend, listen, 'log-level': level }: Options, terminal: Terminal): Promise<number> {
  // Upstreams on the command line are all that is wanted: a file that happens to be here is another gateway's.
  const file = backend === undefined ? configFile(given) : undefined;
  const proxy = backend && { backends: backend, ...(listen !== undefined && { listen }) };
  const source = new FileSource({ file, environment: processEnvironment(), ...(proxy && { given: proxy }) });
  const { config, version } = await loadFirst(source);
  const log = openLog(config.log, level);
  try {
    const gateway = createGateway(config, { log, source, version, directory: file === undefined ? '.' : dirname(file) });
    return await serve(gateway, log.logger, terminal, () => {
      log.logger.debug({ file, version }, 'configuration');
      const max_connections = config.server.max_connections;
      const open_files = tooFewOpenFiles(max_connections);
      if (open_files !== undefined) log.logger.warn({ open_files, max_connections }, 'the system allows too few open files');
    });
  } finally {
    await log.close();
  }
}
