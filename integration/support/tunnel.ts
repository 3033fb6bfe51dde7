import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** What upgrades to "echo" and then gets back what it sends, as a WebSocket would. */
export class Tunnel {
  private readonly socket: Socket;
  private text = '';
  private wake = (): void => {};

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.text += text;
      this.wake();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.wake());
    onTestFinished(() => void socket.destroy());
  }

  static async open(address: string, path = '/tunnel'): Promise<Tunnel> {
    const asked = request(`http://${address}${path}`, { headers: { connection: 'Upgrade', upgrade: 'echo' } });
    asked.end();
    const [, socket] = await once(asked, 'upgrade');
    return new Tunnel(socket);
  }

  get open(): boolean {
    return !this.socket.destroyed && this.socket.readable;
  }

  /** Sends something and waits until it is back. @returns false when the tunnel is gone */
  async echoes(text: string): Promise<boolean> {
    this.text = '';
    if (!this.open) return false;
    this.socket.write(text);
    while (this.open && this.text.length < text.length) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.text === text;
  }
}
