import { bodyLimits, routeBodyLimit } from './body-limits.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [bodyLimits, routeBodyLimit]) runTopic(topic);
