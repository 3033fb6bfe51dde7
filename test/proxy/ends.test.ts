import { doubt } from './doubt.cases.ts';
import { earlyClose } from './early-close.cases.ts';
import { runTopic } from './run-case.ts';
import { slowEnds, unreachable } from './slow-ends.cases.ts';
import { upgrade } from './upgrade.cases.ts';

for (const topic of [slowEnds, unreachable, earlyClose, upgrade, doubt]) runTopic(topic);
