import { describe, expect, test } from 'vitest';
import { ERRORS, type ErrorCode, GatewayError } from '../../src/http/errors.ts';
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
