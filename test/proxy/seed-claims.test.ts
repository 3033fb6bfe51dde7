import { runTopic } from './run-case.ts';
import { seedClaims, trustedChain } from './seed-claims.cases.ts';

for (const topic of [seedClaims, trustedChain]) runTopic(topic);
