import type { Path } from './path.ts';

/**
 * The keys that a configuration may have one day and that nothing acts on yet. They are refused by name, so that
 * nobody believes in a limit or a check that is not there. Building one moves its key from here into a schema; what
 * stands below a key is refused with it. `*` is any name, or any place in a list.
 */
const NOT_YET: readonly string[] = [
  ...['discovery registration cache', 'tracing'],
  ...below('server', 'http2 upgrade_sock pid_file'),
  ...below('load_balancing.backends.*', 'discovery http2'),
  ...below('routes.*', 'split mirror cache tracing compose graphql'),
  ...below('middleware.authentication', 'oauth2 oidc'),
  ...below('config_source', 'redis rollout'),
  ...below('metrics', 'jsonl'),
].flatMap((line) => line.split(' '));

function below(parent: string, keys: string): string[] {
  return keys.split(' ').map((key) => `${parent}.${key}`);
}

/** Whether the key belongs to the vocabulary but is not built. */
export function isNotYet(path: Path): boolean {
  const parent = path.slice(0, -1);
  return laterKeys(parent).includes(String(path.at(-1)));
}

/** The keys directly below a path that are not built. */
export function laterKeys(parent: Path): string[] {
  return NOT_YET.map((key) => key.split('.'))
    .filter((steps) => steps.length === parent.length + 1 && parent.every((step, at) => steps[at] === '*' || steps[at] === step))
    .map((steps) => steps.at(-1) as string);
}
