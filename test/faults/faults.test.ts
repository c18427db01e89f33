/** The campaign's own arithmetic: what fails is counted as failed, and the last line says so. */
import { expect, test } from 'vitest';
import { type Fault, logged, type Outcome, type Part, row, runPart, summary, until } from './fault.js';

function part(faults: readonly Fault[], concurrency = 1): Part {
  return { name: 'one', faults, concurrency, [Symbol.asyncDispose]: async () => {} };
}

const fault = (name: string, run: Fault['run']): Fault => ({ name, expectation: 'something', run });

test('what rejects has failed, whatever it rejects with; the others go on', async () => {
  const seen: Outcome[] = [];
  const faults = [
    fault('good', async () => 'as expected'),
    fault('bad', () => Promise.reject(new Error('something\nelse'))),
    fault('odd', () => Promise.reject('text')),
  ];
  const outcomes = await runPart(part(faults, 2), (outcome) => seen.push(outcome));
  expect(outcomes).toEqual(seen);
  expect(outcomes.map(({ passed }) => passed).sort()).toEqual([false, false, true]);
  expect(summary(outcomes)).toBe('1 passed, 2 failed');
  const bad = outcomes.find(({ fault: { name } }) => name === 'bad') as Outcome;
  expect(row(bad)).toMatch(/^bad +something +FAILED: something else$/);
});

test('no more than the given number of faults at a time', async () => {
  let now = 0;
  let most = 0;
  const faults = Array.from({ length: 7 }, (_, index) =>
    fault(`fault ${index}`, async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return '';
    }),
  );
  expect(await runPart(part(faults, 3), () => {})).toHaveLength(7);
  expect(most).toBe(3);
});

test('what does not come in time is told with what is there instead', async () => {
  await expect(
    until(
      () => undefined,
      () => 'nothing',
      0,
    ),
  ).rejects.toThrow('after 0 s: nothing');
  expect(await logged(() => 'WARN the cause is known\n', /cause is \w+/)).toBe('cause is known');
});
