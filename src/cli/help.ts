import { COMMANDS, type Command } from './commands.ts';

/** The page about one command. */
export function commandHelp({ usage, page }: Command): string {
  return `Usage: ${usage}\n\n${page}`;
}

/** What the program is, and all it can be asked for. */
export function help(version: string): string {
  return `Sluice ${version}: an API gateway.

Usage: sluice [command] [options]

Commands
  run                     Serve. This is what happens without a command.
  check [FILE]            Say everything that is wrong with a configuration.
  routes [FILE]           Print its routes, or with --match the one that takes a request.
  schema                  Print the JSON Schema of the configuration, for editors.
  import fluxgate FILE    Print a configuration for one of FluxGate.
  hash api-key|password   Print the form in which a configuration keeps a secret.
  demo                    Start a gateway with four upstreams of its own, to try.
  help COMMAND            Say more: ${Object.keys(COMMANDS).join(', ')}.

Options
  -c, --config FILE       The configuration: YAML, JSON or TOML. Without it: sluice.yaml here, else config.yaml.
      --backend ADDRESS   No file: every request goes to this host:port or URL. May be given again.
  -l, --log-level LEVEL   trace, debug, info, warn, error, fatal or silent; takes the place of log.level.
  -h, --help              This text; behind a command, the page about it.
  -V, --version           ${version}

Without any file
  sluice --backend http://127.0.0.1:3000

A first sluice.yaml
  load_balancing:
    backends:
      users: { upstreams: [{ address: "127.0.0.1:3001" }] }
  routes:
    - { id: users, path: /users/**, backend: users }

It listens on 127.0.0.1:8080, and on 127.0.0.1:9090 for /health, /ready and /metrics. \${VAR} and \${VAR:-default} in
the file are taken from the environment, and SLUICE_SERVER__HTTP_ADDR=0.0.0.0:80 sets server.http_addr over what the
file says. Logs are JSON lines on standard output.
Exit codes: 0 done, 1 failed, 2 the command line was not understood. All settings: docs/configuration.md`;
}
