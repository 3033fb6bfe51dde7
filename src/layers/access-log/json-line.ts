import type { Outcome } from '../../http/exchange.ts';
import type { Clock } from '../../lib/clock.ts';
import { type AccessConfig, type AccessField, DEFAULT_ACCESS_FIELDS, type HeaderField } from '../../telemetry/config.ts';
import type { Entry } from './entry.ts';
import { jsonString } from './escape.ts';
import type { Line } from './line.ts';
import { Redaction } from './redaction.ts';

/** A value in JSON, or undefined for one that is not there: its key is then left out. */
type Value = (entry: Entry, outcome: Outcome) => string | undefined;

/** Lines that begin and end as the application's do, so that one reader understands both. */
export function jsonLine(config: AccessConfig, clock: Clock): Line {
  const redaction = new Redaction(config.redact);
  const chosen: AccessConfig['fields'] = config.fields.length === 0 ? ['default'] : config.fields;
  // By name: one that is listed twice is written once.
  const fields = new Map<string, AccessField | HeaderField>();
  for (const field of chosen) {
    if (field === 'default') for (const name of DEFAULT_ACCESS_FIELDS) fields.set(name, name);
    else fields.set(typeof field === 'string' ? field : `${field.of}_header:${field.header}`, field);
  }
  const requestFields: string[] = [];
  const noted = (header: string): Value => {
    const at = requestFields.push(header) - 1;
    return ({ fields }) => hidden(redaction, header, fields?.[at]);
  };
  const writers = [...fields].map(([name, field]) => ({
    key: `,${jsonString(name)}:`,
    value: valueFor(field, noted, redaction, clock),
  }));
  return {
    requestFields,
    write(entry, outcome) {
      let line = '{"level":"info"';
      for (const { key, value } of writers) {
        const text = value(entry, outcome);
        if (text !== undefined) line += key + text;
      }
      return `${line},"msg":"request"}\n`;
    },
  };
}

function hidden(redaction: Redaction, header: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : jsonString(redaction.header(header, value));
}

function valueFor(field: AccessField | HeaderField, noted: (header: string) => Value, redaction: Redaction, clock: Clock): Value {
  if (typeof field === 'string') return VALUES[field](noted, redaction, clock);
  const { header } = field;
  if (field.of === 'request') return noted(header);
  return ({ replyHeaders }) => hidden(redaction, header, replyHeaders?.get(header));
}

type Maker = (noted: (header: string) => Value, redaction: Redaction, clock: Clock) => Value;

const VALUES: { readonly [Name in AccessField]: Maker } = {
  time: (_noted, _redaction, clock) => isoTime(clock),
  // Addresses, names of ours and ids hold nothing that JSON would have escaped.
  client: () => (entry) => `"${entry.exchange.clientAddress}"`,
  method: () => (entry) => jsonString(entry.exchange.method),
  scheme: () => (entry) => `"${entry.exchange.scheme}"`,
  host: () => (entry) => (entry.authority === '' ? undefined : jsonString(entry.authority)),
  target: (_, redaction) => (entry) => jsonString(redaction.target(entry.target)),
  path: () => (entry) => jsonString(entry.target.split('?', 1)[0] as string),
  query: (_, redaction) => (entry) => {
    const at = entry.target.indexOf('?');
    return at < 0 ? undefined : jsonString(redaction.target(entry.target.slice(at)).slice(1));
  },
  http: () => (entry) => (entry.exchange.minor === 1 ? '"1.1"' : '"1.0"'),
  status: () => (_entry, outcome) => `${outcome.status}`,
  bytes: () => (entry, outcome) => entry.bytes(outcome)?.toString(),
  duration_ms: (_noted, _redaction, clock) => (entry) => milliseconds(clock.now() - entry.exchange.startedAt),
  route: () => (entry) => (entry.exchange.routeId === '' ? undefined : `"${entry.exchange.routeId}"`),
  upstream: () => (entry) => (entry.exchange.upstream === '' ? undefined : `"${entry.exchange.upstream}"`),
  // One attempt is what everybody expects.
  attempts: () => (entry) => (entry.exchange.attempts > 1 ? `${entry.exchange.attempts}` : undefined),
  request_id: () => (entry) => `"${entry.exchange.requestId}"`,
  error: () => (_entry, outcome) => (outcome.error === undefined ? undefined : `"${outcome.error.code}"`),
  problem: () => (_entry, outcome) => problemOf(outcome),
  referer: (noted) => noted('referer'),
  user_agent: (noted) => noted('user-agent'),
};

/** Why an upstream failed, where something beneath HTTP or its own words say so. Of faults of our own there are lines already. */
function problemOf({ error }: Outcome): string | undefined {
  return error?.source === 'upstream' && error.cause instanceof Error ? jsonString(error.cause.message) : undefined;
}

/** `000` to `999`. */
const FRACTIONS: readonly string[] = Array.from({ length: 1000 }, (_, at) => String(at).padStart(3, '0'));

/** To the microsecond. Putting a fraction into words costs V8 several times as much as two whole numbers. */
function milliseconds(duration: number): string {
  const micros = Math.max(0, Math.round(duration * 1000));
  const whole = Math.floor(micros / 1000);
  return `${whole}.${FRACTIONS[micros - whole * 1000]}`;
}

/** Requests of one millisecond share its text. */
function isoTime(clock: Clock): Value {
  let millisecond = -1;
  let text = '';
  return () => {
    const now = Math.floor(clock.wall());
    if (now !== millisecond) {
      millisecond = now;
      text = `"${new Date(now).toISOString()}"`;
    }
    return text;
  };
}
