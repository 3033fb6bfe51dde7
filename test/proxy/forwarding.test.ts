import { ownHost, problems, trusted, untrusted } from './forwarding.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [untrusted, trusted, ownHost, problems]) runTopic(topic);
