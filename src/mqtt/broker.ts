/**
 * The connection to the broker and the rules of what happens without it. mqtt.js reconnects; its own queues are kept
 * empty, because they are unbounded and would flood the broker with stale frames after an outage:
 *  - `send`: worth something only now (detections, health). Dropped and counted while offline or while the
 *    socket is congested.
 *  - `retain`: a state. Only the newest value of a topic counts; all are published again on every connect. While the
 *    socket is congested, as by pictures on a slow line, they are held back: see backlog.ts.
 *  - `event`: something that happened. Waits for the broker and is told once: see event-queue.ts.
 *  - `subscribe`: kept over every reconnect.
 */
import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import type { Clock } from '../clock.js';
import type { MqttConfig } from '../config/types.js';
import { GhostcamError } from '../errors.js';
import { isTopicName } from '../mqtt-strings.js';
import { LimitedLog } from '../observe/limited-log.js';
import type { Log } from '../observe/log.js';
import { AccessErrors } from './access-errors.js';
import { Backlog } from './backlog.js';
import { connectionOptions } from './connection-options.js';
import { EventQueue } from './event-queue.js';
import { explainBrokerError, isRefusal, isUnsupportedProtocolVersion } from './reasons.js';
import { matchesFilter } from './topics.js';

/** Bytes that may wait in the socket before frames are dropped: many seconds of detections, still little memory. */
const CONGESTED_BYTES = 1 << 20;
/** A broker that comes back must not meet all of its nodes in the same instant. */
const RECONNECT_MIN_MS = 1000;
const RECONNECT_SPREAD_MS = 2000;

/** At most one line about them in this time. */
const FORBIDDEN_TOPICS_INTERVAL_MS = 60_000;

/** A retained message without a payload removes the one that is there (MQTT 3.1.1, 3.3.1.3). */
const NOTHING = '';

export interface LastWill {
  topic: string;
  payload: string;
}

/** Called with each message; `retained` when it was published before the subscription. Must not throw. */
export type MessageHandler = (topic: string, payload: Buffer, retained: boolean) => void;

/** What MQTT 5 carries beside a payload; older protocols leave it out. */
export interface Properties {
  contentType?: string;
  userProperties?: Record<string, string>;
}

interface State {
  payload: string | Buffer;
  qos: 0 | 1;
  properties?: Properties;
}

interface Subscription {
  filter: string;
  handler: MessageHandler;
}

export class Broker extends EventEmitter<{ connected: [] }> {
  readonly #config: MqttConfig;
  readonly #will: LastWill;
  readonly #log: Log;
  readonly #states = new Map<string, State>();
  readonly #accessErrors: AccessErrors;
  readonly #forbidden: LimitedLog;
  readonly #events: EventQueue;
  readonly #subscriptions: Subscription[] = [];
  readonly #backlog = new Backlog((topic) => this.repeat(topic));
  readonly #unacknowledged = new Set<Promise<void> | undefined>();
  #client: MqttClient | undefined;
  /** The problem that was logged last, so that it is logged once. */
  #lastProblem: string | undefined;
  /** The broker refused MQTT 5, and the next attempt speaks 3.1.1. */
  #changingVersion = false;
  #dropped = 0;

  constructor(config: MqttConfig, will: LastWill, log: Log, clock: Clock) {
    super();
    this.#config = config;
    this.#will = will;
    this.#log = log;
    this.#accessErrors = new AccessErrors(log);
    this.#forbidden = new LimitedLog(log, clock, FORBIDDEN_TOPICS_INTERVAL_MS);
    this.#events = new EventQueue(log, this.#accessErrors, clock);
  }

  /** Messages given to `send` or `event` that were dropped so far. */
  get dropped(): number {
    return this.#dropped + this.#events.dropped;
  }

  get connected(): boolean {
    return this.#client?.connected ?? false;
  }

