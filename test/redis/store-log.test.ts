import { expect, test } from 'vitest';
import { StoreLog } from '../../src/redis/store-log.ts';
import { Recorder } from '../support/recorder.ts';

function setUp() {
  const recorder = new Recorder();
  const log = new StoreLog(recorder.logger);
  log.place = 'r:1';
  const lines = () =>
    recorder.entries.splice(0).map(([level, fields, text]) => {
      const { reason } = fields as { reason?: string };
      return reason === undefined ? `${level} ${text}` : `${level} ${text}: ${reason}`;
    });
  return { log, lines };
}

test('An outage is a line when it begins, one for each new reason, and one when it ends', () => {
  const { log, lines } = setUp();
  const tell = (condition: 'up' | 'slow' | 'down', reason = '') => log.condition({ condition, reason, since: 0 });
  tell('up');
  for (let i = 0; i < 5; i++) {
    tell('down', 'refused');
    tell('down', 'no answer');
  }
  tell('up');
  tell('down', 'refused');
  expect(lines()).toEqual([
    'info redis is up',
    'warn redis is down: refused',
    'warn redis is down: no answer',
    'info redis is up',
    'warn redis is down: refused',
  ]);
  tell('slow', 'takes long');
  expect(lines()).toEqual(['warn redis is slow: takes long']);
});

test('Reasons without end do not make lines without end', () => {
  const { log, lines } = setUp();
  for (let i = 0; i < 1000; i++) log.condition({ condition: 'down', reason: `port ${i}`, since: 0 });
  expect(lines()).toHaveLength(10);
});

test('Channels are told of when they are not heard, and when they are again', () => {
  const { log, lines } = setUp();
  log.channels('');
  log.channels('gone');
  log.channels('refused');
  log.channels('');
  log.channels('');
  log.channels('NOPERM');
  expect(lines()).toEqual([
    'warn redis channels are not heard: gone',
    'info redis channels are heard again',
    'warn redis channels are not heard: NOPERM',
  ]);
});

test('Eviction is told of both ways', () => {
  const { log, lines } = setUp();
  log.eviction(true);
  log.eviction(false);
  expect(lines()).toEqual([
    'warn redis evicts keys when its memory is full: limits have no bound',
    'info redis evicts no keys any more',
  ]);
});
