import { connect, type Server, type Socket } from 'node:net';

/** The bytes cut at these places, each a fraction of the whole. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => Math.floor(place * bytes.length)))].sort((a, b) => a - b);
  return [...at, bytes.length]
    .map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end))
    .filter((piece) => piece.length > 0);
}

/** Lets whoever reads the other end have a turn: one of the loop for the kernel's word, one for what follows from it. */
export async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
}

/** Writes each piece for itself, so that the reader gets them one by one, and then closes our half. */
export async function sendPieces(socket: Socket, pieces: readonly Uint8Array[]): Promise<void> {
  for (const piece of pieces) {
    if (!socket.writable) return;
    socket.write(piece);
    await turn();
  }
  socket.end();
}

export function portOf(server: Server): number {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on TCP');
  return bound.port;
}

/** Opens a connection, sends the pieces, closes our half and throws away what comes back. */
export async function deliver(port: number, pieces: readonly Uint8Array[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  socket.on('error', () => {});
  socket.resume();
  await new Promise((resolve) => socket.once('connect', resolve));
  await sendPieces(socket, pieces);
}
