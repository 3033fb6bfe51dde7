import { connect, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { formatAddress } from '../../lib/address.ts';
import type { Clock } from '../../lib/clock.ts';
import type { HealthCheckConfig } from './config.ts';
import { askHttp } from './probe-http.ts';
import { reasonOf } from './reason.ts';

/** What is probed. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  /** Whether requests to it go over TLS. */
  readonly secure: boolean;
  /** How TLS is spoken with it: name, authorities, client certificate, whether to verify. For https, also when not `secure`. */
  readonly tls: ConnectionOptions;
}

export interface ProbeTools {
  readonly clock: Clock;
  readonly lookup?: LookupFunction | undefined;
}

/**
 * Asks once whether a target is well, on a connection of its own that is closed then. Never rejects.
 * - `tcp`: a connection comes about.
 * - `http`: GET is answered with an expected status. On a port that speaks TLS to requests, over TLS too.
 * - `https`: the same, always over TLS.
 * @param signal gives up: the connection is closed at once
 * @returns why not, in a few words; undefined: it is. At the latest when the check's `timeout` is over.
 */
export function probe(
  target: ProbeTarget,
  check: HealthCheckConfig,
  signal: AbortSignal,
  tools: ProbeTools,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const http = check.check_type !== 'tcp';
    const secure = http && (check.check_type === 'https' || (target.secure && check.port === 0));
    const address = { host: target.host, port: check.port === 0 ? target.port : check.port };
    const socket = open(address, secure ? target.tls : undefined, tools.lookup);

    // A promise takes its first answer; what comes of closing the connection comes after that.
    const told = (problem?: string): void => {
      resolve(problem);
      stop();
      signal.removeEventListener('abort', abort);
      socket.destroy();
    };
    const stop = tools.clock.after(check.timeout, () => told(`no answer within ${check.timeout}ms`));
    const abort = (): void => told('given up');

    socket.on('error', (error) => told(reasonOf(error)));
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      if (!http) return told();
      const standard = secure ? 443 : 80;
      const authority = formatAddress(address).replace(address.port === standard ? /:\d+$/ : '', '');
      const question = { path: check.path, host: check.host === '' ? authority : check.host, expected: check.expected_status };
      askHttp(socket, question, told).catch((error) => told(reasonOf(error)));
    });
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort);
  });
}

function open(address: { host: string; port: number }, tls: ConnectionOptions | undefined, lookup?: LookupFunction): Socket {
  const options = { ...address, noDelay: true, ...(lookup === undefined ? {} : { lookup }) };
  return tls === undefined ? connect(options) : connectTls({ ...tls, ...options });
}
