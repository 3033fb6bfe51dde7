import type { Clock } from '../../lib/clock.ts';
import type { AccessConfig } from '../../telemetry/config.ts';
import { quotedPart } from './escape.ts';
import type { Line } from './line.ts';
import { Redaction } from './redaction.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The line that Apache httpd and nginx call combined: what most programs that read access logs know. */
export function combinedLine(config: AccessConfig, clock: Clock): Line {
  const redaction = new Redaction(config.redact);
  const time = secondOf(clock);
  return {
    requestFields: ['referer', 'user-agent'],
    write(entry, outcome) {
      const { exchange, fields } = entry;
      const request = quotedPart(`${exchange.method} ${redaction.target(entry.target)} HTTP/1.${exchange.minor}`);
      const [referer, agent] = fields ?? [];
      const said = (name: string, value: string | undefined) =>
        value === undefined ? '-' : quotedPart(redaction.header(name, value));
      const bytes = entry.bytes(outcome) ?? '-';
      const head = `${quotedPart(exchange.clientAddress)} - - [${time()}] "${request}" ${outcome.status} ${bytes}`;
      return `${head} "${said('referer', referer)}" "${said('user-agent', agent)}"\n`;
    },
  };
}

/** `21/Nov/2026:09:13:13 +0000`, in UTC, made once a second. */
function secondOf(clock: Clock): () => string {
  let second = -1;
  let text = '';
  return () => {
    const now = Math.floor(clock.wall() / 1000);
    if (now !== second) {
      second = now;
      const iso = new Date(now * 1000).toISOString();
      text = `${iso.slice(8, 10)}/${MONTHS[Number(iso.slice(5, 7)) - 1]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
    }
    return text;
  };
}
