/**
 * What an error of the client means: `moved` and `noscript` are about one command, and can be helped; `refused` is about one
 * command too; `unfit`: the server refuses all such commands; `lost`: there is no connection any more.
 */
export type FailureKind = 'noscript' | 'moved' | 'refused' | 'unfit' | 'lost';

/** Answers about the server, not about the command. First words of error replies (Redis 7). */
const UNFIT: ReadonlySet<string> = new Set([
  ...['LOADING', 'READONLY', 'OOM', 'NOREPLICAS', 'MISCONF', 'CLUSTERDOWN', 'MASTERDOWN'],
  ...['NOAUTH', 'WRONGPASS', 'NOPERM', 'BUSY', 'UNKILLABLE'],
]);
const MOVED: ReadonlySet<string> = new Set(['MOVED', 'ASK']);
/** How ioredis says that a connection is not there, or no more. */
const LOST = /^Connection is closed|^Stream isn't writeable|^Command aborted|startup nodes|^Cluster (?:is|isn't)/;

export function failureKind(error: Error): FailureKind {
  const { message } = error;
  if (error.name !== 'ReplyError') return LOST.test(message) || 'code' in error ? 'lost' : 'refused';
  const word = message.slice(0, Math.max(message.indexOf(' '), 0));
  if (word === 'NOSCRIPT') return 'noscript';
  if (MOVED.has(word)) return 'moved';
  return UNFIT.has(word) || /^ERR unknown command/i.test(message) ? 'unfit' : 'refused';
}

/** Whether a server that answers this may be the wrong one: the name leads to another by now, or a Sentinel does. */
export function isWrongServer(reason: string): boolean {
  return /^(?:READONLY|MASTERDOWN|MOVED) /.test(reason);
}

const LONGEST = 200;

/** Texts of errors for operators: one line, and no secret in it (Redis repeats arguments of what it does not know). */
export class Reasons {
  private readonly secrets: readonly string[];

  /** @param secrets empty ones are passed over */
  constructor(secrets: readonly string[]) {
    this.secrets = secrets.filter((secret) => secret !== '');
  }

  of(thrown: unknown): string {
    let text = messageOf(thrown);
    for (const secret of this.secrets) text = text.replaceAll(secret, '***');
    text = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
    return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
  }
}

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  // A name with several addresses, none of which answers: the error has no text of its own.
  if (thrown instanceof AggregateError && thrown.message === '') return messageOf(thrown.errors[0]);
  const { message } = thrown;
  if (message.endsWith('. Please report this.')) return `it does not speak the Redis protocol: ${message.slice(0, -21)}`;
  return message.replace(' and retry is disabled', '');
}
