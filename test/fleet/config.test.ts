import { describe, expect, test } from 'vitest';
import { fleetSchema } from '../../src/fleet/config.ts';

function problems(given: unknown): string[] {
  const { error } = fleetSchema.safeParse(given);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('An empty block is the default fleet', () => {
  expect(fleetSchema.parse({})).toEqual({ name: 'default', heartbeat: 1000, member_ttl: 5000, expected_members: 0 });
});

test('Everything can be set', () => {
  const given = { name: 'edge', instance_id: 'gw-1', heartbeat: '500ms', member_ttl: '1500ms', expected_members: '8' };
  expect(fleetSchema.parse(given)).toEqual({
    ...{ name: 'edge', instance_id: 'gw-1', heartbeat: 500, member_ttl: 1500, expected_members: 8 },
  });
});

describe('It refuses', () => {
  test('a member_ttl of less than three heartbeats', () => {
    expect(problems({ heartbeat: '2s' })).toEqual([
      'member_ttl: 5000ms is less than three heartbeats of 2000ms: a lost one would be a death',
    ]);
    expect(problems({ heartbeat: '1s', member_ttl: '2999ms' })).toHaveLength(1);
  });

  test('a member_ttl that comes near to the hour after which Redis forgets', () => {
    expect(problems({ member_ttl: '11m' })).toEqual(['member_ttl: 660000ms is too long']);
  });

  test.each(['', 'a b', 'a{b}', 'a\nb', 'x'.repeat(65)])('the name %j', (name) => {
    expect(problems({ name })[0]).toMatch(/^name: not the name of a fleet/);
  });

  test.each(['', 'a b', '{}', '\u0007', 'x'.repeat(129)])('the instance_id %j', (instance_id) => {
    expect(problems({ instance_id })[0]).toMatch(/^instance_id: not the id of an instance/);
  });

  test('a number where a text should be, since YAML has its own idea of 0123', () => {
    expect(problems({ instance_id: 123 })).toEqual(['instance_id: must be a text: put it in quotes']);
  });

  test.each([{ heartbeat: '50ms' }, { expected_members: -1 }, { members: 3 }])('%j', (given) => {
    expect(problems(given)).toHaveLength(1);
  });
});
