/** A text that is no configuration, and the start of each line of what is said about it. */
export interface BadCase {
  readonly what: string;
  readonly text: string;
  /** Without the file's name; `line:column: path: message`. */
  readonly says: readonly string[];
}

const BACKEND = 'load_balancing: { backends: { users: { upstreams: [{ address: "127.0.0.1:3001" }] } } }\n';
const bad = (what: string, text: string, ...says: string[]): BadCase => ({ what, text, says });
const route = (what: string, fields: string, ...says: string[]): BadCase =>
  bad(what, `${BACKEND}routes:\n  - { ${fields} }\n`, ...says);
const upstream = (what: string, fields: string, ...says: string[]): BadCase =>
  bad(what, `load_balancing: { backends: { users: { upstreams: [{ ${fields} }] } } }`, ...says);

export const BAD_SYNTAX: readonly BadCase[] = [
  bad('nothing', '', '1:1: must be a block of keys, not empty'),
  bad('a list', '[1]', '1:1: must be a block of keys, not a list'),
  bad('a word', 'server', '1:1: must be a block of keys, not "server"'),
  bad('an open bracket', 'server: {', '1:10: Flow map'),
  bad('a tab for an indent', 'server:\n\thttp_addr: x', '2:1: Tabs are not allowed'),
  bad('two documents', 'log: {}\n---\nlog: {}', '2:1: Source contains multiple documents'),
  bad('YAML 1.1', '%YAML 1.1\n---\nlog: {}', '3:1: must be YAML 1.2'),
  bad('a key twice', 'log: {}\nserver: {}\nlog: {}', '3:1: log: stands there twice'),
  bad('an inner key twice, one quoted', 'log: { level: info, "level": warn }', '1:21: log.level: stands there twice'),
  bad('a key that is a list', '? [a]\n: 1', '1:1: has a key that is not a plain text'),
  bad('a key of nothing', '? \n: 1', '1:1: has a key that is not a plain text'),
  bad('the key __proto__', 'server:\n  __proto__: { max_connections: 1 }', '2:3: server.__proto__: cannot be a key'),
  bad('a tag', 'log: !custom {}', '1:14: log: the tag !custom is not taken'),
  bad('bytes', 'admin: { token: !!binary aGVsbG8= }', '1:26: admin.token: the tag tag:yaml.org,2002:binary is not taken'),
  bad('an alias of nothing', 'log: *nobody', '1:6: log: there is no anchor &nobody before this'),
  bad('an alias in itself', 'log: &a { level: *a }', '1:18: log.level: the alias *a contains itself'),
  bad('a longer ring', 'log: &a { x: &b [ *a ], y: *b }', '1:19: log.x[0]: the alias *a contains itself', '1:19: log.y[0]'),
  bad('deep nesting', `log: ${'['.repeat(40)}${']'.repeat(40)}`, '1:38: log[0]'),
];

