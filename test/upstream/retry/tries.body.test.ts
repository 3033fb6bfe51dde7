import { beforeEach, describe, expect, test } from 'vitest';
import { GatewayError } from '../../../src/http/errors.ts';
import { turns } from '../../support/channels.ts';
import { ManualSource } from '../../support/manual-source.ts';
import { IDLE, TriesRig } from '../../support/tries.ts';

let rig: TriesRig;
beforeEach(() => {
  rig = new TriesRig();
  rig.terms = { retry: { body_limit: '10' } };
});

const END = { status: 200, error: undefined };

/** A request with a body, of which the first try has got the beginning. */
function begun(method: string, text: string, length = text.length) {
  const body = new ManualSource(length);
  const tried = rig.ask({ method, body });
  rig.last.read();
  for (const part of text.match(/.{1,4}/gs) ?? []) body.send(part);
  return { body, ...tried };
}

describe('A body within the limit', () => {
  test.each([10, -1])('goes to the next upstream byte for byte (%i)', async (length) => {
    const { body, settled } = begun('PUT', '0123456789', length);
    body.end();
    await rig.answer(503);
    rig.last.read();
    expect([rig.asked, rig.last.body.text, rig.last.body.ends]).toEqual(['ab', '0123456789', ['end']]);
    await rig.answer(200);
    expect(settled).toEqual([200]);
  });

  test('goes on where it was when only its beginning had come', async () => {
    const { body } = begun('PUT', '01234', 10);
    await rig.answer('upstream_reset');
    rig.last.read();
    body.send('56789');
    body.end();
    expect([rig.sent[0]?.body.text, rig.last.body.text, rig.last.body.ends]).toEqual(['01234', '0123456789', ['end']]);
  });

  test('goes to one upstream at a time: the one that answered early gets no more of it', async () => {
    const { body, settled } = begun('PUT', '01234', 10);
    const [first] = rig.sent;
    const early = new ManualSource();
    first?.reply(503, early);
    await turns(1);
    rig.last.read();
    body.send('56789');
    expect([early.cancelled, first?.body.text, rig.last.body.text]).toEqual([true, '01234', '0123456789']);
    // What it does after that with a body that is not its own any more, counts for nothing.
    first?.outgoing.body.cancel();
    first?.outgoing.body.resume();
    first?.read();
    body.end();
    expect([first?.body.ends, rig.last.body.ends, body.asked.filter((one) => one === 'pipe')]).toEqual([[], ['end'], ['pipe']]);
    await rig.answer(200);
    expect(settled).toEqual([200]);
  });

  test('stops while nobody reads it, and grows beyond the limit without harm', async () => {
    rig.terms = { retry: { body_limit: '10', backoff: { base: '1s', max: '1s' } } };
    rig.draw = () => 0.5;
    const { body, settled } = begun('PUT', '01234', -1);
    rig.sent[0]?.reply(503);
    await turns(1);
    expect([body.send('56789'), body.send('abcde')]).toEqual([false, false]);
    await rig.pass(600);
    rig.last.read();
    body.send('f');
    body.end();
    expect([rig.sent[0]?.body.text, rig.last.body.text, rig.last.body.ends]).toEqual(['01234', '0123456789abcdef', ['end']]);
    await rig.answer(200);
    expect(settled).toEqual([200]);
  });

  test('goes on to the upstream whose early reply is the answer', async () => {
    const { body, settled, exchange } = begun('PUT', '01234', 10);
    rig.last.reply(200);
    await turns(1);
    body.send('56789');
    body.end();
    expect([settled, rig.last.body.text, body.cancelled]).toEqual([[200], '0123456789', false]);
    exchange.end(END);
    expect(rig.idle).toBe(IDLE);
  });

  test('that breaks off is the end of it', async () => {
    const { body, settled } = begun('PUT', '01234', 10);
    body.fail(new GatewayError('client_gone'));
    rig.last.fail('client_gone');
    await turns(1);
    expect([rig.asked, settled, rig.idle]).toEqual(['a', ['client_gone'], IDLE]);
  });

  test('that broke off is not sent again, whatever the upstream answers', async () => {
    const { body, settled } = begun('PUT', '01234', 10);
    body.fail(new GatewayError('bad_request'));
    await rig.answer(503);
    expect([rig.asked, settled]).toEqual(['a', [503]]);
  });
});

describe('A body that is not kept', () => {
  test.each([
    ['larger than the limit', 'PUT', 11],
    ['larger than the limit, as it turns out', 'PUT', -1],
    ['of a request that must not be sent twice', 'POST', 11],
  ])('because it is %s: what comes is passed on', async (_why, method, length) => {
    const { settled } = begun(method, '0123456789a', length);
    await rig.answer(503);
    expect([rig.asked, settled]).toEqual(['a', [503]]);
  });

  test.each([
    ['PUT', 11],
    ['POST', 3],
    ['POST', -1],
  ])('is whole while no upstream has read of it: %s of %i goes on to the next', async (method, length) => {
    const body = new ManualSource(length);
    rig.ask({ method, body });
    await rig.answer('upstream_connect');
    rig.last.read();
    for (const part of ['0123', '4567', '89a']) body.send(part);
    body.end();
    expect([rig.asked, rig.last.body.text, rig.last.body.ends]).toEqual(['ab', '0123456789a', ['end']]);
  });

  test('is cancelled when no try is left for it', async () => {
    const body = new ManualSource(11);
    const { settled } = rig.ask({ method: 'POST', body });
    for (let time = 0; time < 4; time++) await rig.answer('upstream_connect');
    expect([settled, body.cancelled, rig.idle]).toEqual([['upstream_connect'], true, IDLE]);
  });
});
