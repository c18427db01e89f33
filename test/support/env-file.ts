/** An env file that a test edits under a daemon that runs. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import type { Daemon } from './ghostcam.js';

const PATIENCE = { timeout: 60_000, interval: 10 };
/** How a reload ends in the log. */
const ENDED = /settings (?:not )?reloaded/;

export class EnvFile implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'ghostcam-env-'));
  readonly path = join(this.#folder, 'ghostcam.env');

  constructor(settings: Record<string, string>) {
    this.write(settings);
  }

  /** @param more Lines as they stand, after the settings. */
  write(settings: Record<string, string>, more: readonly string[] = []): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    writeFileSync(this.path, `${[...lines, ...more].join('\n')}\n`);
  }

  /** Sends SIGHUP and waits until the file was read. @returns What was logged of it. */
  async reload(daemon: Daemon): Promise<string> {
    const before = daemon.output.length;
    process.kill(daemon.pid, 'SIGHUP');
    await vi.waitFor(() => {
      if (!ENDED.test(daemon.output.slice(before))) throw new Error(`no reload:\n${daemon.output}`);
    }, PATIENCE);
    return daemon.output.slice(before);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}
