import { z } from 'zod';
import { checkConsumers, consumerShape } from '../layers/authentication/config.ts';
import { consumerRateLimitsSchema } from '../layers/rate-limit/config.ts';
import type { Frozen } from '../lib/freeze.ts';

const consumer = z.strictObject({
  ...consumerShape,
  rate_limits: consumerRateLimitsSchema.prefault([]).describe('Limits of its own, on all routes together.'),
});

/** Those who are known by their credentials. */
export const consumersSchema = z.array(consumer).superRefine(checkConsumers);

export type Consumer = Frozen<z.output<typeof consumer>>;
