import { z } from 'zod';
import { duration, field, integer, quote, Wrong } from '../lib/fields.ts';
import type { Frozen } from '../lib/freeze.ts';

/** An instance that Redis has not heard of for an hour is forgotten: nobody may be waited for anywhere near as long. */
const LONGEST_TTL = 600_000;
/** Losing a beat or two is no death. */
const LEAST_BEATS = 3;

const key = (most: number, what: string) =>
  field(z.string({ error: 'must be a text: put it in quotes' }), (text) =>
    new RegExp(`^[^\\s{}\\p{Cc}]{1,${most}}$`, 'u').test(text)
      ? text
      : new Wrong(`not ${what}: ${quote(text)}`, `1 to ${most} characters, no spaces and no braces`),
  );

export const fleetSchema = z
  .strictObject({
    name: key(64, 'the name of a fleet').prefault('default').describe('Gateways with one name and one Redis are one fleet.'),
    instance_id: key(128, 'the id of an instance')
      .optional()
      .describe('The stable part of the id of a member; a start and a thread are added. Default: the name of the host.'),
    heartbeat: duration(100).prefault('1s').describe('How often a member shows that it lives.'),
    member_ttl: duration().prefault('5s').describe('Who has shown no life for so long is dead. At least three heartbeats.'),
    expected_members: integer(0, 100_000)
      .prefault(0)
      .describe('How many members to assume, at least, when Redis is away. 0: as many as there were.'),
  })
  .superRefine(({ heartbeat, member_ttl }, context) => {
    const refuse = (message: string, expected: string): void =>
      context.addIssue({ code: 'custom', path: ['member_ttl'], message, params: { expected } });
    const least = LEAST_BEATS * heartbeat;
    if (member_ttl < least)
      refuse(
        `${member_ttl}ms is less than three heartbeats of ${heartbeat}ms: a lost one would be a death`,
        `at least ${least}ms`,
      );
    else if (member_ttl > LONGEST_TTL) refuse(`${member_ttl}ms is too long`, 'at most 10m');
  });

/** Which fleet an instance belongs to, and how its members watch each other. Times are milliseconds. */
export type FleetConfig = Frozen<z.output<typeof fleetSchema>>;
