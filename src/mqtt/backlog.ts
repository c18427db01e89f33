/** Topics whose state is to be published when the socket has sent what it holds: by then only the newest value of each counts. */
import type { Writable } from 'node:stream';

export class Backlog {
  readonly #publish: (topic: string) => void;
  readonly #topics = new Set<string>();
  /** The socket that is waited for. */
  #stream: Writable | undefined;
  #waiting: (() => void)[] = [];

  /** @param publish Publishes a topic's state, or adds it again when the socket is full once more. */
  constructor(publish: (topic: string) => void) {
    this.#publish = publish;
  }

  add(topic: string, stream: Writable): void {
    this.#topics.add(topic);
    if (this.#stream === stream) return;
    this.#stream = stream;
    stream.once('drain', () => {
      if (this.#stream === stream) this.#flush();
    });
  }

  /** The connection is gone; whoever makes a new one publishes all states anyway. */
  clear(): void {
    this.#topics.clear();
    this.#stream = undefined;
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
    this.#stream = undefined;
    const topics = [...this.#topics];
    this.#topics.clear();
    for (const topic of topics) this.#publish(topic);
    if (this.#topics.size === 0) this.#resolve();
  }

  #resolve(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
