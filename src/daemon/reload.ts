/** Reads the settings anew while the daemon runs. Settings with a mistake change nothing, and are named with all their mistakes. */
import type { ConfigChanges } from '../config/changes.js';
import { configError } from '../config/load.js';
import { countOf, describeMistake, type Mistake } from '../config/mistake.js';
import { secretsOf } from '../config/secrets.js';
import type { Config } from '../config/types.js';
import type { AdjustableLog } from '../observe/log.js';
import { logError } from '../observe/log-error.js';
import type { Daemon } from './daemon.js';

export interface ReloadParts {
  daemon: Pick<Daemon, 'apply' | 'refuse'>;
  /** Undefined: the settings are those of the environment, which cannot be read anew. */
  envFile: string | undefined;
  /** Reads the settings, and all that is wrong with them. */
  read(): Promise<{ config: Config; mistakes: readonly Mistake[] }>;
  /** Called with how it went, a sentence for who asks a service manager; empty: nothing is to be said. */
  onStatus(status: string): void;
  log: AdjustableLog;
}

export class Reload {
  readonly #parts: ReloadParts;
  #isReady = false;
  #isWanted = false;
  #work: Promise<void> | undefined;

  constructor(parts: ReloadParts) {
    this.#parts = parts;
  }

  /** From now on the daemon can take settings; what was requested before is done now. */
  start(): void {
    this.#isReady = true;
    this.#begin();
  }

  /** Reads the settings anew, once more when that is being done already: what was read may be older than the request. */
  request(): void {
    const { envFile, log } = this.#parts;
    if (envFile === undefined) {
      log.warn(
        'there is no env file to read anew: settings of the environment hold until ghostcam is started anew',
      );
      return;
    }
    this.#isWanted = true;
    this.#begin();
  }

  /** Nothing is read any more; resolves when what has begun is done. */
  async stop(): Promise<void> {
    this.#isReady = false;
    await this.#work;
  }

  #begin(): void {
    if (this.#work !== undefined || !this.#isReady || !this.#isWanted) return;
    this.#work = this.#run().finally(() => {
      this.#work = undefined;
      this.#begin();
    });
  }

  async #run(): Promise<void> {
    this.#isWanted = false;
    try {
      await this.#reload();
    } catch (error) {
      logError(this.#parts.log, 'the settings could not be reloaded', error);
    }
  }

  async #reload(): Promise<void> {
    const { daemon, envFile, read, onStatus, log } = this.#parts;
    const { config, mistakes } = await read();
    if (mistakes.length > 0) {
      log.error(`settings not reloaded, those of before hold: ${configError(mistakes, envFile).message}`);
      daemon.refuse(mistakes.map(describeMistake));
      onStatus(`The settings of before hold: ${countOf(mistakes)} in the env file, see the log`);
      return;
    }
    log.adjust({ level: config.logLevel, secrets: secretsOf(config) });
    const changes = await daemon.apply(config);
    log.info(`settings reloaded: ${describe(changes)}`, { envFile });
    const { needsProcessRestart } = changes;
    if (needsProcessRestart.length > 0) {
      log.warn(`changed, and in effect after a restart of ghostcam: ${needsProcessRestart.join(', ')}`);
    }
    onStatus('');
  }
}

function describe({ added, removed, restart, update, node }: ConfigChanges): string {
  const parts = [
    ...added.map(({ name }) => `camera ${name} added`),
    ...removed.map((name) => `camera ${name} removed`),
    ...restart.map(({ camera, settings }) => `camera ${camera.name} restarted (${settings.join(', ')})`),
    ...update.map(({ camera, settings }) => `camera ${camera.name} updated (${settings.join(', ')})`),
    ...node.map((name) => `${name} updated`),
  ];
  return parts.length === 0 ? 'nothing has changed' : parts.join('; ');
}
