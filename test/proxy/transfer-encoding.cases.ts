import { type Case, lines, passes, post, refused, type Topic } from './case.ts';

const HELLO = '5\r\nhello\r\n0\r\n\r\n';
const bad = (name: string, value: string, rfc = '9112 §6.1', status: number | readonly number[] = 400): Case =>
  refused(name, rfc, post([`Transfer-Encoding:${value}`], HELLO), status);

export const transferEncoding: Topic = {
  topic: 'Transfer-Encoding',
  bytewise: true,
  cases: [
    passes('a chunked body is forwarded', '9112 §7.1', post(['Transfer-Encoding: chunked'], HELLO), {
      body: 'hello',
    }),
    passes('the coding is read without regard to case', '9112 §7', post(['Transfer-Encoding: Chunked'], HELLO), {
      body: 'hello',
    }),
    passes('the name is read without regard to case', '9110 §5.1', post(['tRANSFER-eNCODING: chunked'], HELLO), {
      body: 'hello',
    }),
    passes('spaces around the coding are not part of it', '9110 §5.5', post(['Transfer-Encoding: \t chunked \t'], HELLO), {
      body: 'hello',
    }),
    passes(
      'a GET may have a chunked body',
      '9110 §9.3.1',
      lines('GET / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked') + HELLO,
      {
        body: 'hello',
      },
    ),
    passes(
      'a later minor version may use it',
      '9110 §2.5',
      lines('POST / HTTP/1.2', 'Host: a', 'Transfer-Encoding: chunked') + HELLO,
      {
        body: 'hello',
      },
    ),
    passes(
      'a field whose name only resembles it is not it',
      '9110 §5.1',
      lines('GET / HTTP/1.1', 'Host: a', 'Transfer_Encoding: chunked'),
      { body: '' },
    ),
    bad('gzip alone is not implemented', ' gzip', '9112 §6.1', 501),
    bad('gzip under chunked is not implemented', ' gzip, chunked', '9112 §6.1', 501),
    bad('deflate under chunked is not implemented', ' deflate, chunked', '9112 §6.1', 501),
    bad('an unheard-of coding is not implemented', ' cow', '9112 §6.1', 501),
    bad('identity is no coding any more', ' identity', '9112 §6.1', [400, 501]),
    bad('chunked under another coding is refused', ' chunked, gzip', '9112 §6.3', [400, 501]),
    bad('chunked under identity is refused', ' chunked, identity', '9112 §6.3', [400, 501]),
    bad('identity under chunked is refused', ' identity, chunked', '9112 §6.3', [400, 501]),
    bad('chunked twice in a list is refused', ' chunked, chunked', '9112 §6.1'),
    bad('chunked three times is refused', ' chunked,chunked,chunked', '9112 §6.1'),
    bad('an empty value is refused', ''),
    bad('a value of spaces is refused', '  '),
    bad('a list that begins with a comma is refused', ' ,chunked'),
    bad('a list that ends in a comma is refused', ' chunked,'),
    bad('a comma alone is refused', ' ,'),
    bad('a coding in quotes is refused', ' "chunked"', '9112 §6.1', [400, 501]),
    bad('a parameter of chunked is refused', ' chunked;a=b', '9112 §7.1', [400, 501]),
    bad('a weight is refused', ' chunked;q=0.5', '9112 §7.1', [400, 501]),
    bad('a name that ends in chunked is another coding', ' xchunked', '9112 §6.1', [400, 501]),
    bad('a name that begins with chunked is another coding', ' chunkedx', '9112 §6.1', [400, 501]),
    bad('a shorter name is another coding', ' chunke', '9112 §6.1', [400, 501]),
    bad('a space within the name is refused', ' chunk ed'),
    bad('two names with a space are refused', ' x chunked'),
    bad('two names with a tab are refused', ' x\tchunked'),
    bad('a vertical tab before the name is refused', ' \x0bchunked', '9110 §5.5'),
    bad('a form feed after the name is refused', ' chunked\x0c', '9110 §5.5'),
    bad('a NUL after the name is refused', ' chunked\0', '9110 §5.5'),
    bad('a byte beyond ASCII after the name is refused', ' chunked\xa0', '9112 §6.1', [400, 501]),
    bad('a bare CR before the name is refused', ' \rchunked', '9112 §2.2'),
    bad('a bare LF before the name is refused', ' \nchunked', '9112 §2.2'),
    bad('the name on a folded line is refused', '\r\n chunked', '9112 §5.2'),
    refused('a space before the colon is refused', '9112 §5.1', post(['Transfer-Encoding : chunked'], HELLO)),
    refused(
      'two lines of chunked are refused',
      '9112 §6.1',
      post(['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'], HELLO),
    ),
    refused(
      'chunked and then identity on two lines is refused',
      '9112 §6.1',
      post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], HELLO),
      [400, 501],
    ),
    refused(
      'identity and then chunked on two lines is refused',
      '9112 §6.1',
      post(['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], HELLO),
      [400, 501],
    ),
    refused(
      'gzip and then chunked on two lines is refused',
      '9112 §6.1',
      post(['Transfer-Encoding: gzip', 'Transfer-Encoding: chunked'], HELLO),
      [400, 501],
    ),
    refused(
      'an empty line beside chunked is refused',
      '9112 §6.1',
      post(['Transfer-Encoding:', 'Transfer-Encoding: chunked'], HELLO),
    ),
    refused('it is refused in HTTP/1.0', '9112 §6.1', lines('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked') + HELLO),
    refused(
      'it is refused in HTTP/1.0 with keep-alive',
      '9112 §6.1',
      lines('POST / HTTP/1.0', 'Host: a', 'Connection: keep-alive', 'Transfer-Encoding: chunked') + HELLO,
    ),
    refused('Content-Length before it is refused', '9112 §6.3', post(['Content-Length: 5', 'Transfer-Encoding: chunked'], HELLO)),
    refused('Content-Length after it is refused', '9112 §6.3', post(['Transfer-Encoding: chunked', 'Content-Length: 15'], HELLO)),
    refused(
      'a Content-Length of zero beside it is refused',
      '9112 §6.3',
      post(['Transfer-Encoding: chunked', 'Content-Length: 0'], HELLO),
    ),
    refused(
      'an empty Content-Length beside it is refused',
      '9112 §6.3',
      post(['Transfer-Encoding: chunked', 'Content-Length:'], HELLO),
    ),
    refused(
      'Content-Length beside gzip is refused',
      '9112 §6.3',
      post(['Transfer-Encoding: gzip', 'Content-Length: 5'], 'hello'),
      [400, 501],
    ),
  ],
};
