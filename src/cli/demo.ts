import { type DemoListen, demoConfig } from '../demo/configuration.ts';
import { formatTryouts, tryouts } from '../demo/tryouts.ts';
import { type DemoOptions, startUpstreams } from '../demo/upstreams.ts';
import { createGateway } from '../gateway.ts';
import { openLog } from './open-log.ts';
import { serve, whyNotListening } from './serve.ts';
import type { Terminal } from './terminal.ts';

/**
 * Serves examples/demo.yaml with the upstreams that it names until a signal comes, and prints what to try.
 * @param options other ports than the example's, and other times, for tests
 * @returns 0 after a drain, 1 if it did not come to that
 */
export async function demo(
  level: string | undefined,
  terminal: Terminal,
  options: DemoOptions & { readonly listen?: DemoListen } = {},
): Promise<number> {
  const upstreams = await startUpstreams(options).catch((error: unknown) => whyNotListening(error) ?? Promise.reject(error));
  if (typeof upstreams === 'string') {
    terminal.complain(`sluice: ${upstreams}`);
    return 1;
  }
  try {
    const config = demoConfig(upstreams.addresses, options.listen);
    const log = openLog(config.log, level);
    const gateway = createGateway(config, { log });
    return await serve(gateway, log.logger, terminal, () => {
      const http = gateway.http[0] as string;
      terminal.print(
        `The demo listens on http://${http}, and on http://${gateway.admin} for health and metrics. Ctrl-C ends it.\n`,
      );
      terminal.print(`Try, and expect:\n${formatTryouts(tryouts(http, gateway.admin))}`);
    });
  } finally {
    await upstreams.close();
  }
}
