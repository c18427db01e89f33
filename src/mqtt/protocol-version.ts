/** Which version of MQTT the next attempt to connect speaks. */

export type MqttVersion = '5' | '3.1.1';

/** Connections on 3.1.1 after a failure on 5 that show that the broker is one that cannot speak 5. */
const PROOFS = 2;

/**
 * 5 says why a message is refused and how large one may be, so it is tried first. Brokers that do not know it refuse, close the
 * connection or fall silent; then 3.1.1 is tried.
 */
export class ProtocolVersion {
  readonly #fixed: MqttVersion | undefined;
  readonly #servers: number;
  /** Attempts without an answer since the last connection. */
  #unanswered = 0;
  #proofs = 0;

  /**
   * @param setting MQTT_VERSION.
   * @param servers How many are tried in turn: each must be tried with either version.
   */
  constructor(setting: MqttVersion | 'auto', servers: number) {
    this.#fixed = setting === 'auto' ? undefined : setting;
    this.#servers = servers;
  }

  get next(): MqttVersion {
    if (this.#fixed !== undefined) return this.#fixed;
    if (this.#proofs >= PROOFS) return '3.1.1';
    return Math.floor(this.#unanswered / this.#servers) % 2 === 0 ? '5' : '3.1.1';
  }

  /** Whether an attempt that fails may be followed by one on the other version. */
  get isOpen(): boolean {
    return this.#fixed === undefined && this.#proofs < PROOFS;
  }

  /** The broker says that it does not know the version. */
  refused(): void {
    this.#proofs = PROOFS;
  }

  /** The broker took the connection of the transport and closed it, or said nothing. */
  unanswered(): void {
    this.#unanswered += 1;
  }

  connected(version: MqttVersion): void {
    // A broker that was just restarting may have failed to answer: one proof is not enough to stay on 3.1.1.
    if (version === '3.1.1' && this.isOpen) this.#proofs += 1;
    this.#unanswered = 0;
  }
}
