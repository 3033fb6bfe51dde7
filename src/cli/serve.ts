import type { Gateway } from '../gateway.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Terminal } from './terminal.ts';

/**
 * Keeps a gateway going until a signal asks it to drain, and closes it at once when a second one comes. SIGHUP makes
 * it read its configuration again, and open its log file anew.
 * @param started called when it listens
 * @returns the exit code: 0 after a drain, 1 when it could not start or was cut short
 */
export async function serve(gateway: Gateway, logger: Logger, terminal: Terminal, started?: () => void): Promise<number> {
  const asked = Promise.withResolvers<string>();
  const insisted = Promise.withResolvers<string>();
  // A promise is settled once: the first signal settles the one, every further signal the other.
  let signals = 0;
  const off = terminal.onSignal((signal) => {
    signals += 1;
    (signals === 1 ? asked : insisted).resolve(signal);
  });
  const serving = Promise.withResolvers<void>();
  const offReload = terminal.onReload(() => {
    gateway.reopenLog();
    // What it starts with has to be in force before something else can take its place.
    void serving.promise.then(() => gateway.reload());
  });
  try {
    // A start may hang, on a name server or in a module of the configuration: whoever insists need not wait for it.
    const early = await Promise.race([gateway.start(), insisted.promise]);
    if (early !== undefined) {
      await gateway.close();
      logger.warn({ signal: early }, 'stopped before it listened');
      return 1;
    }
    const { http, https, admin } = gateway;
    logger.info({ http, ...(https.length > 0 && { https }), admin }, 'listening');
    serving.resolve();
    started?.();
    logger.info({ signal: await asked.promise }, 'draining');
    const signal = await Promise.race([gateway.drain(), insisted.promise]);
    if (signal === undefined) {
      logger.info('stopped');
      return 0;
    }
    await gateway.close();
    logger.warn({ signal }, 'stopped at once');
    return 1;
  } catch (error) {
    await gateway.close();
    const reason = whyNotListening(error);
    if (reason === undefined) throw error;
    terminal.complain(`sluice: ${reason}`);
    return 1;
  } finally {
    off();
    offReload();
  }
}

/** For errors of `listen`, which are the operator's to solve; undefined for any other. */
export function whyNotListening(error: unknown): string | undefined {
  const { code, syscall, address, port, cause } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (cause !== undefined) return whyNotListening(cause);
  if (code === undefined || (syscall !== 'listen' && syscall !== 'bind' && syscall !== 'getaddrinfo')) return undefined;
  const reasons: Record<string, string> = {
    EADDRINUSE: 'something else listens there already',
    EACCES: 'no permission; ports below 1024 need CAP_NET_BIND_SERVICE',
    EADDRNOTAVAIL: 'this machine has no such address',
  };
  const host = address?.includes(':') ? `[${address}]` : address;
  const where = [host, port].filter((part) => part !== undefined).join(':');
  return `cannot listen on ${where === '' ? 'an address' : where}: ${reasons[code] ?? (error as Error).message}`;
}
