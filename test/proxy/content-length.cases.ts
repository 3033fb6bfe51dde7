import { type Case, lines, passes, post, refused, type Topic } from './case.ts';

const bad = (name: string, value: string, rfc = '9112 §6.3', status: number | readonly number[] = 400): Case =>
  refused(name, rfc, post([`Content-Length:${value}`], 'hello'), status);

const EVERY_BYTE = Uint8Array.from({ length: 256 }, (_, at) => at);

export const contentLength: Topic = {
  topic: 'Content-Length',
  bytewise: true,
  cases: [
    passes('a body of its length is forwarded', '9112 §6.2', post(['Content-Length: 5'], 'hello'), {
      method: 'POST',
      body: 'hello',
      fields: { 'content-length': '5', 'transfer-encoding': null },
    }),
    passes('a length of zero is a body of nothing', '9112 §6.2', post(['Content-Length: 0']), { body: '' }),
    passes('a POST without a length has no body', '9112 §6.3', post([]), { body: '', fields: { 'transfer-encoding': null } }),
    passes('a GET may have a body', '9110 §9.3.1', lines('GET / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc', {
      body: 'abc',
    }),
    passes('a DELETE may have a body', '9110 §9.3.5', lines('DELETE / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc', {
      body: 'abc',
    }),
    passes('an unknown method may have a body', '9110 §9.1', lines('FROB / HTTP/1.1', 'Host: a', 'Content-Length: 3') + 'abc', {
      method: 'FROB',
      body: 'abc',
    }),
    passes('a GET with a length of zero is forwarded', '9110 §8.6', lines('GET / HTTP/1.1', 'Host: a', 'Content-Length: 0'), {
      body: '',
    }),
    passes('spaces around a length are not part of it', '9110 §5.5', post(['Content-Length: \t 5 \t'], 'hello'), {
      body: 'hello',
    }),
    passes('zeros before a length change nothing', '9110 §8.6', post(['Content-Length: 0005'], 'hello'), { body: 'hello' }),
    passes('the name is read without regard to case', '9110 §5.1', post(['cOnTeNt-LeNgTh: 5'], 'hello'), { body: 'hello' }),
    passes('a body holds any bytes', '9110 §6.4', [post(['Content-Length: 256']), EVERY_BYTE], { body: EVERY_BYTE }),
    passes('a body may look like a chunked one', '9112 §6.2', post(['Content-Length: 10'], '0\r\n\r\nhello'), {
      body: '0\r\n\r\nhello',
    }),
    passes(
      'a body may come after its head',
      '9112 §6.2',
      [post(['Content-Length: 5']), { pause: 30 }, 'he', { pause: 30 }, 'llo'],
      { body: 'hello' },
    ),
    passes(
      'a body of two hundred thousand bytes is forwarded',
      '9112 §6.2',
      post(['Content-Length: 200000'], 'x'.repeat(200_000)),
      {
        body: 'x'.repeat(200_000),
      },
    ),
    passes(
      'a field whose name only resembles it is not it',
      '9110 §5.1',
      lines('GET / HTTP/1.1', 'Host: a', 'Content_Length: 5'),
      { body: '' },
    ),
    bad('a list of equal lengths is refused', ' 5, 5'),
    bad('a list without spaces is refused', ' 5,5'),
    bad('a list of different lengths is refused', ' 5, 6'),
    bad('a list with an empty element is refused', ' 5,'),
    bad('a list that begins with a comma is refused', ' ,5'),
    refused('two equal lines are refused', '9112 §6.3', post(['Content-Length: 5', 'Content-Length: 5'], 'hello')),
    refused('two different lines are refused', '9112 §6.3', post(['Content-Length: 5', 'Content-Length: 6'], 'hello')),
    refused('two lines of which one is zero are refused', '9112 §6.3', post(['Content-Length: 0', 'content-length: 5'], 'hello')),
    refused('two lines of which one is empty are refused', '9112 §6.3', post(['Content-Length: 5', 'Content-Length:'], 'hello')),
    refused(
      'two lines far apart are refused',
      '9112 §6.3',
      post(['Content-Length: 5', 'X-A: 1', 'X-B: 2', 'CONTENT-LENGTH: 5'], 'hello'),
    ),
    bad('an empty length is refused', ''),
    bad('a length of spaces is refused', '   '),
    bad('a plus sign is refused', ' +5'),
    bad('a minus sign is refused', ' -5'),
    bad('minus zero is refused', ' -0'),
    bad('a hexadecimal length is refused', ' 0x5'),
    bad('a length that begins like one is refused', ' 5a'),
    bad('a length of letters is refused', ' five'),
    bad('two numbers are refused', ' 5 5'),
    bad('a fraction is refused', ' 5.0'),
    bad('an exponent is refused', ' 5e0'),
    bad('a length in quotes is refused', ' "5"'),
    bad('a parameter is refused', ' 5;a=b'),
    bad('an underscore between digits is refused', ' 0_5'),
    bad('digits of another script are refused', ' \xd9\xa5'),
    bad('a no-break space is refused', ' \xa05'),
    bad('a vertical tab is refused', ' \x0b5'),
    bad('a length beyond 64 bits is refused', ' 99999999999999999999', '9110 §8.6', [400, 413]),
    bad('a length that wraps around to five is refused', ' 18446744073709551621', '9110 §8.6', [400, 413]),
    bad('a length that wraps around 32 bits is not five', ' 4294967301x', '9110 §8.6'),
    bad('a length just beyond exact counting is refused', ' 9007199254740993', '9110 §8.6', [400, 413]),
    refused('a length of a thousand digits is refused', '9110 §8.6', post([`Content-Length: ${'9'.repeat(1000)}`]), [400, 413]),
    refused('a space before its colon is refused', '9112 §5.1', post(['Content-Length : 5'], 'hello')),
    refused('a length on a folded line is refused', '9112 §5.2', post(['Content-Length:\r\n 5'], 'hello')),
  ],
};
