/** `npm run test:soak -- --minutes N`: prints a line for each sample, then each check, and ends with `N passed, N failed`. */
import { parseArgs } from 'node:util';
import { soak } from './soak.js';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } });
const seconds = 60 * Number(values.minutes);
if (!(seconds >= 30)) {
  console.error('usage: npm run test:soak -- [--minutes N]     N is 0.5 or more');
  process.exit(64);
}
const abort = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => abort.abort());

const result = await soak({ seconds, signal: abort.signal, onLine: (line) => console.log(line) });
const { checks, faults } = result;
console.log(`\n${(result.seconds / 60).toFixed(1)} minutes, ${faults} faults`);
for (const { name, verdict, detail } of checks) {
  const shown = verdict === 'failed' ? 'FAILED' : verdict;
  console.log(`${name.padEnd(12)} ${shown.padEnd(10)} ${detail}`);
}
const count = (verdict: string) => checks.filter((each) => each.verdict === verdict).length;
console.log(`${count('passed')} passed, ${count('failed')} failed`);
process.exit(count('failed') === 0 ? 0 : 1);
