import type { SeenMessage } from './seen.ts';

/** A request without a body, whose reply is of interest. */
export interface Asking {
  readonly port: number;
  readonly method: 'GET' | 'HEAD';
  readonly path: string;
}

export function messageOf(status: number, fields: string[], all: string[]): SeenMessage {
  return { line: String(status), fields, all, body: '', trailers: [], whole: false };
}
