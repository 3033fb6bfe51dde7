import { balanced, balancedAndTrusted, spoofed } from './proxy-protocol.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [balanced, balancedAndTrusted, spoofed]) runTopic(topic);
