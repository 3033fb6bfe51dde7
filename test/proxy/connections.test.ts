import { connection } from './connection.cases.ts';
import { expectation } from './expect.cases.ts';
import { http10, withoutBody } from './http10.cases.ts';
import { maxForwards } from './max-forwards.cases.ts';
import { pipelining } from './pipelining.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [connection, pipelining, expectation, maxForwards, http10, withoutBody]) runTopic(topic);
