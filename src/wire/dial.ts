import { connect, type LookupFunction, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Where a channel connects to and how long it waits. Milliseconds. */
export interface DialOptions {
  readonly host: string;
  readonly port: number;
  readonly connectTimeout: number;
  /** Between two reads while a reply is due. */
  readonly readTimeout: number;
  /** Between two writes while the upstream takes nothing. */
  readonly writeTimeout: number;
  /** TCP keep-alive probes: idle time, time between two, unanswered ones that end the connection. */
  readonly keepAlive: { readonly idle: number; readonly interval?: number; readonly count?: number } | undefined;
  readonly tls: ConnectionOptions | undefined;
  /** Finds the addresses of `host`. Default: node's, which asks the system each time. */
  readonly lookup?: LookupFunction;
}

/** What a socket reads into, and who is told how much. */
export interface Reader {
  next(): Buffer;
  /** @returns false to stop reading until `resume` */
  read(length: number): boolean;
}

/** Opens a connection; `connected` is called once TLS stands too. */
export function dial(options: DialOptions, reader: Reader, connected: () => void): Socket {
  const { host, port, tls, keepAlive, lookup } = options;
  const onread = { buffer: () => reader.next(), callback: (length: number) => reader.read(length) };
  const common = { host, port, onread, allowHalfOpen: true, noDelay: true, ...(lookup === undefined ? {} : { lookup }) };
  const socket = tls === undefined ? connect(common) : connectTls({ ...tls, ...common });
  socket.once(tls === undefined ? 'connect' : 'secureConnect', connected);
  if (keepAlive !== undefined) {
    socket.once('connect', () => {
      const setKeepAlive = socket.setKeepAlive.bind(socket) as (
        on: boolean,
        idle: number,
        interval?: number,
        count?: number,
      ) => void;
      setKeepAlive(true, keepAlive.idle, keepAlive.interval, keepAlive.count);
    });
  }
  return socket;
}
