import { z } from 'zod';
import { fieldValue } from '../../lib/field-syntax.ts';
import type { Frozen } from '../../lib/freeze.ts';

/** `middleware.security_headers`: what browsers are told. `""` leaves a field to the upstream. */
export const securityHeadersSchema = z.strictObject({
  hsts: fieldValue
    .prefault('max-age=31536000; includeSubDomains')
    .describe('Strict-Transport-Security, over TLS only: browsers come by TLS alone from then on.'),
  frame_options: fieldValue.prefault('DENY').describe('X-Frame-Options: which pages may show it in a frame.'),
  content_type_options: fieldValue.prefault('nosniff').describe('X-Content-Type-Options: types are believed, not guessed.'),
  referrer_policy: fieldValue
    .prefault('no-referrer')
    .describe('Referrer-Policy: what other sites learn of where users come from.'),
  csp: fieldValue.prefault('').describe('Content-Security-Policy.'),
  permissions_policy: fieldValue.prefault('').describe('Permissions-Policy.'),
  cross_origin_opener_policy: fieldValue.prefault('').describe('Cross-Origin-Opener-Policy.'),
  cross_origin_resource_policy: fieldValue.prefault('').describe('Cross-Origin-Resource-Policy.'),
});

export type SecurityHeadersConfig = Frozen<z.output<typeof securityHeadersSchema>>;
