import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect } from 'node:tls';

/** What a client of node sends first: one record with its ClientHello. */
export function helloOf(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read() {},
      write(bytes: Buffer, _, done) {
        resolve(bytes);
        done();
      },
    });
    connect({ ...options, socket: wire }).on('error', () => {});
  });
}

/** The message of a record in records of so many bytes each. */
export function inRecords(record: Buffer, size: number): Buffer {
  const message = record.subarray(5);
  const parts: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    parts.push(Buffer.of(22, 3, 1, part.length >> 8, part.length & 255), part);
  }
  return Buffer.concat(parts);
}
