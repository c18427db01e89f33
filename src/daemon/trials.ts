/** What is tried on cameras, as against the settings that were read. */
import type { Clock } from '../clock.js';
import { diff } from '../config/changes.js';
import type { Mistake } from '../config/mistake.js';
import { cameraVariableName } from '../config/table.js';
import { withCamera, withTrial } from '../config/trial.js';
import type { Config } from '../config/types.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import type { CameraTrials } from '../web/camera-trials.js';

/** Lines a minute about what is tried, each of which is a request. */
const MAX_LINES = 20;

export interface TrialsParts {
  /** The settings that hold. */
  current: () => Config;
  /** Makes others hold, in which areas and limits of cameras alone differ. */
  apply: (config: Config) => Promise<unknown>;
  /** Runs steps one after the other, with every other change of the settings. */
  inOrder: <T>(step: () => Promise<T>) => Promise<T>;
  /** Those of the model. */
  labels: readonly string[];
  /** Called with every variable that does not hold what was read. */
  onChange: (variables: readonly string[]) => void;
  clock: Clock;
  log: Log;
}

export class Trials implements CameraTrials {
  readonly #parts: TrialsParts;
  readonly #lines: LimitedLog;
  /** As they were read. */
  #read: Config;
  /** By camera. */
  #variables: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(parts: TrialsParts) {
    this.#parts = parts;
    this.#read = parts.current();
    this.#lines = new LimitedLog(parts.log, parts.clock, {
      level: 'info',
      what: 'changes of what is tried',
      most: MAX_LINES,
    });
  }

  /** The settings that hold were read anew: nothing is tried any more. */
  reset(): void {
    this.#read = this.#parts.current();
    this.#variables = new Map();
  }

  begin(camera: string, lines: string): Promise<readonly Mistake[]> {
    const { current, inOrder, labels } = this.#parts;
    return inOrder(async () => {
      const { config, mistakes } = withTrial(current(), camera, lines, labels);
      if (mistakes.length === 0) await this.#apply(config, camera);
      return mistakes;
    });
  }

  end(camera: string): Promise<void> {
    const { current, inOrder } = this.#parts;
    return inOrder(async () => {
      const read = this.#read.cameras.find(({ name }) => name === camera);
      if (read !== undefined) await this.#apply(withCamera(current(), read), camera);
    });
  }

  variables(camera: string): readonly string[] {
    return this.#variables.get(camera) ?? [];
  }

  async #apply(config: Config, camera: string): Promise<void> {
    const { current, apply, onChange } = this.#parts;
    await apply(config);
    const { update } = diff(this.#read, current());
    this.#variables = new Map(
      update.map(({ camera: { name }, settings }) => [
        name,
        settings.map((setting) => cameraVariableName(name, setting)),
      ]),
    );
    const tried = this.variables(camera);
    this.#lines.write(
      tried.length === 0
        ? `camera ${camera} is as its settings were read`
        : `tried on camera ${camera} until the settings are read anew: ${tried.join(', ')}`,
    );
    onChange([...this.#variables.values()].flat());
  }
}
