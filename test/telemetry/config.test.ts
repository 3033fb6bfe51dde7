import { describe, expect, test } from 'vitest';
import { DEFAULT_ACCESS_FIELDS, logSchema } from '../../src/telemetry/config.ts';

function problems(written: unknown): string[] {
  const result = logSchema.safeParse(written);
  return result.success
    ? []
    : result.error.issues.map((issue) => {
        const { suggestion } = (issue as { params?: { suggestion?: string } }).params ?? {};
        return `${issue.path.join('.')}: ${issue.message}${suggestion === undefined ? '' : ` → ${suggestion}`}`;
      });
}

test('a log is JSON on standard output, with access lines that hide credentials', () => {
  expect(logSchema.parse({})).toEqual({
    level: 'info',
    format: 'json',
    output: 'stdout',
    access: { format: 'json', fields: [], redact: ['authorization', 'cookie'], sample_requests: 0 },
  });
});

describe('log.output', () => {
  test.each(['stdout', 'stderr', './sluice.log', '/var/log/sluice.log', 'logs/a'])('may be %s', (output) => {
    expect(logSchema.parse({ output }).output).toBe(output);
  });

  test.each([
    ['STDOUT', 'output: not an output: "STDOUT" → stdout'],
    ['stdot', 'output: not an output: "stdot" → stdout'],
    ['sluice.log', 'output: not an output: "sluice.log"'],
    ['/var/log/', 'output: not an output: "/var/log/"'],
    ['', 'output: not an output: ""'],
  ])('may not be %j, which would be a file by mistake', (output, problem) => {
    expect(problems({ output })).toEqual([problem]);
  });
});

describe('log.access', () => {
  test('takes fields by name, and those of heads in any case', () => {
    const fields = ['default', 'query', 'request_header:User-Agent', 'response_header:x-b'];
    expect(logSchema.parse({ access: { fields } }).access.fields).toEqual([
      'default',
      'query',
      { of: 'request', header: 'user-agent' },
      { of: 'response', header: 'x-b' },
    ]);
  });

  test.each([
    [{ fields: ['staus'] }, 'access.fields.0: there is no field "staus" → status'],
    [{ fields: ['request_header:'] }, 'access.fields.0: there is no field "request_header:"'],
    [{ fields: ['response_header:a b'] }, 'access.fields.0: there is no field "response_header:a b"'],
    [{ redact: ['a b'] }, 'access.redact.0: not a field name: "a b"'],
    [{ format: 'combined', fields: ['status'] }, 'access.fields: the fields of combined lines are fixed'],
    [{ sample_requests: 5 }, 'access.sample_requests: 5 is not in this version'],
    [{ sample_requests: -1 }, 'access.sample_requests: -1 is too small'],
  ])('does not take %j', (access, problem) => {
    expect(problems({ access })).toEqual([problem]);
  });

  test('says nothing of credentials, and nothing twice, unless it is asked to', () => {
    for (const name of ['path', 'query', 'referer', 'user_agent']) expect(DEFAULT_ACCESS_FIELDS).not.toContain(name);
  });
});
