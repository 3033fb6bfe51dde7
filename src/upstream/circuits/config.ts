import { z } from 'zod';
import { duration, flag, integer, ratio } from '../../lib/fields.ts';
import type { Frozen } from '../../lib/freeze.ts';
import { cause } from '../cause.ts';

/** What opens a circuit in whose block none of the three is named: what is right for busy and for quiet upstreams alike. */
const UNNAMED = Object.freeze({ failure_threshold: 0, consecutive_failures: 5, error_ratio: 0.5 });
const OFF = Object.freeze({ failure_threshold: 0, consecutive_failures: 0, error_ratio: 0 });

export const circuitSchema = z
  .strictObject({
    enabled: flag().prefault(true).describe('Whether an upstream that fails is left alone for a while.'),
    failure_threshold: integer(0, 1_000_000)
      .optional()
      .describe('Failures within the window that open a circuit. 0: off. Default: off.'),
    consecutive_failures: integer(0, 1_000_000)
      .optional()
      .describe('Failures in a row that open a circuit. 0: off. Default: 5 where no other of the three is named, else off.'),
    error_ratio: ratio()
      .optional()
      .describe(
        'Share of failed requests within the window that opens a circuit, see min_requests. 0: off. Default: 0.5 likewise.',
      ),
    min_requests: integer(1, 1_000_000).prefault(20).describe('Requests within the window below which error_ratio says nothing.'),
    window: duration(100).prefault('60s').describe('How far back requests are counted, to a tenth of it.'),
    open_for: duration().prefault('30s').describe('How long an upstream is left alone before it is tried again.'),
    half_open_requests: integer(1, 1000).prefault(3).describe('Requests at a time that try it then.'),
    success_threshold: integer(1, 1000).prefault(2).describe('How many of them must go well for it to be used as before.'),
    failure_on: z
      .array(cause('a failure'))
      .min(1)
      .prefault(['connect', 'reset', 'timeout', '5xx'])
      .describe('What is a failure.'),
    quorum: ratio().prefault(0.5).describe('Share of the machines of a fleet that must agree. Of no effect without Redis.'),
  })
  .transform((written, context) => {
    const { failure_threshold, consecutive_failures, error_ratio } = written;
    const named = failure_threshold ?? consecutive_failures ?? error_ratio;
    const triggers = named === undefined ? UNNAMED : OFF;
    const circuit = {
      ...written,
      failure_threshold: failure_threshold ?? triggers.failure_threshold,
      consecutive_failures: consecutive_failures ?? triggers.consecutive_failures,
      error_ratio: error_ratio ?? triggers.error_ratio,
    };
    if (written.enabled && circuit.failure_threshold + circuit.consecutive_failures + circuit.error_ratio === 0) {
      const params = { expected: 'failure_threshold, consecutive_failures or error_ratio above 0, or enabled: false' };
      context.addIssue({ code: 'custom', message: 'nothing would ever open this circuit', params });
    }
    return circuit;
  });

/** When the circuit of an upstream opens and closes. Times are milliseconds; triggers that are off are 0. */
export type CircuitConfig = Frozen<z.output<typeof circuitSchema>>;
