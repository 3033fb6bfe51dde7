import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { redisSchema } from '../../src/redis/config.ts';

const STANDALONE = { kind: 'standalone', host: '127.0.0.1', port: 6379, db: 0 };

test('An empty block is the Redis next door', () => {
  expect(redisSchema.parse({})).toEqual({
    place: STANDALONE,
    secure: false,
    username: '',
    password: '',
    key_prefix: 'sluice:',
    command_timeout: 100,
  });
});

describe('A URL', () => {
  test.each([
    ['redis://r.example', { host: 'r.example', port: 6379, db: 0 }],
    ['redis://r.example:1', { host: 'r.example', port: 1, db: 0 }],
    ['redis://r.example:1/', { host: 'r.example', port: 1, db: 0 }],
    ['redis://r.example/15', { host: 'r.example', port: 6379, db: 15 }],
    ['redis://[::1]', { host: '::1', port: 6379, db: 0 }],
    ['redis://[::1]:7000/2', { host: '::1', port: 7000, db: 2 }],
  ])('%s says where', (url, place) => {
    expect(redisSchema.parse({ url }).place).toEqual({ kind: 'standalone', ...place });
  });

  test.each([
    ['redis://me:secret@h', 'me', 'secret'],
    ['redis://:secret@h', '', 'secret'],
    ['redis://me:p%40ss%2Fword@h', 'me', 'p@ss/word'],
    ['redis://me:p@ss/w:rd@h', 'me', 'p@ss/w:rd'],
  ])('%s says who', (url, username, password) => {
    expect(redisSchema.parse({ url })).toMatchObject({ username, password, place: { host: 'h' } });
  });

  test('of rediss means TLS, with the files beside it or without', () => {
    expect(redisSchema.parse({ url: 'rediss://h' })).toMatchObject({ secure: true });
    expect(redisSchema.parse({ url: 'rediss://h', tls: { ca: 'ca.crt' } })).toMatchObject({
      secure: true,
      tls: { ca: 'ca.crt' },
    });
  });
});

test('Who it is may stand beside the URL', () => {
  expect(redisSchema.parse({ url: 'redis://h', username: 'me', password: 'x' })).toMatchObject({ username: 'me', password: 'x' });
  expect(redisSchema.parse({ password: 'x' })).toMatchObject({ place: STANDALONE, username: '', password: 'x' });
});

test('Sentinels and clusters take the place of the URL', () => {
  const sentinel = { name: 'main', nodes: ['a:26379', '[::1]:26380'], password: 'x' };
  expect(redisSchema.parse({ sentinel, password: 'y' })).toMatchObject({
    place: {
      kind: 'sentinel',
      name: 'main',
      nodes: [
        { host: 'a', port: 26379 },
        { host: '::1', port: 26380 },
      ],
      username: '',
      password: 'x',
    },
    password: 'y',
    secure: false,
  });
  const cluster = { nodes: ['127.0.0.1:7000'] };
  expect(redisSchema.parse({ cluster, tls: {} })).toMatchObject({
    place: { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: 7000 }] },
    secure: true,
  });
});

const SECRET = 'hunter2';
const nodes = ['127.0.0.1:1'];

describe('What is wrong is refused in words, none of which is a password:', () => {
  test.each<[object, string, RegExp]>([
    [{ url: 'h:6379' }, 'url', /not a redis:\/\/ or rediss:\/\/ URL/],
    [{ url: `http://me:${SECRET}@h` }, 'url', /not a redis/],
    [{ url: 'unix:/run/redis.sock' }, 'url', /unix sockets are not in this version/],
    [{ url: `redis://${SECRET}@h` }, 'url', /user:password, or :password/],
    [{ url: `redis://${SECRET}:@h` }, 'url', /the password is missing/],
    [{ url: `redis://me:${SECRET}%@h` }, 'url', /write %25/],
    [{ url: `redis://me:${SECRET}@h:0` }, 'url', /port 0/],
    [{ url: `redis://me:${SECRET}@h:70000` }, 'url', /there is no port 70000/],
    [{ url: `redis://me:${SECRET}@` }, 'url', /behind the host/],
    [{ url: `redis://me:${SECRET}@h/0?db=1` }, 'url', /behind the host/],
    [{ url: `redis://me:${SECRET}@h/x` }, 'url', /behind the host/],
    [{ url: `redis://me:${SECRET}@a b` }, 'url', /not an address/],
    [{ url: 6379 }, 'url', /expected string/],
    [{ url: 'redis://h', sentinel: { name: 'm', nodes } }, 'sentinel', /stands beside url: only one/],
    [{ url: 'redis://h', cluster: { nodes } }, 'cluster', /stands beside url: only one/],
    [{ sentinel: { name: 'm', nodes }, cluster: { nodes } }, 'cluster', /stands beside sentinel: only one/],
    [{ url: 'redis://:x@h', password: SECRET }, 'password', /stands in the URL too/],
    [{ url: 'redis://:x@h', username: 'me' }, 'username', /stands in the URL too/],
    [{ username: 'me' }, 'username', /needs password beside it/],
    [{ password: 12345678 }, 'password', /must be a text: put it in quotes$/],
    [{ sentinel: { name: 'm', nodes, password: 12345678 } }, 'sentinel.password', /must be a text/],
    [{ sentinel: { name: 'm', nodes, username: 'me' } }, 'sentinel', /its username needs a password/],
    [{ sentinel: { name: '', nodes } }, 'sentinel.name', /must not be empty/],
    [{ sentinel: { name: 'm', nodes: [] } }, 'sentinel.nodes', /Too small/],
    [{ sentinel: { nodes } }, 'sentinel.name', /expected string/],
    [{ cluster: { nodes: ['h'] } }, 'cluster.nodes.0', /the port is missing/],
    [{ cluster: { nodes: ['h:0'] } }, 'cluster.nodes.0', /port 0/],
    [{ cluster: {} }, 'cluster.nodes', /expected array/],
    [{ url: 'redis://h', tls: { ca: 'x' } }, 'tls', /the URL says redis:\/\//],
    [{ tls: { ca: 'x' } }, 'tls', /the URL says redis:\/\//],
    [{ tls: { verify: false } }, 'tls', /Unrecognized key/],
    [{ key_prefix: 'a{b}' }, 'key_prefix', /not a prefix of keys: "a\{b\}"/],
    [{ key_prefix: 'a b' }, 'key_prefix', /not a prefix/],
    [{ key_prefix: 'a\n' }, 'key_prefix', /not a prefix/],
    [{ key_prefix: 'x'.repeat(65) }, 'key_prefix', /not a prefix/],
    [{ command_timeout: 100 }, 'command_timeout', /bare number/],
    [{ command_timeout: '0ms' }, 'command_timeout', /too short/],
    [{ pasword: SECRET }, '', /Unrecognized key: "pasword"/],
  ])('%j', (config, path, message) => {
    const issues = redisSchema.safeParse(config).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
    expect(issues.map((issue) => issue.message).join('\n')).toMatch(message);
    expect(JSON.stringify(issues)).not.toMatch(/hunter2|12345678/);
  });
});

test('Editors get a schema of it', () => {
  const schema = z.toJSONSchema(redisSchema, { io: 'input', target: 'draft-7' });
  expect(Object.keys(schema.properties ?? {})).toEqual([
    ...['url', 'username', 'password', 'sentinel', 'cluster', 'tls', 'key_prefix', 'command_timeout'],
  ]);
  expect(schema.required ?? []).toEqual([]);
});
