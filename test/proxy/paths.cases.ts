import { type Case, get, lines, passes, type Topic } from './case.ts';

const becomes = (name: string, target: string, seen: string): Case => passes(name, '3986 §6.2.2', get(target), { target: seen });
const bad = (name: string, target: string): Case => ({
  name,
  rfc: '3986 §5.2.4',
  send: [get(target)],
  expect: { status: 400, closed: false, originSaw: 0 },
});

export const safePaths: Topic = {
  topic: 'paths that are brought into their one spelling',
  bytewise: true,
  cases: [
    becomes('an encoded letter is decoded', '/%61b', '/ab'),
    becomes('hexadecimal digits become capitals', '/%e2%82%ac', '/%E2%82%AC'),
    becomes('dots are resolved', '/a/./b/../c', '/a/c'),
    becomes('encoded dots are resolved', '/a/%2e/b/%2E%2e/c', '/a/c'),
    becomes('slashes in a row are merged', '//a///b', '/a/b'),
    becomes('an encoded slash is kept', '/a%2fb', '/a%2Fb'),
    becomes('an encoded backslash is kept', '/a%5cb', '/a%5Cb'),
    becomes('the query is left alone', '/a/../b?c=/../%61//d', '/b?c=/../%61//d'),
    passes(
      'an absolute target is treated alike',
      '9112 §3.2.2',
      lines('GET http://a.example/a/../%62 HTTP/1.1', 'Host: a.example'),
      {
        target: '/b',
      },
    ),
    bad('a step above the root is refused', '/../etc/passwd'),
    bad('an encoded step above the root is refused', '/a/%2e%2e/%2e%2e/etc/passwd'),
    bad('a step up with parameters is refused', '/a/..;x/b'),
    bad('a step up before an encoded backslash is refused', '/a/..%5cb'),
    bad('a step up between encoded slashes is refused', '/a%2f..%2fb'),
    {
      name: 'the asterisk is no path',
      rfc: '9112 §3.2.4',
      send: [lines('OPTIONS * HTTP/1.1', 'Host: a.example')],
      expect: { status: 200, closed: false, originSaw: 0 },
    },
  ],
};

export const refusedPaths: Topic = {
  topic: 'paths where nothing may be changed',
  gateway: { server: { normalize_path: 'off' } },
  cases: [
    becomes('a path in its one spelling passes', '/a/b%20c?d=%61/../', '/a/b%20c?d=%61/../'),
    bad('an encoded letter is refused', '/%61b'),
    bad('dots are refused', '/a/./b'),
    bad('slashes in a row are refused', '/a//b'),
    bad('small hexadecimal digits are refused', '/%e2%82%ac'),
    bad('a step above the root is refused', '/..'),
  ],
};

export const routedPaths: Topic = {
  topic: 'one spelling for routing and forwarding',
  gateway: { route: { path: '/open/**' } },
  cases: [
    {
      name: 'a path that leads into the route takes it',
      rfc: '3986 §5.2.4',
      send: [get('/closed/../open/x')],
      expect: { status: 200, closed: 'either', originSaw: [{ target: '/open/x' }] },
    },
    {
      name: 'a path that leads out of the route does not take it',
      rfc: '3986 §5.2.4',
      send: [get('/open/../closed')],
      expect: { status: 404, closed: 'either', originSaw: 0 },
    },
    {
      name: 'a path that leads out of the route in disguise does not take it',
      rfc: '3986 §5.2.4',
      send: [get('/open/%2e%2e/closed')],
      expect: { status: 404, closed: 'either', originSaw: 0 },
    },
  ],
};
