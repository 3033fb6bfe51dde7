import { describe, expect, test } from 'vitest';
import { upgradesSchema, webSocketSchema } from '../../../src/layers/web-socket/config.ts';

function problem(schema: typeof webSocketSchema | typeof upgradesSchema, written: unknown): string {
  const result = schema.safeParse(written);
  return result.success ? 'nothing' : `${result.error.issues[0]?.path.join('.')}: ${result.error.issues[0]?.message}`;
}

test('An empty block turns it on, without a limit', () => {
  expect(webSocketSchema.parse({})).toEqual({
    enabled: true,
    protocols: [],
    allowed_origins: [],
    timeout: 0,
    idle_timeout: 0,
    max_message_size: 0,
  });
});

test('All of it', () => {
  const written = {
    enabled: 'true',
    protocols: ['chat-protocol', 'v2.chat.example.com'],
    allowed_origins: ['https://App.example.com', 'https://*.example.com', 'http://localhost:3000', 'chrome-extension://abcdef'],
    timeout: '300s',
    idle_timeout: '1m',
    max_message_size: '64KB',
  };
  expect(webSocketSchema.parse(written)).toEqual({
    enabled: true,
    protocols: ['chat-protocol', 'v2.chat.example.com'],
    allowed_origins: ['https://app.example.com', 'https://*.example.com', 'http://localhost:3000', 'chrome-extension://abcdef'],
    timeout: 300_000,
    idle_timeout: 60_000,
    max_message_size: 65_536,
  });
});

test.each<[Record<string, unknown>, string]>([
  [{ protocols: ['two words'] }, 'protocols.0: not the name of a subprotocol: "two words"'],
  [{ protocols: [''] }, 'protocols.0: not the name of a subprotocol: ""'],
  [{ allowed_origins: ['app.example.com'] }, 'allowed_origins.0: not an origin: "app.example.com"'],
  [{ allowed_origins: ['https://app.example.com/'] }, 'allowed_origins.0: not an origin: "https://app.example.com/"'],
  [{ allowed_origins: ['*'] }, 'allowed_origins.0: not an origin: "*"'],
  [{ allowed_origins: ['https://*.*.com'] }, 'allowed_origins.0: not an origin: "https://*.*.com"'],
  [{ allowed_origins: ['https://exa mple.com'] }, 'allowed_origins.0: not an origin: "https://exa mple.com"'],
  [{ allowed_origins: ['https://a:b:c'] }, 'allowed_origins.0: not an origin: "https://a:b:c"'],
  [{ allowed_origins: ['https://app.example.com:443'] }, 'allowed_origins.0: https://app.example.com:443 is never sent'],
  [{ timeout: 300 }, 'timeout: 300 is a bare number: a duration has its unit, as in "300s" or "300ms"'],
  [{ max_message_size: '64 Kb' }, 'max_message_size: not a size: "64 Kb"'],
  [{ max_size: 1 }, ': Unrecognized key: "max_size"'],
])('%j is wrong', (written, message) => {
  expect(problem(webSocketSchema, written)).toBe(message);
});

test('An origin with a port that browsers leave out comes with the one that they send', () => {
  const result = webSocketSchema.safeParse({ allowed_origins: ['http://*.example.com:80'] });
  expect(result.error?.issues[0]).toMatchObject({ params: { suggestion: 'http://*.example.com' } });
});

describe('upgrades', () => {
  test('are protocols with or without a version, in lower case', () => {
    expect(upgradesSchema.parse(['Chat', 'irc/6.9', 'x-tunnel'])).toEqual(['chat', 'irc/6.9', 'x-tunnel']);
  });

  test.each([
    ['websocket', '0: websocket has its own block'],
    ['WebSocket', '0: websocket has its own block'],
    ['h2c', '0: h2c is never passed on: it would leave behind all that is decided here'],
    ['TLS/1.0', '0: TLS/1.0 is never passed on: it would leave behind all that is decided here'],
    ['http/1.1', '0: http/1.1 is never passed on: it would leave behind all that is decided here'],
    ['a/b/c', '0: not the name of a protocol: "a/b/c"'],
    ['a/', '0: not the name of a protocol: "a/"'],
    ['a, b', '0: not the name of a protocol: "a, b"'],
  ])('%s is not for them', (written, message) => {
    expect(problem(upgradesSchema, [written])).toBe(message);
  });
});
