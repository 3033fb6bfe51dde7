/** What windows.lua.ts does, in TypeScript. Times in µs. */
export interface TwinWindow {
  readonly kind: 'l' | 'c' | 'f';
  /** Of a log: when each token was taken. */
  times: number[];
  start: number;
  count: number;
  before: number;
}

export function freshWindow(kind: TwinWindow['kind'], window: number, now: number): TwinWindow {
  const start = kind === 'f' ? now + window : Math.floor(now / window) * window;
  return { kind, times: [], start, count: 0, before: 0 };
}

export function settleWindow(w: TwinWindow, window: number, now: number): void {
  if (w.kind === 'l') {
    const ahead = Math.max(0, (w.times.at(-1) ?? 0) - now);
    w.times = w.times.map((time) => time - ahead).filter((time) => time > now - window);
    return;
  }
  if (w.kind === 'f') {
    if (w.start <= now) Object.assign(w, freshWindow('f', window, now));
    w.start = Math.min(w.start, now + window);
    return;
  }
  const start = Math.floor(now / window) * window;
  const passed = Math.floor((start - w.start) / window + 0.5);
  if (passed > 0) {
    w.before = passed === 1 ? w.count : 0;
    w.count = 0;
  }
  w.start = start;
}

export function windowLevel(w: TwinWindow, limit: number, window: number, now: number): number {
  if (w.kind === 'l') return Math.max(0, limit - w.times.length);
  if (w.kind === 'f') return Math.max(0, limit - w.count);
  return Math.max(0, Math.floor(limit - w.count - w.before * (1 - (now - w.start) / window)));
}

export function windowWait(w: TwinWindow, limit: number, window: number, tokens: number, now: number): number {
  if (w.kind === 'l') {
    const missing = tokens - (limit - w.times.length);
    if (missing <= 0) return 0;
    const last = w.times[missing - 1];
    return last === undefined ? 1 : Math.max(1, last + window - now);
  }
  if (windowLevel(w, limit, window, now) >= tokens) return 0;
  if (w.kind === 'f') return w.start - now;
  const room = limit - w.count - tokens;
  const due = room >= 0 ? (1 - room / w.before) * window : (2 - (limit - tokens) / w.count) * window;
  return Math.max(1, Math.ceil(w.start + due - now));
}

export function takeFromWindow(w: TwinWindow, cost: number, now: number): void {
  if (w.kind === 'l') w.times.push(...new Array<number>(cost).fill(now));
  else w.count += cost;
}
