import type { RawClient, RawReply } from '../support/raw-client.ts';
import type { Seen, Session } from '../support/recording-origin.ts';
import type { Field } from '../support/strict-http.ts';
import type { Case, Expected, Forwarded, Reply } from './case.ts';

type Wanted = string | RegExp | null | readonly string[];

const INTERNAL = /127\.0\.0\.1:|ECONN|EPIPE|\bat .*\.[tj]s|node:|\/src\/|Error:/;
const LEAVES_WITH_THE_HOP = ['keep-alive', 'proxy-connection', 'te', 'expect', 'http2-settings', 'proxy-authenticate'];
const IMF_DATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

export function wantedReplies(expected: Expected): readonly Reply[] {
  return 'replies' in expected ? expected.replies : [expected];
}

function show(value: unknown): string {
  const text = value instanceof RegExp ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function fieldFaults(where: string, fields: readonly Field[], wanted: Readonly<Record<string, Wanted>> = {}): string[] {
  const faults: string[] = [];
  for (const [name, want] of Object.entries(wanted)) {
    const values = fields.filter(([each]) => each.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
    const joined = values.join(', ');
    const right =
      want === null
        ? values.length === 0
        : typeof want === 'string'
          ? values.length > 0 && joined === want
          : want instanceof RegExp
            ? values.length > 0 && want.test(joined)
            : show(values) === show(want);
    if (!right) faults.push(`${where}: ${name} is ${show(values)}, not ${want === null ? 'absent' : show(want)}`);
  }
  return faults;
}

function bodyFault(where: string, got: Buffer, want: string | RegExp | Uint8Array | undefined): string[] {
  if (want === undefined) return [];
  const right = want instanceof RegExp ? want.test(got.toString('latin1')) : got.equals(Buffer.from(want as string, 'latin1'));
  return right ? [] : [`${where}: a body of ${got.length} bytes ${show(got.toString('latin1'))}, not ${show(want)}`];
}

function problemFaults(where: string, reply: RawReply): string[] {
  if (!/^application\/problem\+json(?:;|$)/.test(reply.message.get('content-type') ?? ''))
    return [`${where}: not problem details`];
  const text = reply.message.body.toString();
  if (INTERNAL.test(text)) return [`${where}: tells of the inside: ${text}`];
  try {
    const problem = JSON.parse(text) as Record<string, unknown>;
    const named = typeof problem.type === 'string' && typeof problem.title === 'string' && problem.status === reply.status;
    return named ? [] : [`${where}: not whole problem details: ${text}`];
  } catch {
    return [`${where}: not JSON: ${text}`];
  }
}

function replyFaults(where: string, reply: RawReply, want: Reply, method: string): string[] {
  const { message, status } = reply;
  const faults = message.violations.map((each) => `${where}: ${each}`);
  const allowed = typeof want.status === 'number' ? [want.status] : want.status;
  if (!allowed.includes(status)) faults.push(`${where}: ${status}, not ${allowed.join(' or ')}`);
  if (want.cut === true && status !== 502 && message.complete) faults.push(`${where}: looks whole, but the origin's was not`);
  if ((want.cut !== true || status === 502) && !message.complete && status !== 101) faults.push(`${where}: is not whole`);
  faults.push(...bodyFault(where, message.body, want.body), ...fieldFaults(where, message.fields, want.fields));
  if (want.length !== undefined && message.size !== want.length)
    faults.push(`${where}: ${message.size} bytes, not ${want.length}`);
  if (want.trailers !== undefined) faults.push(...fieldFaults(`${where}, trailers`, message.trailers, want.trailers));
  const interim = reply.interim.map((each) => each.status);
  if (
    want.interim === 'any 100'
      ? interim.some((each) => each !== 100) || interim.length > 1
      : show(interim) !== show(want.interim ?? [])
  )
    faults.push(`${where}: interim replies ${show(interim)}, not ${show(want.interim ?? [])}`);
  for (const each of reply.interim) {
    faults.push(...each.message.violations.map((one) => `${where}, interim: ${one}`));
    faults.push(...fieldFaults(`${where}, interim`, each.message.fields, want.interimFields));
  }
  if (status !== 101 && !(message.all('date').length === 1 && IMF_DATE.test(message.get('date') ?? '')))
    faults.push(`${where}: Date is ${show(message.all('date'))}`);
  faults.push(...fieldFaults(where, message.fields, { 'proxy-connection': null, te: null }));
  if (status >= 400 && want.body === undefined && want.length === undefined && method !== 'HEAD')
    faults.push(...problemFaults(where, reply));
  if (want.after !== undefined && reply.at < want.after) faults.push(`${where}: after ${Math.round(reply.at)} ms, too early`);
  if (want.before !== undefined && reply.at > want.before) faults.push(`${where}: after ${Math.round(reply.at)} ms, too late`);
  return faults;
}

/** What every request must look like that a gateway sends on, whatever came in. */
function forwardedFaults(where: string, seen: Seen, upgrading: boolean): string[] {
  const { message } = seen;
  const absent = Object.fromEntries(LEAVES_WITH_THE_HOP.map((name) => [name, null]));
  const faults = fieldFaults(where, message.fields, {
    ...absent,
    via: /(?:^|, )1\.[01] [A-Za-z0-9!#$%&'*+\-.^_`|~:]+$/,
    'x-request-id': /^[^, ]+$/,
    // The peer's own address, or the one that the rows with a PROXY header put in its place.
    'x-forwarded-for': /(?:127\.0\.0\.1|192\.0\.2\.1)$/,
    'x-forwarded-proto': /^https?$/,
    ...(upgrading ? {} : { upgrade: null }),
  });
  const connection = (message.get('connection') ?? 'keep-alive').toLowerCase();
  if (!(upgrading ? ['upgrade'] : ['keep-alive', 'close']).includes(connection))
    faults.push(`${where}: Connection is ${connection}`);
  return faults;
}

function seenFaults(where: string, seen: Seen, want: Forwarded): string[] {
  const faults: string[] = [];
  if (!seen.message.complete) faults.push(`${where}: did not arrive whole`);
  if (want.method !== undefined && want.method !== seen.method)
    faults.push(`${where}: method ${seen.method}, not ${want.method}`);
  const { target } = want;
  if (target !== undefined && !(target instanceof RegExp ? target.test(seen.target) : target === seen.target))
    faults.push(`${where}: target ${seen.target}, not ${target}`);
  faults.push(...bodyFault(where, seen.message.body, want.body), ...fieldFaults(where, seen.message.fields, want.fields));
  if (want.trailers !== undefined) faults.push(...fieldFaults(`${where}, trailers`, seen.message.trailers, want.trailers));
  if (want.tunnel !== undefined) faults.push(...bodyFault(`${where}, tunnel`, Buffer.concat(seen.tunnel), want.tunnel));
  return faults;
}

/** A request that can never become whole must not keep the origin waiting. */
export function mustBeLeft(expected: Expected, seen: Seen): boolean {
  return expected.originLeft === true || !seen.message.complete;
}

function originFaults(session: Session, requests: readonly Seen[], expected: Expected): string[] {
  const faults = session.violations.map((each) => `at the origin: ${each}`);
  const { originSaw } = expected;
  const heads = requests.map((each) => each.message.line).join(' | ');
  const wholeOnly = typeof originSaw === 'object' && 'whole' in originSaw;
  const wanted = wholeOnly ? originSaw.whole : typeof originSaw === 'object' ? originSaw : [];
  const counted = wholeOnly ? requests.filter((each) => each.message.complete) : requests;
  const count = typeof originSaw === 'number' ? originSaw : originSaw === 'any' ? counted.length : wanted.length;
  if (counted.length !== count) faults.push(`the origin saw ${counted.length} requests, not ${count}: ${heads}`);
  for (const [at, want] of wanted.entries()) {
    const seen = counted[at];
    if (seen !== undefined) faults.push(...seenFaults(`request ${at + 1} at the origin`, seen, want));
  }
  for (const [at, seen] of requests.entries()) {
    const upgrading = wanted[at]?.fields?.upgrade != null;
    faults.push(...forwardedFaults(`request ${at + 1} at the origin`, seen, upgrading));
    if (mustBeLeft(expected, seen) && seen.left === 'open')
      faults.push(`request ${at + 1}: the gateway did not leave the origin`);
  }
  const connections = new Set(requests.map((each) => each.connection)).size;
  if (expected.connections !== undefined && connections !== expected.connections)
    faults.push(`${connections} connections to the origin, not ${expected.connections}`);
  return faults;
}

function announcesEnd(reply: RawReply | undefined): boolean {
  return /(?:^|[ ,])close(?:,|$)/i.test(reply?.message.get('connection') ?? '');
}

function endingFaults(row: Case, client: RawClient, wanted: readonly Reply[]): string[] {
  const { closed } = row.expect;
  const { ended } = client;
  if (client.replies.slice(0, closed === false ? undefined : -1).some(announcesEnd))
    return ['an end is announced that does not come'];
  if (closed === 'either') return [];
  if (closed === 'reset') return ended === 'reset' ? [] : [`the connection is ${ended}, not reset`];
  const last = client.replies.at(-1);
  if (closed === 'idle') return ended === 'open' ? ['the connection stays open'] : [];
  if (closed === true) {
    if (ended === 'open') return ['the connection stays open'];
    const wentFirst = row.send.some(
      (step) => typeof step === 'object' && 'do' in step && /^(?:half-)?close$|^reset$/.test(step.do),
    );
    const announced = announcesEnd(last);
    const cut = wanted.at(-1)?.cut === true && last?.status !== 502;
    return last === undefined || last.status === 101 || wentFirst || cut || announced
      ? []
      : ['the end was not announced by Connection: close'];
  }
  return ended === 'open' ? [] : [`the connection is ${ended}`];
}

/** Everything that differs from what the row says, in words. */
export function faultsOf(
  row: Case,
  client: RawClient,
  session: Session,
  requests: readonly Seen[],
  methods: readonly string[],
): string[] {
  const wanted = wantedReplies(row.expect);
  const faults = client.violations.map((each) => `to the client: ${each}`);
  const silent = row.expect.orSilence === true && client.replies.length === wanted.length - 1;
  if (client.replies.length !== wanted.length && !silent)
    faults.push(`${client.replies.length} replies, not ${wanted.length}: ${client.replies.map((each) => each.status).join(' ')}`);
  if (client.halfHead) faults.push('bytes after the last reply');
  for (const [at, want] of wanted.entries()) {
    const got = client.replies[at];
    if (got !== undefined) faults.push(...replyFaults(`reply ${at + 1}`, got, want, methods[at] ?? 'GET'));
  }
  faults.push(...endingFaults(row, client, wanted), ...originFaults(session, requests, row.expect));
  if (row.expect.tunnel !== undefined) faults.push(...bodyFault('tunnel', Buffer.concat(client.tunnel), row.expect.tunnel));
  return faults;
}
