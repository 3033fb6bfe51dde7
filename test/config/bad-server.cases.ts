import type { BadCase } from './bad.cases.ts';

const bad = (what: string, text: string, ...says: string[]): BadCase => ({ what, text, says });

export const BAD_SERVER: readonly BadCase[] = [
  bad('a PROXY header from nobody', 'server: { proxy_protocol: {} }', '1:27: server.proxy_protocol.from: is missing'),
  bad(
    'a PROXY header from no ranges',
    'server: { proxy_protocol: { from: [] } }',
    '1:35: server.proxy_protocol.from: needs at least 1',
  ),
  bad(
    'a PROXY header from a name',
    'server: { proxy_protocol: { from: [lb] } }',
    '1:36: server.proxy_protocol.from[0]: not an IP address or range: "lb"',
  ),
  bad(
    'a PROXY header without time',
    'server: { proxy_protocol: { from: ["::1"], timeout: 0s } }',
    '1:53: server.proxy_protocol.timeout: 0s is too short',
  ),
  bad(
    'a flag for the PROXY protocol',
    'server: { proxy_protocol: true }',
    '1:27: server.proxy_protocol: must be a block of keys',
  ),
  bad('two threads', 'server: { workers: 2 }', '1:20: server.workers: 2 is not in this version; expected 1'),
  bad('a thread per core', 'server: { workers: auto }', '1:20: server.workers: "auto" is not in this version; expected 1'),
  bad('no thread', 'server: { workers: 0 }', '1:20: server.workers: not a number of threads: 0; expected 1'),
  bad(
    'another word for a path policy',
    'server: { normalize_path: on }',
    '1:27: server.normalize_path: "on" is not one of the words it may be; expected one of safe, off',
  ),
  bad('a body of words', 'server: { limits: { body_bytes: big } }', '1:33: server.limits.body_bytes: not a size: "big"'),
  bad(
    'a class of errors',
    'server: { error_bodies: { 5xx: a.html } }',
    '1:27: server.error_bodies.5xx: the gateway makes no error',
    '1:32: server.error_bodies.5xx: a.html: no such file',
  ),
  bad('a list of errors', 'server: { error_bodies: [a.html] }', '1:25: server.error_bodies: must be a block of keys, not a list'),
];
