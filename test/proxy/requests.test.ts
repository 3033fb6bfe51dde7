import { fields, limits } from './fields.cases.ts';
import { host } from './host.cases.ts';
import { requestLine } from './request-line.cases.ts';
import { runTopic } from './run-case.ts';
import { originForm, otherForms } from './target.cases.ts';

for (const topic of [requestLine, originForm, otherForms, host, fields, limits]) runTopic(topic);
