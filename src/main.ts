#!/usr/bin/env node
// Older Node.js reads this file before it can be told that it is too old: nothing newer than Node 14 may stand here, and
// nothing is imported before the check.
const MINIMUM = 24;
const version = process.versions.node;

if (Number(version.split('.')[0]) < MINIMUM) {
  process.stderr.write(`sluice needs Node ${MINIMUM} or newer; this is ${version}\n`);
  process.exitCode = 1;
} else {
  // Until a command says otherwise: when what it waits for never comes, node has nothing left to do and ends.
  process.exitCode = 1;
  const stranded = () => process.stderr.write('sluice: ended waiting for something that never comes\n');
  process.once('beforeExit', stranded);
  import('./cli/cli.ts')
    .then(({ cli }) => cli(process.argv.slice(2)))
    .then((code) => {
      process.off('beforeExit', stranded);
      process.exitCode = code;
    })
    .catch((error) => {
      process.off('beforeExit', stranded);
      process.stderr.write(`sluice: ${error instanceof Error ? error.stack : error}\n`);
      process.exitCode = 1;
    });
}
