import type { Reporter, TestModule } from 'vitest/node';

/** Says `N passed, N failed` after all else. */
export class Totals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A module that could not begin has no tests of its own.
    const broken = modules.filter((module) => module.state() === 'failed' && count('failed') === 0).length;
    const skipped = count('skipped') > 0 ? `, ${count('skipped')} skipped` : '';
    process.once('exit', () => {
      console.log(`${count('passed')} passed, ${count('failed') + broken} failed${skipped}`);
    });
  }
}
