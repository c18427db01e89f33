/**
 * Cameras that are not in the settings any more, as an earlier run or other settings have left them on the broker. They are kept for a
 * grace, so that a trial with one camera fewer takes nothing away: until the second start without the camera, or for a day. Till
 * then its retained state says that it is offline and since when it is missing, for nobody else would; then all of it is cleared.
 */
import { EventEmitter } from 'node:events';
import type { Clock } from '../clock.js';
import { isCameraName } from '../config/values.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import type { Broker } from './broker.js';
import { type CameraStatePayload, formerCameraPayload } from './payloads.js';
import type { Topics } from './topics.js';

const GRACE_MS = 24 * 60 * 60 * 1000;
/**
 * From the moment that an announcement is taken back until the states are cleared: Home Assistant, which removes entities in its own
 * time, logs an error for each that it still has when a state becomes empty.
 */
export const SETTLE_MS = 2000;
/** No daemon has had more; names beyond are a stranger's, and cleared at once. */
const MAX_KEPT = 100;
/** So many cameras are named in a minute: more than a board has, and few where a stranger makes them up. */
const MAX_LINES = 40;
const MAX_STATE_BYTES = 10_000;

export interface FormerCamerasParts {
  broker: Pick<Broker, 'subscribe' | 'retain' | 'clear' | 'clearBelow'>;
  topics: Topics;
  /** Whether a camera is in the settings now. */
  isConfigured(camera: string): boolean;
  clock: Clock;
  log: Log;
  graceMs?: number;
}

interface Kept {
  /** As it was published: by this a marker of this run differs from one of an earlier run. */
  removedAt: string;
  timer: NodeJS.Timeout;
}

/** Emits `forget` when what announces a camera is to be taken back, and then `clear`, when what is retained of it is to be cleared. */
export class FormerCameras extends EventEmitter<{ forget: [camera: string]; clear: [camera: string] }> {
  readonly #parts: FormerCamerasParts;
  readonly #kept = new Map<string, Kept>();
  /** Cameras that this run has had: of others it has published nothing that would have to be cleared. */
  readonly #left = new Set<string>();
  readonly #forgotten = new Set<string>();
  /** Of those that are forgotten and not yet cleared. */
  readonly #clearing = new Map<string, NodeJS.Timeout>();
  readonly #lines: LimitedLog;
  #stopped = false;

  constructor(parts: FormerCamerasParts) {
    super();
    this.#parts = parts;
    this.#lines = new LimitedLog(parts.log, parts.clock, {
      level: 'info',
      what: 'lines about cameras that are not in the settings',
      most: MAX_LINES,
    });
  }

  /** To be called before others that look for what earlier runs have left. */
  start(): void {
    const { broker, topics } = this.#parts;
    broker.subscribe(topics.cameraStates, (topic, payload, retained) => {
      const parsed = topics.parse(topic);
      if (this.#stopped || parsed?.kind !== 'cameraState' || !this.isFormer(parsed.camera)) return;
      if (payload.length > 0) {
        if (retained) this.#onEarlierState(parsed.camera, payload);
      } else if (this.#kept.has(parsed.camera)) {
        // Somebody else has cleared it: `ghostcam forget`, which has taken the announcement back before.
        this.#forget(parsed.camera);
        this.#clear(parsed.camera);
      }
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const { timer } of this.#kept.values()) clearTimeout(timer);
    for (const timer of this.#clearing.values()) clearTimeout(timer);
    this.#lines.stop();
  }

  /** The camera is not in the settings any more. */
  left(camera: string): void {
    this.#left.add(camera);
    this.noticed(camera);
  }

  /** Something is retained of this camera, which is not in the settings: its grace begins, unless it has begun or is over. */
  noticed(camera: string): void {
    if (this.#stopped || this.#kept.has(camera) || this.#forgotten.has(camera)) return;
    if (this.#kept.size >= MAX_KEPT) {
      this.#forget(camera);
      return;
    }
    const { broker, topics, clock, graceMs = GRACE_MS } = this.#parts;
    const payload = formerCameraPayload(clock.wallTime());
    const timer = setTimeout(() => this.#forget(camera), graceMs).unref();
    this.#kept.set(camera, { removedAt: payload.removedAt, timer });
    this.#lines.write(
      `camera ${camera} is not in the settings: what is retained of it goes at the next start without it, in a day, or by \`ghostcam forget ${camera}\``,
    );
    broker.retain(topics.cameraState(camera), JSON.stringify(payload));
  }

  /** The camera is in the settings again. */
  returned(camera: string): void {
    clearTimeout(this.#kept.get(camera)?.timer);
    this.#kept.delete(camera);
    this.#forgotten.delete(camera);
    this.#cancelClearing(camera);
  }

  /** Whether it is the name of a camera that is not in the settings. */
  isFormer(camera: string): boolean {
    return isCameraName(camera) && !this.#parts.isConfigured(camera);
  }

  /** Whether what is retained of it was cleared, and what is found later is to be cleared too. */
  isForgotten(camera: string): boolean {
    return this.#forgotten.has(camera);
  }

  /** An announcement of a camera that is forgotten has been found and taken back: what it showed is cleared some time after that. */
  clearLater(camera: string): void {
    this.#cancelClearing(camera);
    this.#clearing.set(camera, setTimeout(() => this.#clear(camera), SETTLE_MS).unref());
  }

  #onEarlierState(camera: string, payload: Buffer): void {
    const marker = removedAt(payload);
    // A marker that this run has not published is of an earlier start without the camera.
    if (marker === undefined) this.noticed(camera);
    else if (marker !== this.#kept.get(camera)?.removedAt) this.#forget(camera);
  }

  #forget(camera: string): void {
    this.returned(camera);
    if (this.#forgotten.size >= MAX_KEPT) this.#forgotten.clear();
    this.#forgotten.add(camera);
    this.#lines.write(`camera ${camera} is no longer there: clearing what is retained of it`);
    this.emit('forget', camera);
    this.clearLater(camera);
  }

  #clear(camera: string): void {
    const { broker, topics } = this.#parts;
    this.#cancelClearing(camera);
    this.emit('clear', camera);
    if (this.#left.delete(camera)) broker.clearBelow(topics.cameraPrefix(camera));
    broker.clear(topics.cameraState(camera));
  }

  #cancelClearing(camera: string): void {
    clearTimeout(this.#clearing.get(camera));
    this.#clearing.delete(camera);
  }
}

function removedAt(payload: Buffer): string | undefined {
  if (payload.length > MAX_STATE_BYTES) return undefined;
  try {
    const { removedAt } = (JSON.parse(payload.toString()) ?? {}) as Partial<CameraStatePayload>;
    return typeof removedAt === 'string' ? removedAt : undefined;
  } catch {
    return undefined;
  }
}
