/**
 * `<camera>/<setting>/set`: commands from MQTT. What is no valid command changes nothing and is refused in the log, where many
 * refusals are one line with their count. `<camera>/<setting>/state`, retained, says what holds. A command that is published
 * retained holds beyond a restart, because the broker sends it again: it stands above the env file. An empty one takes it back.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, pollForInput } from '../clock.js';
import { CAMERA_VARIABLES, type CameraSetting, cameraVariableName } from '../config/table.js';
import { boolean, Unexpected } from '../config/values.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import type { Broker } from './broker.js';
import type { DetectPayload, EnabledPayload, FpsPayload, ThresholdPayload } from './payloads.js';
import type { Topics } from './topics.js';

/** What a user may change on a camera while it is watched; the env file is the beginning. */
export interface CameraSettings {
  /** Off: no ffmpeg runs for this camera, and its state is `disabled`. */
  enabled: boolean;
  /** Off: the camera runs on, and nothing is inferred. */
  detect: boolean;
  /** Score from which an object is reported; the model's for labels without their own, as long as none is chosen. */
  threshold: number;
  /** Frames a second that are inferred, at most. */
  fps: number;
}

/** What is chosen by command or in the env file; a threshold that is undefined: the model's own of each label. */
export interface CameraChoices extends Omit<CameraSettings, 'threshold'> {
  threshold: number | undefined;
}

