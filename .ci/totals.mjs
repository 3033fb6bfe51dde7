// Sums vitest's JSON reports: `node .ci/totals.mjs [--only FILE] REPORT…` prints `N passed, N failed, N skipped`.
// With --only, exits non-zero when that file had no tests or a failed one. Runs on any Node, before dependencies are there.
import { readFileSync } from 'node:fs';
import { argv, exit } from 'node:process';

const only = argv[2] === '--only' ? argv[3] : undefined;
const sum = { passed: 0, failed: 0, skipped: 0 };

for (const path of argv.slice(only === undefined ? 2 : 4)) {
  for (const file of filesOf(path)) {
    if (only !== undefined && !file.name.endsWith(`/${only}`)) continue;
    for (const { status } of file.assertionResults) sum[status === 'passed' || status === 'failed' ? status : 'skipped']++;
    // A file that broke before its first test, or in a hook.
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) sum.failed++;
  }
}

/** A run that left no report is one failure. */
function filesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).testResults;
  } catch {
    return only === undefined ? [{ name: path, status: 'failed', assertionResults: [] }] : [];
  }
}

console.log(`${only === undefined ? '' : `${only}: `}${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
if (only !== undefined && (sum.failed > 0 || sum.passed === 0)) exit(1);
