import { readdirSync, readFileSync } from 'node:fs';

/** /proc counts CPU time in units of 10 ms whatever the kernel's own tick is (USER_HZ). */
const MICROS_PER_TICK = 10_000;

/** The process and all that came from it. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? stats(Number(name)) : undefined;
    if (stat !== undefined) parents.set(Number(name), Number(stat[1]));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return family;
}

/** User and system time in µs of these processes with all their threads, and of their children that have ended. */
export function cpuMicros(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = stats(pid);
    if (stat !== undefined) for (const field of [11, 12, 13, 14]) ticks += Number(stat[field]);
  }
  return ticks * MICROS_PER_TICK;
}

/** Time in µs that all cores were not idle since the machine started, time that its host took away included. */
export function busyMicros(): number {
  const [user, nice, system, , , irq, softirq, steal] = (readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '')
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks) => sum + (ticks ?? 0), 0) * MICROS_PER_TICK;
}

/** Resident memory in bytes. */
export function residentBytes(pids: readonly number[]): number {
  let bytes = 0;
  for (const pid of pids) {
    const line = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, 'status') ?? '');
    bytes += line === null ? 0 : Number(line[1]) * 1024;
  }
  return bytes;
}

/** The fields of /proc/PID/stat after the name, which may hold spaces: [0] is the state, [1] the parent. */
function stats(pid: number): string[] | undefined {
  const text = readProc(pid, 'stat');
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined; // it has ended
  }
}
