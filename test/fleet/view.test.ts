import { expect, test } from 'vitest';
import { fleetView } from '../../src/fleet/view.ts';
import { TwinFleet } from './twin-fleet.ts';

test('The view of a member names all who are alive', async () => {
  const fleet = new TwinFleet();
  const [a, b] = [fleet.add('a'), fleet.add('a', 1)];
  for (const { members } of [a, b]) members.start();
  await fleet.pass(4000);
  expect(fleetView('edge', a.members, fleet.clock)).toEqual({
    name: 'edge',
    id: 'a/0123456789abcdef/0',
    contact: true,
    contact_for_s: 4,
    members: ['a/0123456789abcdef/0', 'a/0123456789abcdef/1'],
    machines: 1,
    most_lately: 2,
  });
});