  /** Reads the TLS files and begins to connect; retries until `stop`. Rejects only for unusable TLS files. */
  async start(): Promise<void> {
    const options = await this.#options();
    let client: MqttClient;
    try {
      client = connect(options);
    } catch (error) {
      // The first connection attempt parses the TLS files; a broken one throws here, not later.
      throw new GhostcamError('MQTT', `the TLS files cannot be used: ${(error as Error).message}`, {
        remedy:
          'MQTT_CA, MQTT_CERT and MQTT_KEY must be PEM files, and the key must belong to the certificate',
        cause: error,
      });
    }
    this.#client = client;
    client.on('connect', () => {
      this.#lastProblem = undefined;
      this.#changingVersion = false;
      this.#log.info('connected to the broker', { broker: this.#config.servers[0].display() });
      // In this order a handler gets what an earlier run has left on a topic before our state replaces it.
      for (const { filter } of this.#subscriptions) this.#requestSubscription(filter);
      for (const [topic, state] of this.#states) this.#publishState(topic, state);
      this.#events.connected(client);
      this.emit('connected');
    });
    client.on('reconnect', () => {
      // mqtt.js would check the next server's certificate against the name of the first.
      delete (client.options as { servername?: string }).servername;
    });
    client.on('message', (topic, payload, { retain }) => {
      for (const { filter, handler } of this.#subscriptions) {
        if (matchesFilter(topic, filter)) handler(topic, payload, retain);
      }
    });
    client.on('close', () => {
      const expected = client.disconnecting || this.#changingVersion;
      if (this.#lastProblem === undefined && !expected) this.#report('the connection was closed');
      this.#events.disconnected();
      this.#backlog.clear();
      // What was on its way is published again on the next connect.
      this.#unacknowledged.clear();
    });
    client.on('error', (error) => {
      if (client.options.protocolVersion === 5 && isUnsupportedProtocolVersion(error)) {
        this.#changingVersion = true;
        client.options.protocolVersion = 4;
        return;
      }
      this.#report(explainBrokerError(error));
    });
  }

  /** Publishes at QoS 0, or drops the message: see above. True when it was handed to the socket. */
  send(topic: string, payload: string): boolean {
    if (!this.#isAllowed(topic)) return false;
    const client = this.#client;
    if (!client?.connected || isCongested(client)) {
      this.#dropped++;
      return false;
    }
    client.publish(topic, payload, { qos: 0 });
    return true;
  }

  /** Publishes at QoS 1, now or as soon as the broker is there; `late: true` is added to what waited. Not retained. */
  event(topic: string, message: object): void {
    if (!this.#isAllowed(topic)) return;
    this.#events.push(topic, message);
  }

  /** Publishes a retained state, now or on the next connect, and again on every later one. */
  retain(topic: string, payload: string | Buffer, qos: 0 | 1 = 1, properties: Properties = {}): void {
    if (!this.#isAllowed(topic) || this.#states.get(topic)?.payload === payload) return;
    this.#states.set(topic, { payload, qos, properties });
    this.repeat(topic);
  }

  /** Publishes the state of a topic once more, for somebody who may have missed it. */
  repeat(topic: string): void {
    const state = this.#states.get(topic);
    if (state !== undefined && this.connected) this.#publishState(topic, state);
  }

  /** Clears what is retained on a topic, now or on the next connect, also when an earlier run of the daemon has put it there. */
  clear(topic: string): void {
    this.retain(topic, NOTHING);
  }

  /** From now on, or from the next connect on, `handler` is called with messages on topics that match; `+` is any one level. */
  subscribe(filter: string, handler: MessageHandler): void {
    this.#subscriptions.push({ filter, handler });
    if (this.connected) this.#requestSubscription(filter);
  }

  /** Waits until what was published is acknowledged, or `timeoutMs` has passed, then disconnects. */
  async stop(timeoutMs: number): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    // mqtt.js's own end() would wait for acknowledgements without a limit, which an unreachable broker never sends.
    const done = await Promise.race([
      this.#published().then(() => true),
      sleep(timeoutMs, false, { ref: false }),
    ]);
    await client.endAsync(!(done && client.connected));
  }

  /** Resolves when everything that was given has been published. */
  async #published(): Promise<void> {
    await this.#backlog.emptied();
    await Promise.all([...this.#unacknowledged, this.connected && this.#events.drained()]);
  }

  /** A topic that MQTT forbids would make the broker close the connection, again and again. */
  #isAllowed(topic: string): boolean {
    if (isTopicName(topic)) return true;
    const shown = JSON.stringify(topic.slice(0, 100));
    this.#forbidden.warn(`nothing is published to a topic that MQTT forbids: ${shown}`);
    return false;
  }

  #publishState(topic: string, { payload, qos, properties = {} }: State): void {
    const client = this.#client;
    if (client !== undefined && isCongested(client)) {
      this.#backlog.add(topic, client.stream);
      return;
    }
    const acknowledged: Promise<void> | undefined = client
      ?.publishAsync(topic, payload, { qos, retain: true, properties })
      .then(() => {
        this.#accessErrors.allowed('publish', topic);
        // Once cleared, it stays cleared: it need not be published again.
        if (payload === NOTHING && this.#states.get(topic)?.payload === NOTHING) this.#states.delete(topic);
      })
      .catch((error: Error) => {
        // A closed connection needs no word here: the state is published again on the next connect.
        if (isRefusal(error)) this.#accessErrors.denied('publish', topic, error);
      })
      .finally(() => this.#unacknowledged.delete(acknowledged));
    this.#unacknowledged.add(acknowledged);
  }

  #requestSubscription(filter: string): void {
    this.#client?.subscribe(filter, { qos: 1 }, (error) => {
      if (!error) this.#accessErrors.allowed('subscribe', filter);
      else if (this.connected) this.#accessErrors.denied('subscribe', filter, error);
    });
  }

  /** One line for each new problem, not one for each attempt. */
  #report(problem: string): void {
    if (problem === this.#lastProblem) return;
    this.#lastProblem = problem;
    this.#log.warn(`no connection to the broker: ${problem}; trying again until it works`, {
      broker: this.#config.servers[0].display(),
    });
  }

  async #options(): Promise<IClientOptions> {
    return {
      ...(await connectionOptions(this.#config)),
      reconnectPeriod: RECONNECT_MIN_MS + Math.random() * RECONNECT_SPREAD_MS,
      // By default mqtt.js gives up when a broker refuses: but passwords get corrected and brokers reconfigured.
      reconnectOnConnackError: true,
      queueQoSZero: false,
      // Subscriptions are requested anew on each connect, before the states.
      resubscribe: false,
      will: { topic: this.#will.topic, payload: Buffer.from(this.#will.payload), qos: 1, retain: true },
    };
  }
}

function isCongested({ stream }: MqttClient): boolean {
  return stream.writableLength > CONGESTED_BYTES;
}
