/** A real Chromium, as Debian has it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import puppeteer, { type Browser, type Page as Tab } from 'puppeteer-core';
import { execute } from './execute.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @param args Beside those that every test needs. */
export async function startBrowser(...args: string[]): Promise<Browser> {
  const executablePath = (await execute('sh', ['-c', 'command -v chromium'])).trim();
  // Root in a container has no sandbox; what is shown is our own.
  return puppeteer.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', ...args],
    // Certificates of tests are known to nobody.
    acceptInsecureCerts: true,
  });
}

/** What axe-core has against the page as it is, by rule. */
export async function violations(tab: Tab): Promise<string[]> {
  await tab.evaluate(AXE);
  return tab.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
      };
    };
    const result = await axe.run();
    return result.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`),
    );
  });
}
