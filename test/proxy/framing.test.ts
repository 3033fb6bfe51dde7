import { chunkedBodies, requestTrailers } from './chunked.cases.ts';
import { contentLength } from './content-length.cases.ts';
import { runTopic } from './run-case.ts';
import { smuggling } from './smuggling.cases.ts';
import { transferEncoding } from './transfer-encoding.cases.ts';

for (const topic of [contentLength, transferEncoding, chunkedBodies, requestTrailers, smuggling]) runTopic(topic);
