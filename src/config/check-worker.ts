import { type MessagePort, parentPort } from 'node:worker_threads';
import { type CheckedFile, checkFile, type FileInput } from './check-file.ts';
import type { Problem } from './config-error.ts';
import type { Known } from './inputs.ts';
import { cut, type Piece } from './pieces.ts';

/** Of a file that is refused. `sluice check` tells all of them. */
const MOST_PROBLEMS = 1000;

/** What this thread is asked: to check a file, or for the next piece of what the check has made. */
export type Question = { readonly input: FileInput; readonly known: Known | undefined } | 'next';

/** What it says to the first; what it says to the second is a piece, or undefined when there are no more. */
export type Verdict =
  | { readonly kind: 'checked' | 'unchanged'; readonly known: Known }
  | { readonly kind: 'refused'; readonly known: Known; readonly problems: readonly Problem[]; readonly file: string | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

/** Answers one question at a time: the configuration is held until its last piece has been asked for. */
function answer(port: MessagePort): void {
  let pieces: Iterator<Piece, void> | undefined;
  port.on('message', (question: Question) => {
    if (question === 'next') {
      port.postMessage(pieces?.next().value);
      return;
    }
    pieces = undefined;
    const { verdict, config } = judge(question.input, question.known);
    pieces = config === undefined ? undefined : cut(config);
    port.postMessage(verdict);
  });
}

function judge(input: FileInput, before: Known | undefined): { verdict: Verdict; config?: unknown } {
  let checked: CheckedFile;
  try {
    checked = checkFile(input, before);
  } catch (error) {
    return { verdict: { kind: 'failed', reason: String(error instanceof Error ? error.stack : error) } };
  }
  const { loaded, known } = checked;
  if (loaded.kind === 'checked') return { verdict: { kind: 'checked', known }, config: loaded.config };
  if (loaded.kind === 'unchanged') return { verdict: { kind: 'unchanged', known } };
  const { problems, file: named } = loaded.error;
  return { verdict: { kind: 'refused', known, problems: firstOf(problems), file: named } };
}

/** A slip in a template is a slip in each of ten thousand routes: all of them at once would hold up who serves. */
function firstOf(problems: readonly Problem[]): readonly Problem[] {
  const more = problems.length - MOST_PROBLEMS;
  return more > 0 ? [...problems.slice(0, MOST_PROBLEMS), { path: '', message: `and ${more} more` }] : problems;
}

// Not on the main thread: there it is only looked at.
if (parentPort !== null) answer(parentPort);
