import type { Path } from './path.ts';

/**
 * The keys that a configuration may have one day and that nothing acts on yet. They are refused by name, so that
 * nobody believes in a limit or a check that is not there. Building one moves its key from here into a schema; what
 * stands below a key is refused with it. `*` is any name, or any place in a list.
 */
const NOT_YET: readonly string[] = [
  ...[
    'include redis fleet config_source extensions discovery registration tenancy middleware consumers cache',
    'health_check tracing',
  ],
  ...below(
    'server',
    'https_addr tls_cert tls_key tls http2 proxy_protocol workers normalize_path upgrade_sock pid_file error_bodies',
  ),
  ...below('server.limits', 'body_bytes'),
  ...below(
    'load_balancing.backends.*',
    'hash_on discovery health_check outlier_detection slow_start panic_threshold circuit_breaker retry_budget http2',
  ),
  ...below('load_balancing.backends.*.upstreams.*', 'weight backup zone'),
  ...below('defaults', 'middleware'),
  ...below('routes.*', 'path_params host tenant when priority split mirror redirect retry hedge body_bytes middleware'),
  ...below('routes.*', 'authentication identity_headers rate_limits concurrency ip_allow ip_deny cors transform compression'),
  ...below('routes.*', 'cache websocket upgrades custom tracing access_log compose graphql'),
  ...below('metrics', 'jsonl'),
  ...below('log', 'output access'),
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
