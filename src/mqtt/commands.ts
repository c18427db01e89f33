/**
 * `<camera>/<setting>/set`: commands from MQTT. What is no valid command changes nothing and is refused in the log, where many
 * refusals are one line with their count. `<camera>/<setting>/state`, retained, says what holds. A command that is published
 * retained holds beyond a restart, because the broker sends it again.
 */

import type { Clock } from '../clock.js';
import { CAMERA_VARIABLES } from '../config/table.js';
import { boolean, Unexpected } from '../config/values.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import { logError } from '../observe/log-error.js';
import type { Broker } from './broker.js';
import type { DetectPayload, EnabledPayload, FpsPayload, ThresholdPayload } from './payloads.js';
import type { Topics } from './topics.js';

/** What a user may change on a camera while it is watched. Changes last until the daemon ends: the env file is the beginning. */
export interface CameraSettings {
  /** Off: no ffmpeg runs for this camera, and its state is `disabled`. */
  enabled: boolean;
  /** Off: the camera runs on, and nothing is inferred. */
  detect: boolean;
  /** Score from which an object is reported. */
  threshold: number;
  /** Frames a second that are inferred, at most. */
  fps: number;
}

/** Who owns the settings of one camera; a change takes effect at once. */
export interface CameraControls {
  get<S extends keyof CameraSettings>(setting: S): CameraSettings[S];
  set<S extends keyof CameraSettings>(setting: S, value: CameraSettings[S]): void;
}

/** How a setting is read from a payload and written to its state: the same limits as those of the env file. */
interface Form<T, P extends string> {
  parse(text: string): T;
  format(value: T): P;
}

interface Payloads extends Record<keyof CameraSettings, string> {
  enabled: EnabledPayload;
  detect: DetectPayload;
  threshold: ThresholdPayload;
  fps: FpsPayload;
}

const FORMS: { [S in keyof CameraSettings]: Form<CameraSettings[S], Payloads[S]> } = {
  enabled: { parse: onOff, format: (on) => (on ? 'ON' : 'OFF') },
  detect: { parse: onOff, format: (on) => (on ? 'ON' : 'OFF') },
  threshold: { parse: CAMERA_VARIABLES.THRESHOLD.parse, format: String },
  fps: { parse: CAMERA_VARIABLES.FPS.parse, format: String },
};
export const SETTINGS = Object.keys(FORMS) as (keyof CameraSettings)[];

/** Longer than any valid command; whatever is longer is neither read nor repeated. */
const MAX_BYTES = 32;

/** How long commands are gathered before the newest of each setting takes effect: a flood of them costs no more than one. */
const GATHER_MS = 50;
/** At most one line of refusals in this time. */
const REFUSAL_INTERVAL_MS = 10_000;
/** Of a stranger's words in the log. */
const MAX_SHOWN = 40;

interface Command {
  camera: string;
  setting: keyof CameraSettings;
  controls: CameraControls;
  text: string;
}

export interface CommandParts {
  broker: Pick<Broker, 'retain' | 'subscribe'>;
  topics: Topics;
  /** By the camera's name. */
  controls: ReadonlyMap<string, CameraControls>;
  clock: Clock;
  log: Log;
}

export class Commands {
  readonly #parts: CommandParts;
  readonly #refusals: LimitedLog;
  /** The newest command of each setting that has not taken effect yet, by its topic. */
  readonly #pending = new Map<string, Command>();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    this.#refusals = new LimitedLog(parts.log, parts.clock, REFUSAL_INTERVAL_MS);
  }

  /** Publishes all states, and listens from now on. */
  start(): void {
    const { broker, topics, controls } = this.#parts;
    for (const [camera, owner] of controls) {
      for (const setting of SETTINGS) this.#publish(camera, setting, owner);
    }
    broker.subscribe(topics.settingCommands, (topic, payload) => {
      const parsed = topics.parse(topic);
      if (!this.#stopped && parsed?.kind === 'settingCommand') {
        this.#attempt(parsed, () => this.#gather(topic, parsed, payload));
      }
    });
  }

  /** From now on commands are ignored: one that comes during the stop must not start a camera again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#pending.clear();
    this.#refusals.stop();
  }

  #gather(topic: string, { camera, setting }: { camera: string; setting: string }, payload: Buffer): void {
    const { controls: owners } = this.#parts;
    const controls = owners.get(camera);
    if (controls === undefined) {
      throw new Unexpected(`one of ${[...owners.keys()].join(', ')}`, 'there is no such camera');
    }
    if (!isSetting(setting)) {
      throw new Unexpected(`one of ${SETTINGS.join(', ')}`, 'there is no such setting');
    }
    if (payload.length > MAX_BYTES) {
      throw new Unexpected(`at most ${MAX_BYTES} bytes`, `received ${payload.length} bytes`);
    }
    this.#pending.set(topic, { camera, setting, controls, text: payload.toString().trim() });
    this.#timer ??= setTimeout(() => this.#apply(), GATHER_MS);
  }

  #apply(): void {
    this.#timer = undefined;
    const commands = [...this.#pending.values()];
    this.#pending.clear();
    for (const command of commands) this.#attempt(command, () => this.#obey(command));
  }

  #obey<S extends keyof CameraSettings>({ camera, setting, controls, text }: Command & { setting: S }): void {
    // Number('') is 0, which a setting might allow.
    if (text === '') throw new Unexpected('a value', 'received an empty message');
    const value = FORMS[setting].parse(text);
    if (value !== controls.get(setting)) {
      controls.set(setting, value);
      this.#parts.log.info(`${setting} of camera ${camera} is ${FORMS[setting].format(value)} by command`);
    }
    this.#publish(camera, setting, controls);
  }

  /** A refusal is logged; any other error is a bug, which must not reach the MQTT client. */
  #attempt({ camera, setting }: { camera: string; setting: string }, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof Unexpected) {
        const which = { camera: shorten(camera), setting: shorten(setting) };
        this.#refusals.warn(`command refused: ${error.message}; expected ${error.expected}`, which);
      } else {
        logError(this.#parts.log, 'a command could not be obeyed', error);
      }
    }
  }

  /** Also when nothing changed: whoever asked for it is shown what holds. */
  #publish<S extends keyof CameraSettings>(camera: string, setting: S, controls: CameraControls): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.settingState(camera, setting), FORMS[setting].format(controls.get(setting)));
  }
}

function isSetting(text: string): text is keyof CameraSettings {
  return Object.hasOwn(FORMS, text);
}

/** `ON` or `OFF`, as Home Assistant's switches say it, and the words that the env file takes. */
function onOff(text: string): boolean {
  try {
    return boolean(text);
  } catch {
    throw new Unexpected('ON or OFF', `received ${JSON.stringify(text)}`);
  }
}

function shorten(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}… (${text.length} characters)` : text;
}
