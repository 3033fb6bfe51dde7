import { describe, expect, test } from 'vitest';
import { failureKind, isWrongServer, Reasons } from '../../src/redis/failure.ts';

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

describe('An error reply is about', () => {
  test.each([
    ['noscript', 'NOSCRIPT No matching script. Please use EVAL.'],
    ['moved', 'MOVED 3999 127.0.0.1:6381'],
    ['moved', 'ASK 3999 127.0.0.1:6381'],
    ['refused', 'TRYAGAIN Multiple keys request during rehashing of slot'],
    ['refused', 'WRONGTYPE Operation against a key holding the wrong kind of value'],
    ['refused', 'ERR user_script:1: attempt to index a nil value'],
    ['refused', 'READONLYISH'],
    ['refused', ''],
    ['unfit', "READONLY You can't write against a read only replica. script: abc, on @user_script:1."],
    ['unfit', 'OOM allow-oom flag is not set on the script, can not run it when used memory > maxmemory'],
    ['unfit', 'NOREPLICAS Can not run script with write flag'],
    ['unfit', 'MISCONF Errors writing to the AOF file: No space left on device'],
    ['unfit', 'LOADING Redis is loading the dataset in memory'],
    ['unfit', 'CLUSTERDOWN Hash slot not served'],
    ['unfit', 'MASTERDOWN Link with MASTER is down'],
    ['unfit', 'NOAUTH Authentication required.'],
    ['unfit', 'NOPERM this user has no permissions to run the evalsha command'],
    ['unfit', 'BUSY Redis is busy running a script.'],
    ['unfit', "ERR unknown command 'EVALSHA', with args beginning with: "],
  ])('%s: %s', (kind, message) => {
    expect(failureKind(reply(message))).toBe(kind);
  });
});

test.each([
  ['lost', new Error('Connection is closed.')],
  ['lost', new Error("Stream isn't writeable and enableOfflineQueue options is false")],
  ['lost', new Error('Command aborted due to connection close')],
  ['lost', new Error('None of startup nodes is available')],
  ['lost', new Error("Cluster isn't ready and enableOfflineQueue options is false")],
  ['lost', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
  ['refused', new TypeError("Cannot read properties of undefined (reading 'join')")],
  ['refused', new Error('Too many Cluster redirections. Last error: ReplyError: MOVED 1 a:1')],
  // Whatever the words: no reply of the server.
  ['refused', new Error('LOADING')],
])('what is not a reply is %s: %s', (kind, error) => {
  expect(failureKind(error)).toBe(kind);
});

test('a replica may be the wrong server, one without memory is not', () => {
  expect(isWrongServer("READONLY You can't write")).toBe(true);
  expect(isWrongServer('OOM command not allowed')).toBe(false);
});

describe('Reasons', () => {
  test('hold no secret and are one line, not a long one', () => {
    const reasons = new Reasons(['hunter2', '', 'sesame']);
    expect(reasons.of(new Error("ERR unknown command\r\n'hunter2' 'sesame', hunter2"))).toBe(
      "ERR unknown command '***' '***', ***",
    );
    expect(reasons.of(new Error('x'.repeat(300)))).toHaveLength(200);
  });

  test('look into errors that say nothing themselves', () => {
    const reasons = new Reasons([]);
    expect(reasons.of(new AggregateError([new Error('connect ECONNREFUSED ::1:1'), new Error('other')]))).toBe(
      'connect ECONNREFUSED ::1:1',
    );
    expect(reasons.of('text')).toBe('text');
  });

  test('do not send operators to report what is no fault of the client', () => {
    const reasons = new Reasons([]);
    const garbage = new Error('Unknown RESP type 72 "H". Please report this.');
    expect(reasons.of(garbage)).toBe('it does not speak the Redis protocol: Unknown RESP type 72 "H"');
    expect(reasons.of(new Error('All sentinels are unreachable and retry is disabled. Last error: x'))).toBe(
      'All sentinels are unreachable. Last error: x',
    );
  });
});
