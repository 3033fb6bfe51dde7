import { expect, test } from 'vitest';
import { fleetMetrics } from '../../src/fleet/metrics.ts';
import { Metrics } from '../../src/telemetry/metrics.ts';
import { TwinFleet } from './twin-fleet.ts';

test('A scrape shows how many members there are, whether Redis answers, and what has changed', async () => {
  const fleet = new TwinFleet();
  const metrics = new Metrics();
  const [a, b, c] = [fleet.add('a'), fleet.add('b'), fleet.add('c')];
  fleetMetrics(metrics, a.members);
  const scrape = () =>
    metrics
      .all()
      .flatMap(({ name, read }) => [...read()].map(([labels, value]) => [name, ...Object.values(labels), value].join(' ')));
  expect(scrape()).toEqual([
    'gateway_fleet_members 1',
    'gateway_fleet_contact 0',
    'gateway_fleet_changes_total joined 0',
    'gateway_fleet_changes_total left 0',
    'gateway_fleet_changes_total died 0',
  ]);
  for (const { members } of [a, b, c]) members.start();
  await fleet.pass(3000);
  await b.members.leave();
  c.members.close();
  await fleet.pass(7000);
  expect(scrape()).toEqual([
    'gateway_fleet_members 1',
    'gateway_fleet_contact 1',
    'gateway_fleet_changes_total joined 2',
    'gateway_fleet_changes_total left 1',
    'gateway_fleet_changes_total died 1',
  ]);
});
