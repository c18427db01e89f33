/**
 * The connection to the broker, made anew until `stop`, and the three classes of delivery, which differ in what happens without it:
 *  - transient, `send`: worth something only now (detections, health). Dropped and counted while offline or while the socket is
 *    congested.
 *  - state, `retain`: only the newest value of a topic counts; see delivery/state-store.ts.
 *  - event, `event`: waits for the broker and is published once; see delivery/event-queue.ts.
 * Subscriptions are kept over every reconnect.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrokerAddress } from '../address/broker.js';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { isMqttString, isTopicName } from '../mqtt-strings.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import { Acknowledgements } from './acknowledgements.js';
import { type ConnectionOptions, connectionOptions } from './connection-options.js';
import { type Attempt, ConnectionTerms, type LastWill } from './connection-terms.js';
import { DeliveryErrors } from './delivery/delivery-errors.js';
import { EventQueue } from './delivery/event-queue.js';
import { StateStore } from './delivery/state-store.js';
import { type BrokerLimits, NO_LIMITS, type Properties, packetOverhead, STATE_EXPIRY_S } from './limits.js';
import {
  CLOSED_WITHOUT_ANSWER,
  explainBrokerError,
  isRefusal,
  REASON,
  reasonSentence,
} from './reason-sentences.js';
import { ReconnectPause } from './reconnect-pause.js';
import { Session, type SessionEnd } from './session.js';
import { SizeSuspicion } from './size-suspicion.js';
import { matchesFilter } from './topics.js';

/** What is retained on a filter's topics comes with the answer to the subscription; behind a slow line, within this time. */
const RETAINED_MS = 10_000;
/** At most one line about forbidden topics in this time. */
const FORBIDDEN_TOPICS_INTERVAL_MS = 10_000;
/** Lines a minute about connections, of either kind: a broker or a proxy may accept and end them in turn. */
const MAX_CONNECTION_LINES = 10;

/** Called with each message; `retained` when it was published before the subscription. */
export type MessageHandler = (topic: string, payload: Buffer, retained: boolean) => void;

interface Subscription {
  filter: string;
  handler: MessageHandler;
  /** Only what is retained is wanted, so that it ends when that has come. */
  retainedOnly: boolean;
}

/** Emits `answered` when a subscription was granted or refused, with its filter. */
export class Broker extends EventEmitter<{ connected: []; answered: [filter: string] }> {
  readonly #config: MqttConfig;
  readonly #log: Log;
  /** Of our handlers of messages. */
  readonly #bugs: FrequentErrors;
  readonly #connections: LimitedLog;
  readonly #problems: LimitedLog;
  readonly #clock: Clock;
  readonly #terms: ConnectionTerms;
  readonly #errors: DeliveryErrors;
  readonly #forbidden: LimitedLog;
  readonly #states: StateStore;
  readonly #events: EventQueue;
  readonly #subscriptions: Subscription[] = [];
  readonly #suspicion: SizeSuspicion;
  readonly #acknowledgements: Acknowledgements;
  readonly #pause = new ReconnectPause();
  readonly #stopping = new AbortController();
  #options: ConnectionOptions | undefined;
  #session: Session | undefined;
  #attempts = 0;
  /** As the last connection said. */
  #limits = NO_LIMITS;
  /** What was logged last of each server, by its index, so that it is logged once. */
  readonly #lastProblems = new Map<number, string>();
  readonly #loggedLacking = new Set<string>();
  #renewal: NodeJS.Timeout | undefined;
  #dropped = 0;

