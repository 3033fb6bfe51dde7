import type { Metrics } from '../telemetry/metrics.ts';
import type { Members } from './members.ts';

/** Shows a fleet as one of its members sees it, from now on. */
export function fleetMetrics(metrics: Metrics, members: Pick<Members, 'count' | 'contact' | 'onChange'>): void {
  metrics.gauge('gateway_fleet_members', 'Members of the fleet that are alive, this instance among them.', () => [
    [{}, members.count],
  ]);
  metrics.gauge('gateway_fleet_contact', 'Whether the last heartbeat was answered (1) or not (0).', () => [
    [{}, members.contact.answered ? 1 : 0],
  ]);
  const changes = metrics.counter('gateway_fleet_changes_total', 'Other members that came, said that they go, or died.');
  const joined = changes.cell({ kind: 'joined' });
  const left = changes.cell({ kind: 'left' });
  const died = changes.cell({ kind: 'died' });
  members.onChange((change) => {
    joined.add(change.joined.length);
    left.add(change.left.length);
    died.add(change.died.length);
  });
}
