import { replyBodies, replyTrailers } from './reply-bodies.cases.ts';
import { replyFields, statusLines } from './reply-heads.cases.ts';
import { interimReplies, reuse } from './reuse.cases.ts';
import { runTopic } from './run-case.ts';

for (const topic of [statusLines, replyFields, replyBodies, replyTrailers, reuse, interimReplies]) runTopic(topic);