  constructor(config: MqttConfig, will: LastWill, log: Log, clock: Clock) {
    super();
    this.#config = config;
    this.#log = log;
    this.#bugs = new FrequentErrors(log, clock);
    const about = (level: 'info' | 'warn', what: string) =>
      new LimitedLog(log, clock, {
        level,
        what,
        most: MAX_CONNECTION_LINES,
      });
    this.#connections = about('info', 'connections to the broker');
    this.#problems = about('warn', 'times that there was no connection to the broker');
    this.#clock = clock;
    this.#terms = new ConnectionTerms(config, will);
    this.#errors = new DeliveryErrors(log, clock);
    this.#forbidden = new LimitedLog(log, clock, {
      level: 'warn',
      what: 'messages to topics that MQTT forbids',
      intervalMs: FORBIDDEN_TOPICS_INTERVAL_MS,
    });
    this.#states = new StateStore(this.#errors);
    this.#events = new EventQueue(log, this.#errors, clock);
    this.#suspicion = new SizeSuspicion(clock);
    this.#acknowledgements = new Acknowledgements(clock);
  }

  /** Messages given to `send` or `event` that were dropped so far. */
  get dropped(): number {
    return this.#dropped + this.#events.dropped;
  }

  /** Events that the broker has not acknowledged yet. */
  get waitingEvents(): number {
    return this.#events.waiting;
  }

  get connected(): boolean {
    return this.#session?.connected ?? false;
  }

  /** Reads the TLS files and begins to connect; retries until `stop`. Rejects only for unusable settings. */
  async start(): Promise<void> {
    this.#options = await connectionOptions(this.#config);
    void this.#run();
    this.#renewal = setInterval(() => this.#states.repeatExpiring(), (STATE_EXPIRY_S * 1000) / 3);
    this.#renewal.unref();
  }

  /** Publishes at QoS 0, or drops the message: see above. True when it was handed to the socket. */
  send(topic: string, payload: string): boolean {
    const session = this.#session;
    if (!this.#isPublishable(topic) || !session?.connected || session.congested) {
      this.#dropped++;
      return false;
    }
    void this.#sendOn(session, topic, payload);
    return true;
  }

  /** Publishes at QoS 1, now or as soon as the broker is there; `late: true` is added to what waited. Not retained. */
  event(topic: string, message: object): void {
    if (this.#isPublishable(topic)) this.#events.push(topic, message);
    else this.#dropped++;
  }

  /** Publishes a retained state, now or on the next connect, and again on every later one. */
  retain(topic: string, payload: string | Buffer, qos: 0 | 1 = 1, properties: Properties = {}): void {
    if (this.#isPublishable(topic, properties)) this.#states.set(topic, { payload, qos, properties });
  }

  /** Whether the topic has a state of this run. */
  retains(topic: string): boolean {
    return this.#states.has(topic);
  }

  /** Publishes the state of a topic once more, for somebody who may have missed it. */
  repeat(topic: string): void {
    this.#states.repeat(topic);
  }

  /** Clears what is retained on a topic, now or on the next connect, also when an earlier run of the daemon has put it there. */
  clear(topic: string): void {
    if (this.#isPublishable(topic)) this.#states.clear(topic);
  }

  /** Somebody else has cleared what was retained on a topic: it is not published again. */
  release(topic: string): void {
    this.#states.release(topic);
  }

  /** Clears all that was retained by this run on topics that begin so. */
  clearBelow(prefix: string): void {
    for (const topic of this.#states.topics) if (topic.startsWith(prefix)) this.clear(topic);
  }

  /** Bytes that a payload may have on this topic, as far as the broker's limit is known; Infinity while it is not. */
  maximumPayload(topic: string, properties: Properties = {}): number {
    // Of a limit that was found by trying it is only known where it ends: half of that is likely to pass.
    const known = Math.min(this.#limits.maximumPacketSize, this.#suspicion.limit / 2);
    return Math.floor(known - packetOverhead(topic, properties));
  }

  /** From now on, or from the next connect on, `handler` is called with messages on topics that match; `+` is any one level. */
  subscribe(filter: string, handler: MessageHandler): void {
    this.#subscribe({ filter, handler, retainedOnly: false });
  }

  /** Likewise with what is retained on these topics, after every connect; what is published later is of no interest, and not sent. */
  search(filter: string, handler: MessageHandler): void {
    this.#subscribe({ filter, handler, retainedOnly: true });
  }

  /** Asks for what is subscribed to once more: the broker publishes again what is retained there. */
  renew(filter: string): void {
    if (this.#session?.connected) void this.#requestSubscription(this.#session, filter);
  }

  #subscribe(subscription: Subscription): void {
    this.#subscriptions.push(subscription);
    if (this.#session?.connected) void this.#request(this.#session, subscription);
  }

  /** Waits until what was published is acknowledged, or `timeoutMs` has passed, then disconnects. */
  async stop(timeoutMs: number): Promise<void> {
    clearInterval(this.#renewal);
    const settled = await Promise.race([
      this.#settled().then(() => true),
      sleep(timeoutMs, false, { ref: false }),
    ]);
    this.#stopping.abort();
    await this.#session?.close(settled && this.connected);
  }

  /** Resolves when everything that was given was acknowledged, as far as there is a connection. */
  async #settled(): Promise<void> {
    await this.#states.settled();
    if (this.connected) await this.#events.drained();
  }

  /** Never rejects: whatever ends a connection, the next one follows until `stop`. */
  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const attempt = {
        version: this.#terms.version,
        server: this.#attempts++ % this.#config.servers.length,
      };
      const end = await this.#connect(attempt);
      this.#session = undefined;
      this.#states.disconnected();
      this.#events.disconnected();
      if (signal.aborted) return;
      await this.#clock.sleep(this.#afterEnd(end, attempt), signal);
    }
  }

  async #connect(attempt: Attempt): Promise<SessionEnd> {
    const { shared, servers = [] } = this.#options ?? {};
    try {
      this.#session = new Session({
        options: { ...shared, ...servers[attempt.server], ...this.#terms.optionsFor(attempt.server) },
        suspicion: this.#suspicion,
        acknowledgements: this.#acknowledgements,
        clock: this.#clock,
        onAccepted: (session) => this.#onAccepted(session, attempt),
        onMessage: (topic, payload, retained) => this.#onMessage(topic, payload, retained),
      });
    } catch (error) {
      return { accepted: false, error: error as Error, lastedMs: 0 };
    }
    return this.#session.ended;
  }

  #onAccepted(session: Session, attempt: Attempt): void {
    this.#lastProblems.clear();
    this.#terms.accepted(attempt);
    this.#limits = session.announcedLimits;
    this.#connections.write(`connected to the broker ${this.#serverName(attempt)}, MQTT ${attempt.version}`);
    this.#logLacking(session.limits);
    // In this order a subscriber is shown what an earlier run has left on a topic before our state replaces it.
    for (const subscription of this.#subscriptions) void this.#request(session, subscription);
    this.#states.connected(session);
    this.#events.connected(session);
    this.emit('connected');
  }

  #onMessage(topic: string, payload: Buffer, retained: boolean): void {
    for (const { filter, handler } of this.#subscriptions) {
      if (!matchesFilter(topic, filter)) continue;
      try {
        handler(topic, payload, retained);
      } catch (error) {
        this.#bugs.log('a message from the broker could not be handled', error);
      }
    }
  }

  /** Logs why a connection has ended and learns from it. Returns how long to wait before the next attempt, in milliseconds. */
  #afterEnd(end: SessionEnd, attempt: Attempt): number {
    const { accepted, reasonCode, error } = end;
    const tooLarge = reasonCode === REASON.packetTooLarge;
    const unexplained = accepted && reasonCode === undefined && error === undefined;
    // Who says a limit does not close the connection for the size of what is below it.
    const saysLimit = Number.isFinite(this.#limits.maximumPacketSize);
    const suspect = tooLarge || (unexplained && !saysLimit) ? this.#suspicion.closed(tooLarge) : undefined;
    if (suspect?.putAside) this.#errors.putAside(suspect.topic, suspect.bytes);
    const pause = this.#pause.after(end, suspect !== undefined);
    if (!accepted && this.#terms.failed(end, attempt)) {
      this.#log.debug('the broker did not accept the connection as it was: less is asked for');
      return reasonCode === undefined ? pause : 0;
    }
    this.#report(this.#explain(end), attempt);
    return pause;
  }

  #explain({ accepted, reasonCode, error, serverReference }: SessionEnd): string {
    if (reasonCode === REASON.sessionTakenOver) return this.#takeoverSentence();
    if (reasonCode !== undefined) return reasonSentence(reasonCode, serverReference);
    if (error !== undefined) return explainBrokerError(error, accepted);
    if (!accepted) return CLOSED_WITHOUT_ANSWER;
    if (!this.#pause.suspectsTakeover) return 'the connection was closed';
    return `it accepts and closes one connection after the other; most likely ${this.#takeoverSentence()}`;
  }

  #takeoverSentence(): string {
    return `${reasonSentence(REASON.sessionTakenOver)}; here it is ${JSON.stringify(this.#config.clientId)}`;
  }

  /** What the broker does not offer is logged once. */
  #logLacking(limits: BrokerLimits): void {
    for (const sentence of this.#terms.lacking(limits)) {
      if (this.#loggedLacking.has(sentence)) continue;
      this.#loggedLacking.add(sentence);
      this.#log.warn(`of the broker: ${sentence}`);
    }
  }

  async #sendOn(session: Session, topic: string, payload: string): Promise<void> {
    try {
      await session.publish(topic, payload, { qos: 0 });
    } catch (error) {
      this.#dropped++;
      this.#errors.failed(topic, error as Error);
    }
  }

  async #request(session: Session, { filter, retainedOnly }: Subscription): Promise<void> {
    await this.#requestSubscription(session, filter);
    if (!retainedOnly) return;
    const { signal } = this.#stopping;
    await this.#clock.sleep(RETAINED_MS, signal);
    if (!signal.aborted) await session.unsubscribe(filter);
  }

  async #requestSubscription(session: Session, filter: string): Promise<void> {
    try {
      await session.subscribe(filter);
      this.#errors.access.allowed('subscribe', filter);
    } catch (error) {
      // The connection has ended; it is requested again on the next one.
      if (!isRefusal(error as Error)) return;
      this.#errors.access.denied('subscribe', filter, error as Error);
    }
    this.emit('answered', filter);
  }

  /** What MQTT forbids would make the broker close the connection, again and again. */
  #isPublishable(topic: string, { contentType = '', userProperties = {} }: Properties = {}): boolean {
    const strings = [contentType, ...Object.entries(userProperties).flat()];
    if (isTopicName(topic) && strings.every(isMqttString)) return true;
    const shown = JSON.stringify(topic.slice(0, 100));
    this.#forbidden.write(`nothing is published to a topic that MQTT forbids: ${shown}`);
    return false;
  }

  /** One line for each new problem, not one for each attempt. */
  #report(problem: string, attempt: Attempt): void {
    if (problem === this.#lastProblems.get(attempt.server)) return;
    this.#lastProblems.set(attempt.server, problem);
    this.#problems.write(`no connection to the broker: ${problem}; trying again until it works`, {
      broker: this.#serverName(attempt),
    });
  }

  #serverName({ server }: Attempt): string {
    return (this.#config.servers[server] as BrokerAddress).display();
  }
}
