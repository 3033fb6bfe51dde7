import { Headers } from '../http/headers.ts';
import type { Handler } from '../http/layer.ts';
import { Reply } from '../http/reply.ts';

export interface RespondConfig {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The end of the chain for a route that the gateway answers itself. */
export function respond(config: RespondConfig): Handler {
  const fields = Object.entries(config.headers);
  const bytes = Buffer.from(config.body, 'utf8');
  const body = bytes.length === 0 ? undefined : bytes.toString('latin1');
  return () => {
    const headers = new Headers();
    for (const [name, value] of fields) headers.add(name, value);
    return new Reply(config.status, headers, body);
  };
}
