/** `npm run test:faults`: prints a table of fault, expectation and outcome, and ends with `N passed, N failed`. */
import { parseArgs } from 'node:util';
import { broker } from './broker.js';
import { cameras } from './cameras.js';
import { columns, type Outcome, row, runPart, summary } from './fault.js';
import { machine } from './machine.js';

const PARTS = { cameras, broker, machine };
const USAGE = `usage: npm run test:faults -- [--part ${Object.keys(PARTS).join('|')}] [--only REGULAR_EXPRESSION]`;

function argumentsGiven() {
  try {
    const { values } = parseArgs({
      options: { part: { type: 'string' }, only: { type: 'string', default: '' } },
    });
    if (values.part === undefined || values.part in PARTS)
      return { ...values, only: new RegExp(values.only, 'i') };
  } catch {
    // The usage says it.
  }
  console.error(USAGE);
  process.exit(64);
}

const { part: only, only: pattern } = argumentsGiven();
const began = performance.now();
const outcomes: Outcome[] = [];
console.log(columns('fault', 'expectation', 'outcome'));
for (const [name, open] of Object.entries(PARTS)) {
  if (only !== undefined && name !== only) continue;
  console.log(`\n${name}`);
  await using part = await open((fault) => pattern.test(fault));
  outcomes.push(...(await runPart(part, (outcome) => console.log(row(outcome)))));
}
console.log(`\n${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
console.log(summary(outcomes));
process.exit(outcomes.length > 0 && outcomes.every(({ passed }) => passed) ? 0 : 1);
