import { refusedPaths, routedPaths, safePaths } from './paths.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [safePaths, refusedPaths, routedPaths]) runTopic(topic);
