import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { commonName, subjectText } from '../../src/server/subject.ts';
import { issue, type Wish } from '../support/certificates.ts';

const of = (subject: Wish['subject']) => new X509Certificate(issue({ ...(subject !== undefined && { subject }) }).cert);

describe('A subject', () => {
  test.each<[Wish['subject'], string, string | undefined]>([
    ['alice', 'CN=alice', 'alice'],
    [
      [
        ['C', 'GB'],
        ['O', 'Example'],
        ['CN', 'alice'],
      ],
      'CN=alice,O=Example,C=GB',
      'alice',
    ],
    [
      [
        ['O', 'Ex, Inc'],
        ['CN', 'a + b="c"; <d>'],
      ],
      'CN=a \\+ b=\\"c\\"\\; \\<d\\>,O=Ex\\, Inc',
      'a + b="c"; <d>',
    ],
    [
      [
        ['CN', 'wide'],
        ['OU', 'a,CN=evil'],
      ],
      'OU=a\\,CN=evil,CN=wide',
      'wide',
    ],
    [
      [
        ['CN', 'first'],
        ['CN', 'second'],
      ],
      'CN=second,CN=first',
      'second',
    ],
    [' Zoë#', 'CN=\\ Zoë#', ' Zoë#'],
    ['#a\\ ', 'CN=\\#a\\\\\\ ', '#a\\ '],
    ['two\nlines', 'CN=two\\0Alines', 'two\nlines'],
    [[['O', 'no name']], 'O=no name', undefined],
    [[], '', undefined],
  ])('%j reads as %j and is called %j', (subject, text, name) => {
    const certificate = of(subject);
    expect([subjectText(certificate), commonName(certificate)]).toEqual([text, name]);
  });

  test('may have parts of several values', () => {
    const certificate = { subject: 'O=Example\nOU=x + CN=a \\+ b + C=GB' };
    expect([subjectText(certificate), commonName(certificate)]).toEqual(['OU=x+CN=a \\+ b+C=GB,O=Example', 'a + b']);
  });
});
