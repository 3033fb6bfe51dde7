import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, GatewayError } from '../../src/http/errors.ts';
import { Headers } from '../../src/http/headers.ts';
import { errorReply } from '../../src/server/error-reply.ts';

const rows = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

function problem(error: GatewayError, id = 'ID') {
  const reply = errorReply(error, id);
  const text = Buffer.from(reply.body as string, 'latin1').toString('utf8');
  return { reply, text, json: JSON.parse(text) as Record<string, unknown> };
}

describe('An error as a reply (RFC 9457)', () => {
  test.each(rows)('%s has its status, its words and the request id, and nothing of the inside', (code, { status, title }) => {
    const cause = new Error('connect ECONNREFUSED 10.0.0.1:8080 /srv/app/secret.ts');
    const { reply, text, json } = problem(new GatewayError(code, undefined, cause));
    expect(reply.status).toBe(status);
    expect(json).toEqual({ type: `urn:sluice:error:${code}`, title, status, code, request_id: 'ID' });
    expect(text).not.toMatch(/ECONNREFUSED|10\.0\.0\.1|secret|\.ts|stack/);
    expect(text.endsWith('}\n')).toBe(true);
  });

  test.each(rows)('%s is JSON that nobody stores, and says when to come back if that may help', (code, { status }) => {
    const { headers } = problem(new GatewayError(code)).reply;
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('retry-after')).toBe(status === 503 ? '1' : undefined);
  });

  test('shows the detail, which names what the client sent', () => {
    expect(problem(new GatewayError('bad_request', 'a Host that is not "ä" and port')).json).toMatchObject({
      detail: 'a Host that is not "ä" and port',
    });
  });
});

describe('A body of the operator’s own', () => {
  const html = { type: 'text/html; charset=utf-8', text: '<p>Sörry, {request_id}, {request_id} {status}</p>' };
  const unavailable = new GatewayError('draining', 'inside');
  const asking = (accept: string | undefined) => Headers.from(accept === undefined ? [] : [['Accept', accept]]);
  const typeOf = (type: string, accept: string | undefined) =>
    errorReply(unavailable, 'ID', { '503': { type, text: '' } }, asking(accept)).headers.get('content-type');

  test('stands in the place of problem details, with the id in its places and nothing else', () => {
    const reply = errorReply(unavailable, 'ID', { '503': html });
    expect([reply.status, Buffer.from(reply.body as string, 'latin1').toString()]).toEqual([
      503,
      '<p>Sörry, ID, ID {status}</p>',
    ]);
    expect(reply.headers.flat()).toEqual(['Content-Type', html.type, 'Cache-Control', 'no-store', 'Retry-After', '1']);
  });

  test('is only for its status', () => {
    const reply = errorReply(new GatewayError('internal'), 'ID', { '503': html });
    expect(reply.headers.get('content-type')).toBe('application/problem+json');
  });

  test('that is long leaves as bytes', () => {
    const reply = errorReply(unavailable, 'ID', { '503': { ...html, text: 'ä'.repeat(30_000) } });
    expect(Buffer.from(reply.body as Uint8Array).toString()).toBe('ä'.repeat(30_000));
  });

  test.each([
    ['application/json', true],
    ['application/problem+json', true],
    ['text/html, application/json;q=0.9', true],
    ['APPLICATION/JSON ; charset=utf-8', true],
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', false],
    ['application/*', false],
    ['application/json;q=0', false],
    ['application/json; q=0.000, text/html', false],
    ['application/jsonp', false],
    ['text/application/json', false],
  ])('gives way to problem details for a client that accepts %j: %s', (accept, gives) => {
    expect(typeOf('text/html; charset=utf-8', accept) === 'application/problem+json').toBe(gives);
  });

  test('does not give way when it is JSON itself', () => {
    expect(typeOf('application/json', 'application/json')).toBe('application/json');
  });
});