export const BAD_VALUES: readonly BadCase[] = [
  bad('a key nobody knows', 'sever: {}', '1:1: sever: unknown key; did you mean "server"?'),
  bad('a key of later', 'discovery: { dns: {} }', '1:1: discovery: not in this version'),
  bad('a fleet that meets nowhere', 'fleet: { name: a }', '1:1: fleet: needs redis beside it'),
  bad('a key of later, misspelt', 'rediss: {}', '1:1: rediss: unknown key; did you mean "redis"?'),
  bad('a merge, which YAML 1.2 has not', 'log: { <<: {} }', '1:8: log["<<"]: unknown key'),
  bad('an inner key of later', 'server: { http2: true }', '1:11: server.http2: not in this version'),
  bad('an empty block', 'server:\nlog: {}', '1:8: server: must be a block of keys, not empty'),
  bad('a text for a block', 'server: fast', '1:9: server: must be a block of keys, not "fast"'),
  bad(
    'no word where one is needed',
    'middleware: { authentication: { realm: shop } }',
    '1:31: middleware.authentication.auth_type: is missing; expected one of jwt, api_key, basic, certificate',
  ),
  bad('a bare number', 'server: { timeouts: { drain: 30 } }', '1:30: server.timeouts.drain: 30 is a bare number'),
  bad('no time where some is needed', 'server: { timeouts: { body: 0s } }', '1:29: server.timeouts.body: 0s is too short'),
  bad('a size of words', 'server: { limits: { uri_bytes: big } }', '1:32: server.limits.uri_bytes: not a size: "big"'),
  bad('a count below one', 'server: { max_connections: 0 }', '1:28: server.max_connections: 0 is too small; expected at least 1'),
  bad('a number for an address', 'server: { http_addr: 8080 }', '1:22: server.http_addr: must be host:port'),
  bad('no addresses', 'server: { http_addr: [] }', '1:22: server.http_addr: needs at least 1 entry'),
  bad('one bad address of two', 'server: { http_addr: ["a:1", "b"] }', '1:30: server.http_addr[1]: the port is missing'),
  bad(
    'an address twice',
    'server: { http_addr: ["127.0.0.1:80", "0.0.0.0:80"] }',
    '1:39: server.http_addr[1]: 0.0.0.0:80 is server.http_addr[0] already',
  ),
  bad(
    'clients on the admin address',
    'server: { http_addr: "0.0.0.0:9090" }',
    '1:22: server.http_addr: 0.0.0.0:9090 is the admin address',
  ),
  bad(
    'TLS on the address without',
    'server: { http_addr: "0.0.0.0:80", https_addr: "127.0.0.1:80" }',
    '1:48: server.https_addr: 127.0.0.1:80 is server.http_addr already',
    '1:48: server.https_addr: needs a certificate',
  ),
  bad(
    'TLS on the address that is there by default',
    'server: { https_addr: ["127.0.0.1:8443", "127.0.0.1:8080"] }',
    '1:23: server.https_addr: needs a certificate',
    '1:42: server.https_addr[1]: 127.0.0.1:8080 is server.http_addr already',
  ),
  bad(
    'TLS on the admin address',
    'server: { https_addr: "127.0.0.1:9090" }',
    '1:23: server.https_addr: 127.0.0.1:9090 is the admin address',
    '1:23: server.https_addr: needs a certificate',
  ),
  bad(
    'a bad network',
    'server: { trusted_proxies: ["10.0.0.0/99"] }',
    '1:29: server.trusted_proxies[0]: not an IP address or range',
  ),
  bad(
    'two admin addresses',
    'admin: { addr: "a:1" }\nmetrics: { metrics_addr: "a:2" }',
    '2:26: metrics.metrics_addr: is another name',
  ),
  bad('metrics in the place of health', 'metrics: { metrics_path: /health }', '1:26: metrics.metrics_path: /health answers'),
  bad('a token with a space', 'admin: { token: "a b" }', '1:17: admin.token: must be visible ASCII'),
  bad('an unknown level', 'log: { level: inof }', '1:15: log.level: "inof" is not one of'),
  bad('a word for a flag', 'metrics: { prometheus: yes }', '1:24: metrics.prometheus: must be true or false, not "yes"'),
  bad(
    'a variable that is not set',
    `admin: { token: "${'$'}{NOT_SET}" }`,
    '1:17: admin.token: the environment variable NOT_SET is not set',
  ),
  bad('too many retries by default', 'defaults: { retries: 11 }', '1:22: defaults.retries: 11 is too large; expected at most 10'),
];

export const BAD_BACKENDS: readonly BadCase[] = [
  bad(
    'an unknown algorithm',
    'load_balancing: { algorithm: round_robbin }',
    '1:30: load_balancing.algorithm: there is no balancer "round_robbin"',
  ),
  bad('no upstreams', 'load_balancing: { backends: { users: {} } }', '1:38: load_balancing.backends.users.upstreams: is missing'),
  bad(
    'a bad name',
    'load_balancing: { backends: { "a b": { upstreams: [{ address: "a:1" }] } } }',
    '1:31: load_balancing.backends["a b"]: not a name',
  ),
  bad(
    'an unknown transport',
    'load_balancing: { backends: { u: { upstreams: [{ address: "a:1" }], transport: wired } } }',
    '1:80: load_balancing.backends.u.transport: "wired" is not one of',
  ),
  upstream(
    'no address',
    'max_connections: 3',
    '1:52: load_balancing.backends.users.upstreams[0].address: is missing; expected host:port',
  ),
  upstream(
    'the admin address',
    'address: "127.0.0.1:9090"',
    '1:63: load_balancing.backends.users.upstreams[0].address: 127.0.0.1:9090 is the admin address',
  ),
  upstream(
    'the admin address by name',
    'address: "http://LOCALHOST:9090"',
    '1:63: load_balancing.backends.users.upstreams[0].address: localhost:9090 is the admin',
  ),
  upstream(
    'a path in the URL',
    'address: "http://a/b"',
    '1:63: load_balancing.backends.users.upstreams[0].address: the URL of an upstream',
  ),
  upstream(
    'TLS on an http URL',
    'address: "http://a", tls: true',
    '1:80: load_balancing.backends.users.upstreams[0].tls: the address is an http URL',
  ),
  upstream('no weight', 'address: "a:1", weight: 0', '1:78: load_balancing.backends.users.upstreams[0].weight: 0 is too small'),
  upstream(
    'half a second of keep-alive',
    'address: "a:1", tcp_keepalive: { idle: 1500ms }',
    '1:93: load_balancing.backends.users.upstreams[0].tcp_keepalive.idle: 1500ms is not a whole',
  ),
  upstream(
    'an address for a name',
    'address: "a:1", sni_hostname: "10.0.0.1"',
    '1:84: load_balancing.backends.users.upstreams[0].sni_hostname: must be a host name',
  ),
  upstream(
    'the same twice',
    'address: "a:1" }, { address: "http://A:1"',
    '1:83: load_balancing.backends.users.upstreams[1].address: a:1 is in the list already',
  ),
];

