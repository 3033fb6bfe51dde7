import { describe, expect, test } from 'vitest';
import { substitute } from '../../src/config/substitute.ts';

const ENVIRONMENT = { HOST: 'example.com', EMPTY: '', REF: `\${HOST}`, _x1: 'y' };

/** `@` stands for the dollar sign, which linters take for a slip here. */
const dollars = (text: string) => text.replaceAll('@', '$');

describe('A text', () => {
  test.each([
    ['without variables stays as it is', 'plain @ @HOST @( } {', 'plain @ @HOST @( } {'],
    ['has variables put in', 'http://@{HOST}/@{_x1}', 'http://example.com/y'],
    ['has defaults put in', '@{NOBODY:-localhost}:80', 'localhost:80'],
    ['has defaults of nothing put in', '[@{NOBODY:-}]', '[]'],
    ['has the default for an empty variable too', '@{EMPTY:-full}', 'full'],
    ['has an empty variable put in as it is', '[@{EMPTY}]', '[]'],
    ['may have a default with colons and dashes', '@{NOBODY:-a:-b:1}', 'a:-b:1'],
    ['may have a default of several lines', '@{NOBODY:-a\nb}', 'a\nb'],
    ['has literals left', '@@{HOST} and @@{', '@{HOST} and @{'],
    ['is not looked through twice', '@{REF}', '@{HOST}'],
  ])('%s', (_, text, expected) => {
    expect(substitute(dollars(text), ENVIRONMENT)).toEqual({ text: dollars(expected) });
  });

  test.each([
    ['a variable that is not set', '@{NOBODY}', /NOBODY is not set/],
    ['a name of Object.prototype', '@{toString}', /toString is not set/],
    ['no name', '@{}', /not a variable/],
    ['a bad name', '@{1A}', /not a variable/],
    ['a shell form that is not ours', '@{HOST-x}', /not a variable/],
    ['no end', 'a @{HOST', /not a variable/],
  ])('with %s is wrong', (_, text, why) => {
    const result = substitute(dollars(text), Object.assign(Object.create(null), ENVIRONMENT));
    expect('wrong' in result && result.wrong).toEqual([expect.stringMatching(why)]);
  });

  test('with two slips tells of both', () => {
    const result = substitute(dollars('@{ONE} @{HOST} @{TWO}'), ENVIRONMENT);
    expect('wrong' in result && result.wrong).toHaveLength(2);
  });
});

test('the process has the variables unless others are given', () => {
  process.env['SLUICE_TEST_VARIABLE'] = 'here';
  expect(substitute(dollars('@{SLUICE_TEST_VARIABLE}'))).toEqual({ text: 'here' });
  delete process.env['SLUICE_TEST_VARIABLE'];
});
