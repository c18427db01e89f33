/** Topics of which the log has said what is wrong, and that nothing has passed on since. */

/** A few hundred for each of sixteen cameras. Topics can be made of what others publish: the oldest is forgotten, and named again. */
const CAPACITY = 4096;

export class NamedTopics {
  /** Sets keep the order in which they were filled. */
  readonly #topics = new Set<string>();

  /** Whether the topic is new. */
  add(topic: string): boolean {
    if (this.#topics.has(topic)) return false;
    if (this.#topics.size === CAPACITY) this.#topics.delete(this.#topics.values().next().value as string);
    this.#topics.add(topic);
    return true;
  }

  delete(topic: string): void {
    this.#topics.delete(topic);
  }
}