/** Who owns the settings of one camera; a change takes effect at once. */
export interface CameraControls {
  /** What its state says. */
  get<S extends keyof CameraSettings>(setting: S): CameraSettings[S];
  /** What holds. */
  chosen<S extends keyof CameraSettings>(setting: S): CameraChoices[S];
  set<S extends keyof CameraSettings>(setting: S, value: CameraChoices[S]): void;
  /** What the env file says of it. */
  configured<S extends keyof CameraSettings>(setting: S): CameraChoices[S];
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
/** Where the env file says it. */
const VARIABLES = {
  enabled: 'ENABLED',
  detect: 'DETECT',
  threshold: 'THRESHOLD',
  fps: 'FPS',
} as const satisfies Record<keyof CameraSettings, CameraSetting>;
export const SETTINGS = Object.keys(FORMS) as (keyof CameraSettings)[];

/** Longer than any valid command; whatever is longer is neither read nor repeated. */
const MAX_BYTES = 32;

/** How long commands are gathered before the newest of each setting takes effect: a flood of them costs no more than one. */
const GATHER_MS = 50;
/** A setting is changed by message at most so often: a change is a line in the log, and another rate starts ffmpeg anew. */
const CHANGE_INTERVAL_MS = 500;
/** Lines a minute about changes: more than people make, and few where a stranger makes them. */
const MAX_LINES = 40;
/** How long after the answer to the subscription what the broker has kept is waited for: most send it with the answer. */
const RECALL_MS = 50;
/** At most one line of refusals in this time. */
const REFUSAL_INTERVAL_MS = 10_000;
/** Of a stranger's words in the log. */
const MAX_SHOWN = 40;

interface Command {
  camera: string;
  setting: keyof CameraSettings;
  /** Undefined: the command before is taken back. */
  text: string | undefined;
  /** The broker has kept it, from an earlier run for example. */
  retained: boolean;
}

export interface CommandParts {
  broker: Pick<Broker, 'retain' | 'subscribe' | 'renew'>;
  topics: Topics;
  /** By the camera's name. Cameras may come and go. */
  controls: ReadonlyMap<string, CameraControls>;
  /** Names of those in the settings now; the controls of one that is being started come later. */
  cameras(): readonly string[];
  clock: Clock;
  log: Log;
}

export class Commands {
  readonly #parts: CommandParts;
  readonly #errors: FrequentErrors;
  readonly #refusals: LimitedLog;
  /** The newest command of each setting that has not taken effect yet, by its topic. */
  readonly #pending = new Map<string, Command>();
  #timer: NodeJS.Timeout | undefined;
  /** For what has been changed a moment ago. */
  #later: NodeJS.Timeout | undefined;
  /** By topic, when a setting was changed last. */
  readonly #changedAt = new Map<string, number>();
  readonly #changes: LimitedLog;
  #stopped = false;
  #listening = false;
  /** What is gathered waits for {@link obeyRecalled}. */
  #recalling = false;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    this.#errors = new FrequentErrors(parts.log, parts.clock);
    this.#refusals = new LimitedLog(parts.log, parts.clock, {
      level: 'warn',
      what: 'refused commands',
      intervalMs: REFUSAL_INTERVAL_MS,
    });
    this.#changes = new LimitedLog(parts.log, parts.clock, {
      level: 'info',
      what: 'changes of settings',
      most: MAX_LINES,
    });
  }

  /**
   * Gathers the commands that the broker has kept, for {@link obeyRecalled}. Cameras need not be there yet.
   * @param answered Settles when the broker has answered the subscription to commands, or is not to be waited for.
   */
  async recall(answered: Promise<unknown>): Promise<void> {
    this.#recalling = true;
    this.#listen();
    await answered;
    await sleep(RECALL_MS);
    // Modules may have been loaded all the time.
    await pollForInput();
  }

  /**
   * Obeys what was recalled, to be called before any camera runs as the env file says: so no switch flickers, and a camera that was
   * switched off stays so.
   */
  obeyRecalled(): void {
    this.#recalling = false;
    this.#apply();
  }

  /** Publishes all states, and listens from now on. */
  start(): void {
    for (const camera of this.#parts.controls.keys()) this.#publishAll(camera);
    this.#listen();
  }

  /**
   * Publishes the states of cameras that are new or were read anew, and obeys what came for the new ones meanwhile. A retained
   * command stands above the env file then as at a start, so the broker is asked for those.
   */
  renew(cameras: Iterable<string>): void {
    this.#apply();
    for (const camera of cameras) this.#publishAll(camera);
    this.#parts.broker.renew(this.#parts.topics.settingCommands);
  }

  /** From now on commands are ignored: one that comes during the stop must not start a camera again. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#pending.clear();
    this.#refusals.stop();
    this.#changes.stop();
  }

  /**
   * Obeys a command of somebody who waits for it. Throws Unexpected when it is no valid one.
   * @param text As the payload of a message would have it.
   */
  command(camera: string, setting: keyof CameraSettings, text: string): void {
    this.#assertConfigured(camera);
    if (!this.#stopped) this.#obey({ camera, setting, text, retained: false });
  }

  #assertConfigured(camera: string): void {
    const cameras = this.#parts.cameras();
    if (cameras.includes(camera)) return;
    throw new Unexpected(`one of ${cameras.join(', ')}`, 'there is no such camera');
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    const { broker, topics } = this.#parts;
    broker.subscribe(topics.settingCommands, (topic, payload, retained) => {
      const parsed = topics.parse(topic);
      if (!this.#stopped && parsed?.kind === 'settingCommand') {
        this.#attempt(parsed, () => this.#gather(topic, parsed, payload, retained));
      }
    });
  }

  #gather(
    topic: string,
    { camera, setting }: { camera: string; setting: string },
    payload: Buffer,
    retained: boolean,
  ): void {
    this.#assertConfigured(camera);
    if (!isSetting(setting)) {
      throw new Unexpected(`one of ${SETTINGS.join(', ')}`, 'there is no such setting');
    }
    if (payload.length > MAX_BYTES) {
      throw new Unexpected(`at most ${MAX_BYTES} bytes`, `received ${payload.length} bytes`);
    }
    const text = payload.length === 0 ? undefined : payload.toString().trim();
    this.#pending.set(topic, { camera, setting, text, retained });
    if (!this.#recalling) this.#timer ??= setTimeout(() => this.#apply(), GATHER_MS);
  }

  #apply(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
    this.#timer = undefined;
    const { cameras, controls, clock } = this.#parts;
    const configured = cameras();
    const now = clock.monotonic();
    let wait = Infinity;
    for (const [topic, command] of [...this.#pending]) {
      // Its camera is being added: `renew` follows when its controls are there.
      if (!controls.has(command.camera) && configured.includes(command.camera)) continue;
      const early = (this.#changedAt.get(topic) ?? -Infinity) + CHANGE_INTERVAL_MS - now;
      if (early > 0) {
        wait = Math.min(wait, early);
        continue;
      }
      this.#pending.delete(topic);
      this.#attempt(command, () => {
        if (this.#obey(command)) this.#changedAt.set(topic, now);
      });
    }
    if (wait < Infinity) this.#later = setTimeout(() => this.#apply(), wait);
  }

  /** @returns Whether the setting is another now. */
  #obey<S extends keyof CameraSettings>(command: Command & { setting: S }): boolean {
    const { camera, setting, text } = command;
    const controls = this.#parts.controls.get(camera);
    // The camera has left the settings since the command came.
    if (controls === undefined) return false;
    // Number('') is 0, which a setting might allow.
    if (text === '') throw new Unexpected('a value', 'received a blank message');
    const value = text === undefined ? controls.configured(setting) : FORMS[setting].parse(text);
    const isNew = value !== controls.chosen(setting);
    if (isNew) {
      controls.set(setting, value);
      const reason = this.#reason(command, controls);
      this.#changes.write(`${setting} of camera ${camera} is ${inWords(setting, value)}${reason}`);
    }
    this.#publish(camera, setting, controls);
    return isNew;
  }

  /** Why a setting has its value: a command that the broker has kept may surprise whoever has changed the env file. */
  #reason<S extends keyof CameraSettings>(
    { camera, setting, text, retained }: Command & { setting: S },
    controls: CameraControls,
  ): string {
    const value = controls.configured(setting);
    const words = inWords(setting, value);
    const configured =
      value === undefined ? words : `the ${words} of ${cameraVariableName(camera, VARIABLES[setting])}`;
    if (text === undefined)
      return `${value === undefined ? '' : `, ${configured}`}: its command was taken back`;
    if (!retained) return ' by command';
    const topic = this.#parts.topics.settingCommand(camera, setting);
    return ` by a command that the broker has kept, not ${configured}; an empty retained message on ${topic} takes it back`;
  }

  /** A refusal is logged; any other error is a bug, which must not reach the MQTT client. */
  #attempt({ camera, setting }: { camera: string; setting: string }, step: () => void): void {
    try {
      step();
    } catch (error) {
      if (error instanceof Unexpected) {
        const which = { camera: shorten(camera), setting: shorten(setting) };
        this.#refusals.write(`command refused: ${error.message}; expected ${error.expected}`, which);
      } else {
        this.#errors.log('a command could not be obeyed', error);
      }
    }
  }

  #publishAll(camera: string): void {
    const owner = this.#parts.controls.get(camera);
    if (owner === undefined) return;
    for (const setting of SETTINGS) this.#publish(camera, setting, owner);
  }

  /** Also when nothing changed: whoever asked for it is shown what holds. */
  #publish<S extends keyof CameraSettings>(camera: string, setting: S, controls: CameraControls): void {
    const { broker, topics } = this.#parts;
    broker.retain(topics.settingState(camera, setting), FORMS[setting].format(controls.get(setting)));
  }
}

function inWords<S extends keyof CameraSettings>(setting: S, value: CameraChoices[S]): string {
  return value === undefined
    ? 'the model’s own of each label'
    : FORMS[setting].format(value as CameraSettings[S]);
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
