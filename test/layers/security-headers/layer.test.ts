import { describe, expect, test } from 'vitest';
import { Reply } from '../../../src/http/reply.ts';
import { securityHeadersSchema } from '../../../src/layers/security-headers/config.ts';
import { securityHeaders } from '../../../src/layers/security-headers/layer.ts';
import { arrived } from '../../support/arrived.ts';
import { exchangeOf } from '../../support/exchanges.ts';

function told(written: object, scheme: 'http' | 'https', ...theirs: string[]): string[] {
  const exchange = exchangeOf({ scheme });
  const reply = securityHeaders(securityHeadersSchema.parse(written))(() => new Reply(200, arrived(...theirs)))(
    exchange,
  ) as Reply;
  exchange.decorate(reply);
  return reply.headers.lines().trimEnd().split('\r\n');
}

const HSTS = 'Strict-Transport-Security: max-age=31536000; includeSubDomains';
const DEFAULTS = ['X-Frame-Options: DENY', 'X-Content-Type-Options: nosniff', 'Referrer-Policy: no-referrer'];

describe('Security headers', () => {
  test('seed claim: have secure defaults', () => {
    expect(told({}, 'https')).toEqual([HSTS, ...DEFAULTS]);
  });

  test('say nothing of TLS where there is none (RFC 6797 §7.2)', () => {
    expect(told({}, 'http')).toEqual(DEFAULTS);
  });

  test('say it behind a trusted proxy that speaks TLS, and for nobody else who claims so', () => {
    const headers = () => arrived('X-Forwarded-Proto: https');
    const handler = securityHeaders(securityHeadersSchema.parse({}))(() => new Reply(200));
    const hsts = (trusted: boolean) => {
      const exchange = exchangeOf({ headers: headers(), peer: { trusted } });
      const reply = handler(exchange) as Reply;
      exchange.decorate(reply);
      return reply.headers.get('strict-transport-security');
    };
    expect([hsts(true), hsts(false)]).toEqual(['max-age=31536000; includeSubDomains', undefined]);
  });

  test('take the place of what the upstream says, in any case and number', () => {
    const theirs = ['x-frame-options: SAMEORIGIN', 'X-FRAME-OPTIONS: ALLOW', 'referrer-policy: unsafe-url', 'X-Kept: 1'];
    expect(told({}, 'http', ...theirs)).toEqual(['X-Kept: 1', ...DEFAULTS]);
    expect(told({}, 'https', 'strict-transport-security: max-age=0')).toEqual([HSTS, ...DEFAULTS]);
  });

  test('leave to the upstream what is the empty text', () => {
    const none = { hsts: '', frame_options: '', content_type_options: '', referrer_policy: '' };
    const theirs = ['X-Frame-Options: SAMEORIGIN', 'Strict-Transport-Security: max-age=1', 'Content-Security-Policy: x'];
    expect(told(none, 'https', ...theirs)).toEqual(theirs);
  });

  test('are written as they are configured', () => {
    const all = { csp: "default-src 'self'", permissions_policy: 'camera=()', cross_origin_opener_policy: 'same-origin' };
    expect(told({ ...all, cross_origin_resource_policy: 'same-site', hsts: 'max-age=1' }, 'https')).toEqual([
      'Strict-Transport-Security: max-age=1',
      ...DEFAULTS,
      "Content-Security-Policy: default-src 'self'",
      'Permissions-Policy: camera=()',
      'Cross-Origin-Opener-Policy: same-origin',
      'Cross-Origin-Resource-Policy: same-site',
    ]);
  });

  test('are on the reply that is sent in the place of another', () => {
    const exchange = exchangeOf({ scheme: 'http' });
    const layer = securityHeaders(securityHeadersSchema.parse({}));
    expect(() =>
      layer(() => {
        throw new Error('broken');
      })(exchange),
    ).toThrow('broken');
    const reply = new Reply(502);
    exchange.decorate(reply);
    expect(reply.headers.get('x-frame-options')).toBe('DENY');
  });
});

test.each([{ csp: 'a\r\nX: y' }, { hsts: 'max-age=1 ' }, { frame_options: '☃' }, { permissions_policy: '\0' }, { xss: '1' }])(
  '%j is refused',
  (written) => expect(securityHeadersSchema.safeParse(written).success).toBe(false),
);
