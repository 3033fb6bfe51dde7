import { describe, expect, test } from 'vitest';
import { explainRoute, inOrder } from '../../src/snapshot/explain-route.ts';
import { Router } from '../../src/snapshot/router.ts';
import type { Routable } from '../../src/snapshot/rule.ts';
import { type Asking, exchangeOf } from '../support/exchanges.ts';

interface Named extends Routable {
  readonly id: string;
}

const present = { kind: 'present', present: true } as const;
const beta = { kind: 'header', name: 'x-beta', test: present } as const;
const routes: Named[] = [
  { id: 'all', path: '/**' },
  { id: 'late', path: '/a/b', priority: -1 },
  { id: 'plain', path: '/a/b' },
  { id: 'post', path: '/a/b', methods: ['POST', 'PUT'] },
  { id: 'beta', path: '/a/b', when: beta },
  { id: 'acme', path: '/a/b', tenant: 'acme' },
  { id: 'host', path: '/a/b', host: ['h.x', '*.y'] },
  { id: 'other', path: '/c' },
];

function explain(asking: Asking, some = routes): Record<string, string> {
  const verdicts = explainRoute(new Router(some, { kind: 'header', name: 'x-tenant' }), exchangeOf(asking));
  return Object.fromEntries(
    verdicts.map(({ rule, wins, reason }) => [`${rule.route.id} ${rule.host ?? ''}`.trim(), wins ? 'wins' : reason]),
  );
}

describe('A request is explained', () => {
  test('by why each route does or does not answer, in the order in which they are asked', () => {
    const found = explain({ target: '/a/b?c' });
    expect(Object.entries(found)).toEqual([
      ['acme', 'it is for the tenant acme, the request has none'],
      ['host h.x', 'it is for the host h.x'],
      ['host *.y', 'it is for the host *.y'],
      ['beta', 'the condition fails: header x-beta is present'],
      ['post', 'it takes POST, PUT only'],
      ['plain', 'wins'],
      ['late', "comes later: the winner's priority is higher"],
      ['other', 'it has another path'],
      ['all', "comes later: the winner's path is more specific"],
    ]);
  });

  test('by the first thing in which others are less specific', () => {
    const tenant = exchangeOf().headers;
    tenant.append('X-Tenant', 'acme');
    tenant.append('X-Beta', '');
    expect(explain({ target: '/a/b', headers: tenant, authority: 'H.x:80' })).toMatchObject({
      acme: 'wins',
      'host h.x': 'comes later: the winner is for this tenant',
    });
    expect(explain({ target: '/a/b', authority: 'z.y' })).toMatchObject({
      'host *.y': 'wins',
      plain: "comes later: the winner's host is more specific",
    });
    tenant.set('X-Tenant', 'x"y');
    expect(explain({ target: '/a/b', headers: tenant })).toMatchObject({
      acme: 'it is for the tenant acme, the request has "x\\"y"',
      beta: 'wins',
      plain: 'comes later: the winner has more conditions',
    });
    expect(explain({ target: '/a/b', method: 'PUT' })).toMatchObject({
      post: 'wins',
      plain: 'comes later: the winner names its methods',
    });
  });

  test('where only the file or the word HEAD decides', () => {
    const same: Named[] = [
      { id: 'get', path: '/a', methods: ['GET'], priority: 1 },
      { id: 'head', path: '/a', methods: ['HEAD'] },
      { id: 'too', path: '/a', methods: ['HEAD', 'POST'] },
    ];
    expect(explain({ target: '/a', method: 'HEAD' }, same)).toEqual({
      get: 'comes later: the winner names HEAD',
      head: 'wins',
      too: 'comes later: the winner comes first in the file',
    });
  });

  test('when nobody answers', () => {
    expect(explain({ target: '/x' }, [{ id: 'a', path: '/a' }])).toEqual({ a: 'it has another path' });
  });
});

test('routes that never compete stand by tenant and host', () => {
  const router = new Router<Named>(
    [
      { id: '1', path: '/a', host: ['b.x'] },
      { id: '2', path: '/**', host: ['a.x'] },
      { id: '3', path: '/a', tenant: 'u' },
      { id: '4', path: '/a', tenant: 't' },
      { id: '5', path: '/a/b', host: ['a.x'] },
    ],
    { kind: 'host' },
  );
  expect(inOrder(router.rules).map(({ route }) => route.id)).toEqual(['4', '3', '5', '2', '1']);
});
