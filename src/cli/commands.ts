/** Options of the command line, in the words of `parseArgs`. */
export const OPTIONS = {
  config: { type: 'string', short: 'c' },
  'log-level': { type: 'string', short: 'l' },
  backend: { type: 'string', multiple: true },
  listen: { type: 'string' },
  match: { type: 'string' },
  header: { type: 'string', short: 'H', multiple: true },
  generate: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'V' },
  daemon: { type: 'boolean', short: 'd' },
  upgrade: { type: 'boolean', short: 'u' },
} as const;

/** Photon's, which will mean here what they mean there. */
export const NOT_YET: readonly string[] = ['daemon', 'upgrade'];

/** One command: what it takes besides --help, and the page about it. */
export interface Command {
  readonly usage: string;
  /** How many words may stand behind it. */
  readonly words: readonly [least: number, most: number];
  readonly options: readonly (keyof typeof OPTIONS)[];
  readonly page: string;
}

const FILE = `FILE is YAML, JSON or, when its name ends in .toml, TOML. Without it: sluice.yaml here, else config.yaml; when
there is neither, the variables SLUICE_LISTEN_ADDR, SLUICE_BACKEND_ADDR and so on make a proxy.`;

export const COMMANDS: Readonly<Record<string, Command>> = {
  run: {
    usage: 'sluice [run] [-c FILE | --backend ADDRESS... [--listen ADDRESS]] [-l LEVEL]',
    words: [0, 0],
    options: ['config', 'log-level', 'backend', 'listen'],
    page: `Serves until SIGTERM, SIGINT or SIGQUIT, then lets what goes on finish (at most server.timeouts.drain) and exits; a
second signal ends it at once. This is what happens without a command.

  -c, --config FILE       The configuration.
      --backend ADDRESS   No file at all: every request goes to this host:port or URL. Several are taken in turn.
      --listen ADDRESS    With --backend: where to listen; else 127.0.0.1:8080.
  -l, --log-level LEVEL   trace, debug, info, warn, error, fatal or silent; takes the place of log.level.

${FILE}

  sluice --backend http://127.0.0.1:3000
  sluice -c gateway.yaml -l debug`,
  },
  check: {
    usage: 'sluice check [FILE]',
    words: [0, 1],
    options: ['config'],
    page: `Says whether a gateway would start with a configuration: how much is in it and which files it came from; or
everything that is wrong, as file:line:column: path: message. Reads what the environment sets, too.

${FILE}`,
  },
  routes: {
    usage: "sluice routes [FILE] [--match 'METHOD URL' [-H 'NAME: VALUE']...]",
    words: [0, 1],
    options: ['config', 'match', 'header'],
    page: `Prints the routes of a configuration, the one that is tried first at the top; or, for one request, which route takes
it and why the others do not.

      --match 'METHOD URL'     The request, as in 'GET http://example.com/users/5'.
  -H, --header 'NAME: VALUE'   A field of the request. May be given again.

${FILE}`,
  },
  schema: {
    usage: 'sluice schema',
    words: [0, 0],
    options: [],
    page: `Prints the JSON Schema of the configuration (draft 7), with which editors complete and check it:

  sluice schema > sluice.schema.json

Then, in the first line of sluice.yaml:  # yaml-language-server: $schema=./sluice.schema.json
or of sluice.toml:  #:schema ./sluice.schema.json
and in JSON as the first key:  "$schema": "./sluice.schema.json"`,
  },
  import: {
    usage: 'sluice import fluxgate FILE',
    words: [2, 2],
    options: [],
    page: `Prints a configuration of ours for one of another gateway. fluxgate: a JSON file with one route, a list of routes, or
a map of users to their routes. What cannot be carried over yet stands in comments.

  sluice import fluxgate routes.json > sluice.yaml && sluice check sluice.yaml`,
  },
  hash: {
    usage: 'sluice hash api-key [--generate] | password',
    // A second word is a secret in the open: hash.ts says so without repeating it.
    words: [1, 2],
    options: ['generate'],
    page: `Prints the form in which a configuration keeps a secret of a consumer: for "api_keys" (SHA-256) or "basic" (scrypt).
The secret is read from standard input, all but one line end behind it; on a terminal it is asked for and not shown.

      --generate   Makes a new key, and prints it this once with its hash.

  sluice hash api-key --generate
  printf %s "$KEY" | sluice hash api-key
  sluice hash password`,
  },
  demo: {
    usage: 'sluice demo [-l LEVEL]',
    words: [0, 0],
    options: ['log-level'],
    page: `Starts four small upstreams and a gateway in front of them, and prints commands to try. Ctrl-C ends it.

  -l, --log-level LEVEL   As with run.`,
  },
};
