import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What is written back, as it goes over the wire; undefined: nothing. */
export type Answer = (command: readonly string[], socket: Socket) => string | undefined | Promise<string | undefined>;

export const INFO = 'redis_version:7.0.15\r\nredis_mode:standalone\r\nrole:master\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction';

export const bulk = (text: string) => `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

/** What a Redis in good health says to what the store asks it of its own accord. */
export function wellAnswer([name = '', ...args]: readonly string[]): string {
  switch (name.toUpperCase()) {
    case 'INFO':
      return bulk(INFO);
    case 'SCRIPT':
      return bulk(
        createHash('sha1')
          .update(args[1] ?? '')
          .digest('hex'),
      );
    case 'EVALSHA':
      return bulk('ok');
    case 'PING':
      return '+PONG\r\n';
    default:
      return '+OK\r\n';
  }
}

/** Listens on loopback and answers what a test wants. Closed with it. */
export class FakeRedis {
  readonly commands: string[][] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(answer: Answer) {
    this.server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => {});
      let rest = '';
      // In turn, as Redis does: an answer that comes late holds up those behind it.
      let turn = Promise.resolve();
      socket.on('data', (data) => {
        rest += data.toString('latin1');
        for (let read = readCommand(rest); read !== undefined; read = readCommand(rest)) {
          const { command, end } = read;
          rest = rest.slice(end);
          this.commands.push(command);
          turn = turn.then(async () => {
            const text = await answer(command, socket);
            if (text !== undefined && socket.writable) socket.write(text);
          });
        }
      });
    });
    onTestFinished(() => {
      for (const socket of this.sockets) socket.destroy();
      this.server.close();
    });
  }

  static async start(answer: Answer = wellAnswer): Promise<FakeRedis> {
    const fake = new FakeRedis(answer);
    fake.server.listen(0, '127.0.0.1');
    await once(fake.server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  count(name: string, first?: string): number {
    return this.commands.filter((one) => one[0]?.toUpperCase() === name && (first === undefined || one[1] === first)).length;
  }
}

function readCommand(text: string): { command: string[]; end: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let at = head[0].length;
  const command: string[] = [];
  for (let left = Number(head[1]); left > 0; left--) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at, at + 20));
    if (size === null) return undefined;
    const begin = at + size[0].length;
    at = begin + Number(size[1]) + 2;
    if (at > text.length) return undefined;
    command.push(text.slice(begin, at - 2));
  }
  return { command, end: at };
}
