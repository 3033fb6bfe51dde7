import { closeSync, constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { Clock } from '../lib/clock.ts';

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;
/** Bytes that a pipe or socket takes whole or not at all (PIPE_BUF of POSIX): pieces of this size are never torn. */
const STREAM_PIECE = 4096;
const FILE_PIECE = 64 * 1024;
/** Characters of access lines that are worth a write. */
const BATCH = 32 * 1024;
/** Milliseconds that an access line waits for others at most. */
const LINGER = 250;
/** Milliseconds until a reader that was too slow is tried again. */
const RETRY = 20;
/** Bytes that wait for a slow reader: access lines beyond it are dropped, application lines beyond twice as much. */
const BOUND = 1024 * 1024;
/** How often {@link LogOutput.flushSync} tries a reader that takes nothing: one second. */
const PATIENCE = 100;
const PAUSE = 10;

/** Takes lines about requests, each complete and with its line end, in ASCII. */
export interface LineSink {
  add(line: string): void;
}

/**
 * Where all lines of an instance go, in the order they were given. Application lines are written at once, access lines
 * in batches. Nothing waits for a slow reader: what it has not taken is kept up to a bound, then dropped and counted.
 * A disk that is full is such a reader.
 */
export class LogOutput implements LineSink {
  private readonly clock: Clock;
  /** Undefined: a file descriptor of the process. */
  private readonly path: string | undefined;
  private fd: number;
  private readonly piece: number;
  private readonly owned: boolean;
  private text = '';
  private readonly queue: Buffer[] = [];
  private bytes = 0;
  private timer: (() => void) | undefined;
  /** The reader took nothing at the last try. */
  private stuck = false;
  private closed = false;
  /** Lines that found no room. */
  dropped = 0;

  /**
   * @param where "stdout", "stderr" or the path of a file, which is made if it is not there
   * @throws the error of `open` when the file cannot be had
   */
  constructor(where: string, clock: Clock) {
    this.clock = clock;
    const standard = where === 'stdout' ? 1 : where === 'stderr' ? 2 : undefined;
    this.path = standard === undefined ? where : undefined;
    const { fd, stream } = standard === undefined ? openPath(where) : openStandard(standard);
    this.fd = fd;
    this.piece = stream ? STREAM_PIECE : FILE_PIECE;
    this.owned = fd !== standard;
  }

  /** An application line: everything up to it is written now, as far as the reader takes it. */
  write(line: string): void {
    if (this.bytes + this.text.length > 2 * BOUND || this.closed) {
      this.dropped += 1;
      return;
    }
    this.text += line;
    this.pump();
  }

  add(line: string): void {
    if (this.bytes + this.text.length > BOUND || this.closed) {
      this.dropped += 1;
      return;
    }
    this.text += line;
    // While the reader is slow, text gathers.
    if (this.text.length >= BATCH && !this.stuck) this.pump();
    else this.again(LINGER);
  }

  /**
   * Writes all that waits before it returns, or as much as the reader takes within a second. For the end of the
   * process and for fatal lines.
   */
  flushSync(): void {
    this.gather();
    for (let left = PATIENCE; this.queue.length > 0 && left > 0; ) {
      const problem = this.put();
      if (problem === undefined) continue;
      // A disk stays full, and a reader that is gone stays gone.
      if (problem !== 'EAGAIN') return;
      left -= 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }

  /**
   * Opens the file anew, after somebody has moved it away; what waits goes to the old one, unless its
   * disk is full. Does nothing for stdout and stderr.
   * @throws the error of `open`; the old file stays
   */
  reopen(): void {
    if (this.path === undefined || this.closed) return;
    const { fd } = openPath(this.path);
    this.pump();
    closeSync(this.fd);
    this.fd = fd;
  }

  /** {@link flushSync}, and lets go of the file. Lines that come later are dropped. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.timer?.();
    this.flushSync();
    if (this.owned) closeSync(this.fd);
  }

  private again(ms: number): void {
    this.timer ??= this.clock.after(ms, () => {
      this.timer = undefined;
      this.stuck = false;
      this.pump();
    });
  }

  private pump(): void {
    this.gather();
    while (this.queue.length > 0) {
      if (this.put() === undefined) continue;
      this.stuck = true;
      this.timer?.();
      this.timer = undefined;
      this.again(RETRY);
      return;
    }
  }

  /** What was said becomes pieces of whole lines, each as large as one `write` should be. */
  private gather(): void {
    if (this.text === '') return;
    const bytes = Buffer.from(this.text);
    this.text = '';
    this.bytes += bytes.length;
    for (let from = 0; from < bytes.length; ) {
      let end = bytes.length;
      if (end - from > this.piece) {
        end = bytes.lastIndexOf(10, from + this.piece - 1) + 1;
        // A line longer than a piece goes as it is.
        if (end <= from) end = bytes.indexOf(10, from) + 1;
        if (end === 0) end = bytes.length;
      }
      this.queue.push(bytes.subarray(from, end));
      from = end;
    }
  }

  /** Writes of the first piece what the reader takes. @returns why it took nothing, or undefined */
  private put(): string | undefined {
    const first = this.queue[0] as Buffer;
    try {
      const count = writeSync(this.fd, first);
      this.bytes -= count;
      if (count < first.length) this.queue[0] = first.subarray(count);
      else this.queue.shift();
      return undefined;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? 'unknown';
    }
  }
}

interface Opened {
  readonly fd: number;
  /** A pipe or socket. */
  readonly stream: boolean;
}

/** Not readable by everybody: a log tells about everybody's requests. */
function openPath(path: string): Opened {
  // A named pipe that nobody reads is an error here, not something to wait for.
  const fd = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o640);
  return { fd, stream: fstatSync(fd).isFIFO() };
}

/**
 * Files and terminals are written as they are. A pipe is shared with other processes, which may not like it to stop
 * blocking: where the system lets us, we open the same pipe once more for ourselves.
 */
function openStandard(fd: 1 | 2): Opened {
  const kind = fstatSync(fd);
  if (kind.isFile() || kind.isCharacterDevice()) return { fd, stream: false };
  try {
    if (kind.isFIFO()) return { fd: openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_APPEND | O_NONBLOCK), stream: true };
  } catch {
    // Not Linux, or the pipe is another user's.
  }
  // Node's own stream, which nobody writes to here, makes its descriptor non-blocking when it is first asked for.
  void (fd === 1 ? process.stdout : process.stderr);
  return { fd, stream: true };
}
