/** The sessions of one model, one for each shape of its input that pictures need. */
import { systemClock } from '../clock.js';
import { type InputShape, shapeText } from '../frame/input-shape.js';
import type { LoadedModel } from '../model/manifest.js';
import { fromAddon, type NativeDetector } from '../native/addon.js';
import type { Log } from '../observe/log.js';
import { type ChosenRuntime, median, sessionRequest } from '../runtime/choose.js';

/** A shape that a session is open for. */
export interface SessionInfo extends InputShape {
  /** Milliseconds of a bare inference when it was opened. */
  inferenceMs: number;
}

export interface SessionParts {
  /** Reads the model again: its bytes are not kept. */
  load: () => Promise<LoadedModel>;
  chosen: Pick<ChosenRuntime, 'native' | 'session' | 'inputShape' | 'library' | 'provider' | 'medianMs'>;
  threads: number;
  log: Log | undefined;
  /** Called when a session was opened or closed. */
  onChange: () => void;
}

interface Session {
  info: SessionInfo;
  /** The addon's number for it. */
  number: number;
  /** Whether a picture needed it. The first was opened for timing, before any picture was seen. */
  used: boolean;
}

/** As many as are kept: more shapes than any board has cameras of, but fewer than a folder of pictures may have. */
const MAX_SESSIONS = 8;
/** Inferences that time a new session while cameras wait for the thread. */
const TIMED_RUNS = 3;

export class Sessions {
  readonly #parts: SessionParts;
  /** By shape, used longest ago first. */
  readonly #open = new Map<string, Session>();
  readonly #opening = new Map<string, Promise<number>>();
  /** Shapes that a session was opened for at some time. */
  readonly #opened = new Set<string>();

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { chosen } = parts;
    const { inputShape } = chosen;
    const info = { ...inputShape, inferenceMs: chosen.medianMs };
    this.#open.set(shapeText(inputShape), { info, number: chosen.session, used: false });
  }

  /** The shapes that are open. */
  get infos(): SessionInfo[] {
    return [...this.#open.values()].map(({ info }) => info);
  }

  /** The number of the session for a shape, which counts as used; undefined where none is open yet. */
  find(shape: InputShape): number | undefined {
    const key = shapeText(shape);
    const session = this.#open.get(key);
    if (session === undefined) return undefined;
    session.used = true;
    this.#open.delete(key);
    this.#open.set(key, session);
    return session.number;
  }

  /** Opens a session for a shape that has none. Rejects with MODEL, PROVIDER, RUNTIME, or CLOSED when the detector is. */
  open(shape: InputShape): Promise<number> {
    const key = shapeText(shape);
    const opening =
      this.#opening.get(key) ?? this.#openNew(shape, key).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #openNew(shape: InputShape, key: string): Promise<number> {
    const { load, chosen, threads, log, onChange } = this.#parts;
    const { native, library, provider } = chosen;
    const began = systemClock.monotonic();
    const model = await load();
    // Before the new one takes its memory.
    for (const [other, session] of this.#open) {
      if (session.used && this.#open.size < MAX_SESSIONS) continue;
      this.#open.delete(other);
      await release(native, session);
    }
    try {
      const request = sessionRequest(model, { library, provider, threads }, shape);
      const { session } = await native.open(request);
      const inferenceMs = median(await native.bare(session, TIMED_RUNS));
      this.#open.set(key, { info: { ...shape, inferenceMs }, number: session, used: true });
      // Where there are more shapes than sessions, one is opened with every other picture.
      const level = this.#opened.has(key) ? 'debug' : 'info';
      this.#opened.add(key);
      log?.[level](
        `${model.name} is ready for ${key} pixels: ${inferenceMs.toFixed(1)} ms, opened in ${Math.round(systemClock.monotonic() - began)} ms`,
      );
      onChange();
      return session;
    } catch (error) {
      throw fromAddon(error);
    }
  }
}

async function release(native: NativeDetector, { number }: Session): Promise<void> {
  try {
    await native.release(number);
  } catch (error) {
    throw fromAddon(error);
  }
}
