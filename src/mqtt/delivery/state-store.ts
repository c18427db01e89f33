/**
 * The delivery class of states, which are retained. Only the newest value of a topic counts; all are published again on every connect. While the socket is
 * congested, as by pictures on a slow line, they are held back: see backlog.ts.
 */
import type { Properties } from '../limits.js';
import type { Session } from '../session.js';
import { Backlog } from './backlog.js';
import type { DeliveryErrors } from './delivery-errors.js';

/** A retained message without a payload removes the one that is there (MQTT 3.1.1, 3.3.1.3). */
const NOTHING = '';

export interface State {
  payload: string | Buffer;
  qos: 0 | 1;
  properties: Properties;
}

export class StateStore {
  readonly #errors: DeliveryErrors;
  readonly #states = new Map<string, State>();
  readonly #backlog = new Backlog((topic) => this.repeat(topic));
  readonly #unacknowledged = new Set<Promise<void>>();
  /** Only while it is connected. */
  #session: Session | undefined;

  constructor(errors: DeliveryErrors) {
    this.#errors = errors;
  }

  get topics(): string[] {
    return [...this.#states.keys()];
  }

  /** Publishes a state, now or on the next connect, and again on every later one. */
  set(topic: string, state: State): void {
    const before = this.#states.get(topic)?.payload;
    if (before === state.payload) return;
    this.#states.set(topic, { ...state, payload: kept(state.payload, before) });
    this.repeat(topic);
  }

  /** Clears what is retained on a topic, now or on the next connect, also when an earlier run of the daemon has put it there. */
  clear(topic: string): void {
    this.set(topic, { payload: NOTHING, qos: 1, properties: {} });
  }

  /** Somebody else has cleared what was retained on a topic: it is not published again. */
  release(topic: string): void {
    this.#states.delete(topic);
  }

  /** Whether there is something on the topic. */
  has(topic: string): boolean {
    return (this.#states.get(topic)?.payload ?? NOTHING) !== NOTHING;
  }

  /** Publishes the state of a topic once more. */
  repeat(topic: string): void {
    const state = this.#states.get(topic);
    if (state !== undefined && this.#session !== undefined) this.#publish(this.#session, topic, state);
  }

  /** Publishes once more what the broker forgets after a time. */
  repeatExpiring(): void {
    for (const [topic, { properties }] of this.#states) {
      if (properties.messageExpiryInterval !== undefined) this.repeat(topic);
    }
  }

  connected(session: Session): void {
    this.#session = session;
    for (const [topic, state] of this.#states) this.#publish(session, topic, state);
  }

  disconnected(): void {
    this.#session = undefined;
    this.#backlog.clear();
    // What was on its way is published again on the next connect.
    this.#unacknowledged.clear();
  }

  /** Resolves when everything that was given was acknowledged. */
  async settled(): Promise<void> {
    await this.#backlog.emptied();
    await Promise.all(this.#unacknowledged);
  }

  #publish(session: Session, topic: string, state: State): void {
    // Nothing overtakes what waits: a discovery message comes before the states of what it removes.
    if (session.holdsBack || !this.#backlog.isEmpty) {
      this.#backlog.add(topic, session);
      return;
    }
    const acknowledged = this.#deliver(session, topic, state).finally(() =>
      this.#unacknowledged.delete(acknowledged),
    );
    this.#unacknowledged.add(acknowledged);
  }

  async #deliver(session: Session, topic: string, { payload, qos, properties }: State): Promise<void> {
    // Another picture may lie there before this one is sent.
    const own = typeof payload === 'string' ? payload : Buffer.from(payload);
    try {
      await session.publish(topic, own, { qos, retain: true, properties });
      this.#errors.succeeded(topic);
      // Once cleared, it stays cleared: it need not be published again.
      if (payload === NOTHING && this.#states.get(topic)?.payload === NOTHING) this.#states.delete(topic);
    } catch (error) {
      // After the end of a connection the state is published again on the next one.
      this.#errors.failed(topic, error as Error);
    }
  }
}

/** Room for a picture is a multiple of so many bytes. */
const PICTURE_STEP = 16_384;

/**
 * What is kept of a payload: of a picture a copy, in the memory of the one that it replaces where that is large enough. V8 counts the bytes
 * of pictures that live for a while, and would collect its whole heap for them.
 */
function kept(payload: State['payload'], before: State['payload'] | undefined): State['payload'] {
  if (typeof payload === 'string') return payload;
  const { length } = payload;
  const room = typeof before === 'object' ? before.buffer : undefined;
  const memory =
    room !== undefined && room.byteLength >= length
      ? room
      : new ArrayBuffer(PICTURE_STEP * Math.ceil(length / PICTURE_STEP));
  const copy = Buffer.from(memory, 0, length);
  copy.set(payload);
  return copy;
}
