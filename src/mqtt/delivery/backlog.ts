/** Topics whose state waits until the socket has sent what it holds: by then only the newest value of each counts. */
import type { Session } from '../session.js';

export class Backlog {
  readonly #publish: (topic: string) => void;
  readonly #topics = new Set<string>();
  /** Whose socket is waited for. */
  #session: Session | undefined;
  #waiting: (() => void)[] = [];

  /** @param publish Publishes a topic's state, or adds it again when the socket is full once more. */
  constructor(publish: (topic: string) => void) {
    this.#publish = publish;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  add(topic: string, session: Session): void {
    this.#topics.add(topic);
    if (this.#session === session) return;
    this.#session = session;
    session.onDrain(() => {
      if (this.#session === session) this.#flush();
    });
  }

  /** The connection is gone; on the next one all states are published anyway. */
  clear(): void {
    this.#topics.clear();
    this.#session = undefined;
    this.#resolve();
  }

  /** Resolves when nothing is held back. */
  emptied(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#topics.size === 0) this.#resolve();
    });
  }

  #flush(): void {
    this.#session = undefined;
    const topics = [...this.#topics];
    this.#topics.clear();
    for (const topic of topics) this.#publish(topic);
    if (this.#topics.size === 0) this.#resolve();
  }

  #resolve(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
