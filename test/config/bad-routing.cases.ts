import type { BadCase } from './bad.cases.ts';

const route = (what: string, fields: string, ...says: string[]): BadCase => ({
  what,
  text: `routes:\n  - { id: a, ${fields} }\n`,
  says,
});
const two = (what: string, one: string, other: string, ...says: string[]): BadCase => ({
  what,
  text: `tenancy: { from: host }\nroutes:\n  - { id: a, respond: {}, ${one} }\n  - { id: b, respond: {}, ${other} }\n`,
  says,
});

/** Routes that cannot be because of what they say about the requests they take, or about where they send clients. */
export const BAD_ROUTING: readonly BadCase[] = [
  route('a bad regular expression', 'respond: {}, path: "~^/(a"', '2:33: routes[0].path: not a regular expression'),
  route('lookahead', 'respond: {}, path: "~^/(?=a)"', '2:33: routes[0].path: lookahead and lookbehind have no bound in time'),
  route(
    'a parameter that is not in the path',
    'respond: {}, path: "/{id}", path_params: { di: "^[0-9]+$" }',
    '2:57: routes[0].path_params.di: the path has no such parameter; did you mean "id"?',
  ),
  route(
    'a constraint that is none',
    'respond: {}, path: "/{id}", path_params: { id: "[" }',
    '2:61: routes[0].path_params.id: not a regular expression',
  ),
  route(
    'a constraint beside a regular expression',
    'respond: {}, path: "~^/(?<id>.)$", path_params: { id: "a" }',
    '2:64: routes[0].path_params.id: a regular expression says itself',
  ),
  route(
    'a port in a host',
    'respond: {}, path: /a, host: "a.b:80"',
    '2:43: routes[0].host: hosts are compared without their port',
  ),
  route('a bad host in a list', 'respond: {}, path: /a, host: [a.b, "c d"]', '2:43: routes[0].host: not a host: "c d"'),
  route('a tenant of nobody', 'respond: {}, path: /a, tenant: acme', '2:45: routes[0].tenant: tenancy.from is missing'),
  route(
    'a bad tenant',
    'respond: {}, path: /a, tenant: "a b"',
    '2:45: routes[0].tenant: not a tenant',
    '2:45: routes[0].tenant: tenancy.from',
  ),
  route(
    'a condition that is none',
    'respond: {}, path: /a, when: { all: [{ heade: X }] }',
    '2:51: routes[0].when.all[0]: one of all, any, not, header, query, cookie, accept, version is missing; did you mean "header"?',
  ),
  route(
    'two wrong parts of a condition',
    'respond: {}, path: /a, when: { any: [{ header: X, matches: "(" }, { query: v }] }',
    '2:73: routes[0].when.any[0].matches: not a regular expression',
    '2:80: routes[0].when.any[1]: one of present, equals, matches is missing',
  ),
  route('a word for a priority', 'respond: {}, path: /a, priority: high', '2:47: routes[0].priority: not a whole number: "high"'),
  route('two answers', 'respond: {}, path: /a, redirect: { to: / }', '2:5: routes[0]: a route has exactly one of'),
  route('a redirect to nowhere', 'path: /a, redirect: { to: //x }', '2:40: routes[0].redirect.to: not where a redirect leads'),
  route(
    'a redirect to a parameter that is not there',
    'path: "/{name}", redirect: { to: "/x/{nam}" }',
    '2:47: routes[0].redirect.to: {nam} is neither host, path, query, scheme nor a parameter of the path; did you mean "name"?',
  ),
  route(
    'a status of no redirect',
    'path: /a, redirect: { to: /, status: 200 }',
    '2:51: routes[0].redirect.status: not the status',
  ),
  { what: 'a tenant from nowhere', text: 'tenancy: { from: ip }', says: ['1:18: tenancy.from: no source of a tenant: "ip"'] },
  two(
    'a path twice with one of its hosts',
    'path: /a, host: [x.y, z.y]',
    'path: /a, host: Z.y',
    '4:33: routes[1].path: routes[0] takes',
  ),
  two('a path twice for a tenant', 'path: /a, tenant: t', 'path: "/a", tenant: t', '4:33: routes[1].path: routes[0] takes'),
  two(
    'a path twice under one condition',
    'path: /a, when: { accept: a/b }',
    'path: /a, when: { accept: a/b }, priority: 0',
    '4:33: routes[1].path: routes[0] takes',
  ),
  two(
    'a path twice with one constraint',
    'path: "/v{a}", path_params: { a: "^1$" }',
    'path: "/v{b}", path_params: { b: "^1$" }',
    '4:33: routes[1].path: routes[0] takes',
  ),
];
