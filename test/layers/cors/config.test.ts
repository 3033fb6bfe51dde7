import { describe, expect, test } from 'vitest';
import { corsSchema } from '../../../src/layers/cors/config.ts';

const problem = (written: unknown) => {
  const { error } = corsSchema.safeParse(written);
  const issue = error?.issues[0] as { path: unknown[]; message: string; params?: { suggestion?: string } } | undefined;
  return { path: issue?.path.join('.'), message: issue?.message, suggestion: issue?.params?.suggestion };
};

test('the defaults let pages read, and nothing with credentials', () => {
  expect(corsSchema.parse({ allowed_origins: ['https://APP.example.com'] })).toEqual({
    allowed_origins: ['https://app.example.com'],
    allowed_methods: ['GET', 'HEAD', 'POST'],
    allowed_headers: [],
    exposed_headers: [],
    credentials: false,
    private_network: false,
  });
});

describe('An origin', () => {
  test.each([
    '*',
    'null',
    'https://app.example.com',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'http://[::1]:3000',
    'https://*.example.com',
    'https://*.example.com:8443',
    'chrome-extension://abcdefghijklmnop',
    'https://xn--mller-kva.example',
  ])('may be %s', (origin) => {
    expect(corsSchema.parse({ allowed_origins: [origin] }).allowed_origins).toEqual([origin]);
  });

  test.each([
    ['', undefined],
    ['NULL', 'null'],
    ['example.com', 'https://example.com'],
    ['*.example.com', 'https://*.example.com'],
    ['https://a.example/', 'https://a.example'],
    ['https://a.example/path?x', 'https://a.example'],
    ['https://*.example.com/', 'https://*.example.com'],
    ['https://user@a.example', 'https://a.example'],
    ['https://müller.example', 'https://xn--mller-kva.example'],
    ['https://a.*.example', undefined],
    ['https://*a.example', undefined],
    ['https://*', undefined],
    ['https://**.example.com', undefined],
    ['https://', undefined],
    ['https://a b', undefined],
    ['https://a.example, https://b.example', undefined],
    ['https://a.example\r\nX: y', undefined],
  ])('may not be %j', (origin, suggestion) => {
    expect(problem({ allowed_origins: [origin] })).toEqual({
      path: 'allowed_origins.0',
      message: expect.stringMatching(/^not an origin: /),
      suggestion,
    });
  });

  test.each([
    ['https://a.example:443', 'https://a.example'],
    ['http://*.a.example:80', 'http://*.a.example'],
    ['http://127.1', 'http://127.0.0.1'],
  ])('that no browser writes so, %s, is one that would match nothing', (origin, suggestion) => {
    expect(problem({ allowed_origins: [origin] })).toMatchObject({ message: `${origin} is never sent`, suggestion });
  });

  test.each([
    ['https://*.127.0.0.1', 'https://127.0.0.1'],
    ['https://*.[::1]', 'https://[::1]'],
  ])('is not below an address: %s', (origin, suggestion) => {
    expect(problem({ allowed_origins: [origin] })).toMatchObject({
      message: expect.stringContaining('nothing is below an address'),
      suggestion,
    });
  });
});

describe('A star with credentials', () => {
  test.each(['allowed_origins', 'allowed_methods', 'allowed_headers', 'exposed_headers'])('is refused in %s', (list) => {
    const written = { allowed_origins: ['https://a.example'], credentials: true, [list]: ['*'] };
    expect(problem(written)).toMatchObject({ path: `${list}.0`, message: expect.stringMatching(/with credentials "\*" is no/) });
    expect(corsSchema.safeParse({ ...written, credentials: false }).success).toBe(true);
  });

  test('below a host is none', () => {
    expect(corsSchema.safeParse({ allowed_origins: ['https://*.example.com'], credentials: true }).success).toBe(true);
  });
});

test.each<[object, string, RegExp]>([
  [{ allowed_origins: [] }, 'allowed_origins', /an empty list allows no page/],
  [{}, 'allowed_origins', /./],
  [{ allowed_methods: ['get'] }, 'allowed_methods.0', /method/],
  [{ allowed_methods: ['CONNECT'] }, 'allowed_methods.0', /method/],
  [{ allowed_headers: ['X A'] }, 'allowed_headers.0', /not a field name/],
  [{ exposed_headers: ['X-A\r\n'] }, 'exposed_headers.0', /not a field name/],
  [{ max_age: 600 }, 'max_age', /bare number/],
  [{ max_age: '-1s' }, 'max_age', /not a duration/],
  [{ nothing: 1 }, '', /nothing/],
])('%j is refused at %s', (written, path, message) => {
  const whole = Object.keys(written).length === 0 ? written : { allowed_origins: ['https://a.example'], ...written };
  expect(problem(whole)).toMatchObject({ path, message: expect.stringMatching(message) });
});

test('a browser may be told to remember nothing', () => {
  expect(corsSchema.parse({ allowed_origins: ['*'], max_age: '0s' }).max_age).toBe(0);
});
