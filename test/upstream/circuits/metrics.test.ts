import { describe, expect, test } from 'vitest';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import { CircuitMetrics } from '../../../src/upstream/circuits/metrics.ts';

const LABELS = { backend: 'users', upstream: 'a:1' };

function setUp() {
  const metrics = new Metrics();
  const circuits = new CircuitMetrics(metrics);
  const read = (name: string) =>
    [
      ...(metrics
        .all()
        .find((metric) => metric.name === name)
        ?.read() ?? []),
    ].map(
      ([labels, value]) =>
        `${Object.entries(labels)
          .map((pair) => pair.join('='))
          .join(',')} ${value}`,
    );
  return { circuits, read };
}

describe('Circuits', () => {
  test('show their turns from the beginning, and count them by the state that came', () => {
    const { circuits, read } = setUp();
    circuits.watched(LABELS);
    circuits.turned(LABELS, 'open');
    circuits.turned(LABELS, 'open');
    circuits.turned(LABELS, 'half_open');
    expect(read('gateway_circuit_transitions_total')).toEqual([
      'backend=users,upstream=a:1,to=closed 0',
      'backend=users,upstream=a:1,to=open 2',
      'backend=users,upstream=a:1,to=half_open 1',
    ]);
    circuits.watched(LABELS);
    expect(read('gateway_circuit_transitions_total')).toHaveLength(3);
    circuits.forget(LABELS);
    expect(read('gateway_circuit_transitions_total')).toEqual([]);
  });

  test('count what they refuse, by backend', () => {
    const { circuits, read } = setUp();
    circuits.refused('users').add(2);
    circuits.refused('orders');
    circuits.refused('users').add();
    expect(read('gateway_circuit_refused_total')).toEqual(['backend=users 3', 'backend=orders 0']);
    circuits.forgetBackend('users');
    expect(read('gateway_circuit_refused_total')).toEqual(['backend=orders 0']);
  });

  test('show the state they are in, as they are when somebody scrapes', () => {
    const { circuits, read } = setUp();
    let state: 'closed' | 'open' = 'closed';
    circuits.states(() => [{ ...LABELS, state }]);
    const shown = (closed: number, open: number) => [
      `backend=users,upstream=a:1,state=closed ${closed}`,
      `backend=users,upstream=a:1,state=open ${open}`,
      'backend=users,upstream=a:1,state=half_open 0',
    ];
    expect(read('gateway_circuit_state')).toEqual(shown(1, 0));
    state = 'open';
    expect(read('gateway_circuit_state')).toEqual(shown(0, 1));
  });
});