export const BAD_ROUTES: readonly BadCase[] = [
  route(
    'nothing in it',
    '',
    '3:5: routes[0].id: is missing',
    '3:5: routes[0].path: is missing',
    '3:5: routes[0]: a route has exactly one of',
  ),
  route('a number for an id', 'id: 5, path: /a, backend: users', '3:11: routes[0].id: must be a text, not 5'),
  route('no slash', 'id: a, path: a, backend: users', '3:20: routes[0].path: a path starts with /'),
  route(
    'an unknown backend',
    'id: a, path: /a, backend: user',
    '3:33: routes[0].backend: there is no backend "user" under load_balancing.backends; did you mean "users"?',
  ),
  route(
    'two answers',
    'id: a, path: /a, backend: users, respond: {}',
    '3:5: routes[0]: a route has exactly one of backend, respond and redirect',
  ),
  route(
    'a small method',
    'id: a, path: /a, backend: users, methods: [get]',
    '3:50: routes[0].methods[0]: methods are case-sensitive: "get"; did you mean "GET"?',
  ),
  route('CONNECT', 'id: a, path: /a, backend: users, methods: [CONNECT]', '3:50: routes[0].methods[0]: CONNECT asks for'),
  route(
    'a method twice',
    'id: a, path: /a, backend: users, methods: [GET, GET]',
    '3:49: routes[0].methods: a method stands there twice',
  ),
  route('no method', 'id: a, path: /a, backend: users, methods: []', '3:49: routes[0].methods: an empty list'),
  route(
    'a body with 204',
    'id: a, path: /a, respond: { status: 204, body: x }',
    '3:54: routes[0].respond.body: this status has no body',
  ),
  route('an interim status', 'id: a, path: /a, respond: { status: 101 }', '3:43: routes[0].respond.status: 101 is too small'),
  route(
    'a field of framing',
    'id: a, path: /a, respond: { headers: { Content-Length: "1" } }',
    '3:46: routes[0].respond.headers.Content-Length: the gateway writes',
  ),
  route(
    'a line end in a field',
    'id: a, path: /a, respond: { headers: { X: "a\\nb" } }',
    '3:49: routes[0].respond.headers.X: not a field value',
  ),
  route('a layer of later', 'id: a, path: /a, backend: users, cache: {}', '3:40: routes[0].cache: not in this version'),
  route('too many retries', 'id: a, path: /a, backend: users, retries: 30', '3:49: routes[0].retries: 30 is too large'),
  route(
    'an id twice',
    'id: a, path: /a, backend: users }\n  - { id: a, path: /b, backend: users',
    '4:11: routes[1].id: "a" is the id of routes[0] already',
  ),
  route(
    'a path twice',
    'id: a, path: /a, backend: users }\n  - { id: b, path: /a, backend: users',
    '4:20: routes[1].path: routes[0] takes the same path for any method already',
  ),
  route(
    'a path twice in other words',
    'id: a, path: "/a/:x", backend: users, methods: [GET, PUT] }\n  - { id: b, path: "/a/{y}", backend: users, methods: [POST, PUT]',
    '4:20: routes[1].path: routes[0] takes the same path for PUT already',
  ),
];
