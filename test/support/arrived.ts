import { Headers } from '../../src/http/headers.ts';
import { FieldsParser } from '../../src/wire/fields.ts';

/** Fields as a parser reads them from these lines, each without its CRLF. */
export function arrived(...lines: string[]): Headers {
  const before = 'GET / HTTP/1.1\r\n';
  const text = `${before}${lines.map((line) => `${line}\r\n`).join('')}\r\n`;
  const parser = new FieldsParser({ headerBytes: 64 * 1024, headerCount: 1000 });
  const buf = Buffer.from(text, 'latin1');
  if (parser.parse(buf, before.length, buf.length, 0) < 0) throw new Error(parser.problem);
  return new Headers(text.slice(0, parser.blockEnd), parser.offsets, parser.blockEnd);
}
