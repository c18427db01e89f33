/**
 * `<camera>/<setting>/set`: commands from MQTT. What is no valid command is refused with one line in the log, and changes
 * nothing. `<camera>/<setting>/state`, retained, tells what holds. A command that is published retained holds beyond a
 * restart, because the broker gives it again.
 */
import { CAMERA_VARIABLES } from '../config/table.js';
import { boolean, Unexpected } from '../config/values.js';
import type { Log } from '../observe/log.js';
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
  /** Frames a second that are looked at, at most. */
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
  enabled: { parse: boolean, format: (on) => (on ? 'ON' : 'OFF') },
  detect: { parse: boolean, format: (on) => (on ? 'ON' : 'OFF') },
  threshold: { parse: CAMERA_VARIABLES.THRESHOLD.parse, format: String },
  fps: { parse: CAMERA_VARIABLES.FPS.parse, format: String },
};
export const SETTINGS = Object.keys(FORMS) as (keyof CameraSettings)[];

/** Longer than any valid command; whatever is longer is neither read nor repeated. */
const MAX_BYTES = 32;

export class Commands {
  readonly #broker: Broker;
  readonly #topics: Topics;
  readonly #controls: ReadonlyMap<string, CameraControls>;
  readonly #log: Log;
  #stopped = false;

  /** @param controls By the camera's name. */
  constructor(broker: Broker, topics: Topics, controls: ReadonlyMap<string, CameraControls>, log: Log) {
    this.#broker = broker;
    this.#topics = topics;
    this.#controls = controls;
    this.#log = log;
  }

  /** Tells all states, and listens from now on. */
  start(): void {
    for (const [camera, controls] of this.#controls) {
      for (const setting of SETTINGS) this.#tell(camera, setting, controls);
    }
    this.#broker.subscribe(this.#topics.settingCommand('+', '+'), (topic, payload) => {
      if (this.#stopped) return;
      const [camera, setting] = topic.split('/').slice(-3) as [string, string];
      try {
        this.#obey(camera, setting, payload);
      } catch (error) {
        if (!(error instanceof Unexpected)) throw error;
        this.#log.warn(`command refused: ${error.message}; expected ${error.expected}`, { topic });
      }
    });
  }

  /** From now on commands are ignored: one that comes during the stop must not start a camera again. */
  stop(): void {
    this.#stopped = true;
  }

  #obey(camera: string, setting: string, payload: Buffer): void {
    const controls = this.#controls.get(camera);
    if (controls === undefined) {
      throw new Unexpected(`one of ${[...this.#controls.keys()].join(', ')}`, 'there is no such camera');
    }
    if (!isSetting(setting))
      throw new Unexpected(`one of ${SETTINGS.join(', ')}`, 'there is no such setting');
    if (payload.length > MAX_BYTES) {
      throw new Unexpected(`at most ${MAX_BYTES} bytes`, `received ${payload.length} bytes`);
    }
    this.#set(camera, setting, controls, payload.toString().trim());
  }

  #set<S extends keyof CameraSettings>(
    camera: string,
    setting: S,
    controls: CameraControls,
    text: string,
  ): void {
    // Number('') is 0, which a setting might allow.
    if (text === '') throw new Unexpected('a value', 'received an empty message');
    const value = FORMS[setting].parse(text);
    if (value !== controls.get(setting)) {
      controls.set(setting, value);
      this.#log.info(`${setting} of camera ${camera} is ${FORMS[setting].format(value)} by command`);
    }
    this.#tell(camera, setting, controls);
  }

  /** Also when nothing changed: whoever asked for it is shown what holds. */
  #tell<S extends keyof CameraSettings>(camera: string, setting: S, controls: CameraControls): void {
    const topic = this.#topics.settingState(camera, setting);
    const payload = FORMS[setting].format(controls.get(setting));
    this.#broker.retain(topic, payload);
  }
}

function isSetting(text: string): text is keyof CameraSettings {
  return Object.hasOwn(FORMS, text);
}
