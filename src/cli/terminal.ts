/** Where a command was typed: where its words go, and how it is told to stop. */
export interface Terminal {
  /** Writes lines for whoever asked. */
  print(text: string): void;
  /** Writes lines about what went wrong. */
  complain(text: string): void;
  /** Calls back for each SIGTERM, SIGINT and SIGQUIT. @returns a function that stops listening */
  onSignal(listener: (signal: string) => void): () => void;
  /** Calls back for each SIGHUP, which then does not end the process. @returns a function that stops listening */
  onReload(listener: () => void): () => void;
}

/** Those that ask a process to end; Ctrl-C sends the second, systemd and Kubernetes the first. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;

export function processTerminal(): Terminal {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
    onSignal: (listener) => {
      for (const signal of SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of SIGNALS) process.off(signal, listener);
      };
    },
    onReload: (listener) => {
      const heard = () => listener();
      process.on('SIGHUP', heard);
      return () => void process.off('SIGHUP', heard);
    },
  };
}
