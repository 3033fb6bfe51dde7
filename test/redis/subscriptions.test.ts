import { beforeEach, describe, expect, test } from 'vitest';
import type { Dialer } from '../../src/redis/connect.ts';
import { Reasons } from '../../src/redis/failure.ts';
import type { Link, LinkEvents } from '../../src/redis/link.ts';
import { Subscriptions } from '../../src/redis/subscriptions.ts';
import { ManualClock } from '../support/manual-clock.ts';

const settled = () => new Promise(setImmediate);

/** A connection that a test holds in its hands. */
class FakeLink {
  readonly asked: string[] = [];
  answers: 'well' | 'never' | Error = 'well';
  tell: (channel: string, text: string) => void = () => {};
  readonly events: LinkEvents;

  constructor(events: LinkEvents) {
    this.events = events;
  }

  subscribe = (channels: readonly string[]) => this.ask(`+${channels.join('+')}`);
  unsubscribe = (channel: string) => this.ask(`-${channel}`);
  ping = () => this.ask('ping');
  onMessage(listener: (channel: string, text: string) => void): void {
    this.tell = listener;
  }

  close(): void {
    this.asked.push('close');
    this.events.ended('closed');
  }

  private ask(what: string): Promise<unknown> {
    this.asked.push(what);
    if (this.answers === 'never') return new Promise(() => {});
    return this.answers === 'well' ? Promise.resolve() : Promise.reject(this.answers);
  }
}

let clock: ManualClock;
let links: FakeLink[];
let troubles: string[];
let heard: string[];
let subscriptions: Subscriptions;

const last = () => links.at(-1) as FakeLink;
const listener = (name: string) => ({
  gap: () => void heard.push(`${name} GAP`),
  message: (text: string) => void heard.push(`${name} ${text}`),
});

beforeEach(() => {
  clock = new ManualClock();
  [links, troubles, heard] = [[], [], []];
  subscriptions = new Subscriptions({
    clock,
    random: () => 0,
    troubled: (reason) => void troubles.push(reason),
    thrown: () => void heard.push('THROWN'),
  });
  const subscriber = (events: LinkEvents) => {
    links.push(new FakeLink(events));
    return last() as unknown as Link;
  };
  subscriptions.start({ reasons: new Reasons([]), patience: 1100, place: '', command: subscriber, subscriber } satisfies Dialer);
});

async function ready(): Promise<void> {
  last().events.ready();
  await settled();
}

test('Channels that were asked for before it was ready are subscribed together', async () => {
  subscriptions.listen('a', listener('one'));
  subscriptions.listen('b', listener('two'));
  expect(last().asked).toEqual([]);
  await ready();
  expect(last().asked).toEqual(['+a+b']);
  expect(heard).toEqual(['one GAP', 'two GAP']);
  last().tell('b', 'news');
  last().tell('c', 'nobody');
  expect(heard.slice(2)).toEqual(['two news']);
});

describe('Whoever stops listening', () => {
  test('hears nothing more, and the last one takes the channel along', async () => {
    await ready();
    const [one, two] = [subscriptions.listen('a', listener('one')), subscriptions.listen('a', listener('two'))];
    await settled();
    heard.length = 0;
    one();
    one();
    last().tell('a', 'news');
    expect(heard).toEqual(['two news']);
    expect(last().asked).toEqual(['+a']);
    two();
    expect(last().asked).toEqual(['+a', '-a']);
  });

  test('is not told of the gap any more either', async () => {
    await ready();
    subscriptions.listen('a', listener('one'))();
    await settled();
    expect(heard).toEqual([]);
  });
});

describe('A connection that ends', () => {
  test('is followed by another, and everybody is told of a gap', async () => {
    subscriptions.listen('a', listener('one'));
    await ready();
    last().events.ended('ECONNRESET');
    clock.advance(49);
    expect(links).toHaveLength(1);
    clock.advance(1);
    await ready();
    expect(last().asked).toEqual(['+a']);
    expect(heard).toEqual(['one GAP', 'one GAP']);
    expect(troubles).toEqual(['', 'ECONNRESET', '']);
  });

  test('is given up when it does not become ready', () => {
    clock.advance(1100);
    expect(last().asked).toEqual(['close']);
    clock.advance(1000);
    expect(links).toHaveLength(2);
  });

  test('is noticed by asking when nothing comes over it', async () => {
    subscriptions.listen('a', listener('one'));
    await ready();
    clock.advance(1000);
    await settled();
    last().answers = 'never';
    clock.advance(1000);
    await settled();
    expect(last().asked).toEqual(['+a', 'ping', 'ping']);
    clock.advance(1000);
    await settled();
    expect(last().asked.at(-1)).toBe('close');
    clock.advance(1000);
    await ready();
    expect(heard).toEqual(['one GAP', 'one GAP']);
  });
});

test('A channel that is refused is tried again', async () => {
  subscriptions.listen('a', listener('one'));
  last().answers = new Error('NOPERM this user has no permissions to access one of the channels');
  await ready();
  expect(troubles[0]).toMatch(/^NOPERM/);
  expect(last().asked).toEqual(['+a', 'close']);
  clock.advance(1000);
  expect(links).toHaveLength(2);
  expect(heard).toEqual([]);
});

test('Who throws does not keep others from hearing', async () => {
  subscriptions.listen('a', { gap: () => JSON.parse('{'), message: () => {} });
  subscriptions.listen('a', listener('two'));
  await ready();
  expect(heard).toEqual(['THROWN', 'two GAP']);
});

test('A closed one does not come back', async () => {
  subscriptions.listen('a', listener('one'));
  await ready();
  subscriptions.close();
  clock.advance(10_000);
  expect(links).toHaveLength(1);
  expect(clock.pending).toBe(0);
});
