/**
 * One connection to the broker, from the attempt to its end. mqtt.js neither reconnects nor stores anything: its own queues are
 * unbounded, and would send old messages after an outage.
 */
import { createRequire } from 'node:module';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ErrorWithSubackPacket, IClientOptions, MqttClient } from 'mqtt';
import { type Clock, pollForInput } from '../clock.js';
import type { Acknowledgements } from './acknowledgements.js';
import { PacketTooLarge } from './delivery/size-errors.js';
import { type BrokerLimits, limitsOf, NO_LIMITS, type Properties, packetOverhead } from './limits.js';
import { againstProtocol, endless, isRefusal, unacknowledged } from './reason-sentences.js';
import type { SizeSuspicion } from './size-suspicion.js';

// An import would first read all of its files for the names that they export, 10 ms of a start.
const mqtt = createRequire(import.meta.url)('mqtt') as typeof import('mqtt');

/** Bytes that may wait in the socket before messages are held back: many seconds of detections, still little memory. */
const CONGESTED_BYTES = 1 << 20;
/**
 * Of a message that comes: a picture that `doctor` sends to itself is the largest that is wanted. On a topic of ours there may be anything,
 * retained, so that it would come at every connect.
 */
const MAX_INCOMING_BYTES = 1 << 24;
/** Messages that came together are passed on for so long in one turn of the event loop. */
const TURN_MS = 10;
/** How often it is asked whether acknowledgements are overdue. */
const WATCH_MS = 5_000;
/** What an orderly end of a connection may take. */
const CLOSE_MS = 1_000;

export interface SessionEnd {
  /** Whether the broker had accepted the connection. */
  accepted: boolean;
  /** Of the broker's refusal, or of its DISCONNECT. */
  reasonCode?: number;
  /** The server that the broker named instead of itself. */
  serverReference?: string;
  /** What failed; undefined, and no reason code either: the broker closed or reset the connection. */
  error?: Error;
  /** Milliseconds since it was accepted. */
  lastedMs: number;
}

export interface SessionParts {
  /** Of mqtt.js, with the one server that is meant. */
  options: IClientOptions;
  suspicion: SizeSuspicion;
  /** Undefined: whoever publishes waits no longer than it wants to. */
  acknowledgements?: Acknowledgements;
  clock: Clock;
  onAccepted(session: Session): void;
  /** `retained`: it was published before the subscription. Must not throw. */
  onMessage(topic: string, payload: Buffer, retained: boolean): void;
}

export interface PublishOptions {
  qos: 0 | 1;
  retain?: boolean;
  properties?: Properties;
}

export class Session {
  /** In version 5 the broker says of each message and subscription whether it was let through. */
  readonly saysReasons: boolean;
  readonly #client: MqttClient;
  readonly #suspicion: SizeSuspicion;
  readonly #acknowledgements: Acknowledgements | undefined;
  readonly #ended: Promise<SessionEnd>;
  #limits = NO_LIMITS;
  /** Messages at QoS 1 that the broker has not acknowledged; mqtt.js does not count them. */
  #inFlight = 0;
  /** Messages that wait for one to be acknowledged, oldest first. */
  readonly #waiting: (() => void)[] = [];
  /** Who wants to hear that one was, and that no message waits for it. */
  #onRoom: (() => void)[] = [];

  /** Begins to connect. Throws when the options are unusable. */
  constructor({ options, suspicion, acknowledgements, clock, onAccepted, onMessage }: SessionParts) {
    this.saysReasons = options.protocolVersion === 5;
    this.#suspicion = suspicion;
    this.#acknowledgements = acknowledgements;
    const client = clientOf({
      ...options,
      // A broker leaves out what is larger; MQTT 3.1.1 has no word for that.
      ...(this.saysReasons && { properties: { maximumPacketSize: MAX_INCOMING_BYTES } }),
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // A Buffer for each number of two bytes would be made before the first packet, and kept: 7 MB and 20 ms, which save nothing.
      writeCache: false,
      // What it says of each packet in the language of its own developers would be put together to be thrown away.
      log: () => {},
    });
    this.#client = client;
    let acceptedAt: number | undefined;
    const end: Omit<SessionEnd, 'accepted' | 'lastedMs'> = {};
    const over = new AbortController();
    let unread = 0;
    client.on('packetreceive', (packet) => {
      unread = 0;
      keepFirst('properties' in packet ? packet.properties : undefined);
    });
    yieldBetweenMessages(client, clock);
    this.#ended = new Promise((resolve) => {
      client.on('connect', (packet) => {
        acceptedAt = clock.monotonic();
        this.#limits = limitsOf(packet);
        suspicion.connected();
        acknowledgements?.connected();
        client.stream.on('data', ({ length }: Buffer) => {
          unread += length;
          if (unread <= MAX_INCOMING_BYTES) return;
          end.error ??= endless();
          client.end(true);
        });
        void this.#watch(clock, over.signal).then((problem) => {
          if (problem === undefined) return;
          end.error ??= problem;
          client.end(true);
        });
        onAccepted(this);
      });
      client.on('message', (topic, payload, { retain }) => onMessage(topic, payload, retain));
      client.on('disconnect', ({ reasonCode, properties }) => {
        if (reasonCode !== undefined) end.reasonCode = reasonCode;
        if (properties?.serverReference !== undefined) end.serverReference = properties.serverReference;
        // It is over (MQTT 5, 3.14.4), whether the broker closes it or not.
        client.end(true);
      });
      client.on('error', (error: Error & { code?: number | string }) => {
        if (isConnackRefusal(error)) end.reasonCode ??= error.code;
        else if (typeof error.code === 'number') end.error ??= againstProtocol(error.message);
        else if (!isHangUp(error)) end.error ??= error;
        // After an error of the protocol mqtt.js reads no further and keeps the connection.
        client.end(true);
      });
      client.on('close', () => {
        over.abort();
        client.end(true);
        for (const wake of this.#waiting.splice(0)) wake();
        const lastedMs = acceptedAt === undefined ? 0 : clock.monotonic() - acceptedAt;
        resolve({ ...end, accepted: acceptedAt !== undefined, lastedMs });
      });
    });
  }

  /** Resolves when the connection is no more, or never came to be. */
  get ended(): Promise<SessionEnd> {
    return this.#ended;
  }

  get connected(): boolean {
    return this.#client.connected;
  }

  /** What the broker said that it allows. */
  get announcedLimits(): BrokerLimits {
    return this.#limits;
  }

  /** What the broker allows, as far as it is known: a size at which the connection has closed is above the limit. */
  get limits(): BrokerLimits {
    const maximumPacketSize = Math.min(this.#limits.maximumPacketSize, this.#suspicion.limit - 1);
    return { ...this.#limits, maximumPacketSize };
  }

  /** Whether so much waits in the socket that nothing more should be given to it. */
  get congested(): boolean {
    return this.#client.stream.writableLength > CONGESTED_BYTES;
  }

  /** Whether what the broker acknowledges has to wait, in the socket or for its acknowledgement of others. */
  get holdsBack(): boolean {
    return this.#isFull || this.congested;
  }

  /** Calls back, once, when the socket has sent what it holds, or the broker has acknowledged something. */
  onDrain(listener: () => void): void {
    if (this.#isFull) this.#onRoom.push(listener);
    else this.#client.stream.once('drain', listener);
  }

  /** Whether all places that the broker has for unacknowledged messages are taken (MQTT 5, 4.9). */
  get #isFull(): boolean {
    return this.#inFlight >= this.#limits.receiveMaximum;
  }

  /**
   * Publishes within what the broker allows: retained and at QoS 1 only where it can. Resolves when the message was acknowledged, at
   * QoS 0 when it was given to the socket. Rejects with PacketTooLarge, with the broker's refusal (see isRefusal), or because the
   * connection has ended.
   */
  async publish(
    topic: string,
    payload: string | Buffer,
    { qos, retain = false, properties = {} }: PublishOptions,
  ): Promise<void> {
    const { maximumPacketSize, maximumQos, retainAvailable } = this.limits;
    const bytes = packetOverhead(topic, properties) + Buffer.byteLength(payload);
    if (bytes > maximumPacketSize) throw new PacketTooLarge(bytes, maximumPacketSize);
    const level = qos > maximumQos ? maximumQos : qos;
    if (level > 0) {
      // Without a pause where there is room: what is given next must not overtake it.
      if (this.#isFull && this.connected) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      else this.#inFlight += 1;
    }
    const number = this.#suspicion.sent(topic, bytes);
    const acknowledged = level > 0 ? this.#acknowledgements?.sent() : undefined;
    try {
      await this.#client.publishAsync(topic, payload, {
        qos: level,
        retain: retain && retainAvailable,
        properties,
      });
      if (level > 0) this.#suspicion.confirmed(number);
      acknowledged?.();
    } catch (error) {
      if (isRefusal(error as Error)) {
        this.#suspicion.confirmed(number);
        acknowledged?.();
      }
      throw error;
    } finally {
      if (level > 0) this.#acknowledged();
    }
  }

  /** Resolves with what is wrong when acknowledgements are overdue, or with nothing when the connection has ended. */
  async #watch(clock: Clock, ended: AbortSignal): Promise<Error | undefined> {
    if (this.#acknowledgements === undefined) return undefined;
    for (;;) {
      await clock.sleep(WATCH_MS, ended);
      // When it was this process that stood still, acknowledgements are waiting in the socket.
      await pollForInput();
      if (ended.aborted) return undefined;
      if (this.#client.stream.writableLength > 0) this.#acknowledgements.held();
      const seconds = this.#acknowledgements.overdue();
      if (seconds !== undefined) return unacknowledged(seconds);
    }
  }

  /** The place goes to whoever waits longest. */
  #acknowledged(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next();
      return;
    }
    this.#inFlight -= 1;
    for (const listener of this.#onRoom.splice(0)) listener();
  }

  /** Resolves when the broker has granted the subscription. Rejects like `publish`. */
  async subscribe(filter: string): Promise<void> {
    try {
      await this.#client.subscribeAsync(filter, { qos: 1 });
    } catch (error) {
      // mqtt.js keeps the reason code in the packet. In 3.1.1 it is 128 for every reason.
      const code = (error as Partial<ErrorWithSubackPacket>).packet?.granted.find(
        (granted) => Number(granted) >= 128,
      );
      throw code === undefined ? error : Object.assign(error as Error, { code: Number(code) });
    }
  }

  /** Never rejects: with the connection a subscription is gone too. */
  async unsubscribe(filter: string): Promise<void> {
    if (this.connected) await this.#client.unsubscribeAsync(filter).catch(() => {});
  }

  /** @param orderly False: without waiting for anything, and the broker publishes the last will. */
  async close(orderly: boolean): Promise<void> {
    const ended = this.#client.endAsync(!orderly).then(() => true);
    // mqtt.js waits for the answer to each subscription, which some brokers never give.
    if (!(await Promise.race([ended, sleep(CLOSE_MS, false, { ref: false })]))) this.#client.stream.destroy();
  }
}

/**
 * A client that begins to connect. The library's own way to one loads WebSockets, SOCKS and HTTP whatever the broker speaks, 30 ms of a
 * start: with MQTT over plain TCP, which needs none of them, it is made without.
 */
function clientOf(options: IClientOptions): MqttClient {
  const { protocol, host, port, cert } = options;
  if (protocol !== 'mqtt' || cert !== undefined) return mqtt.connect(options);
  return new mqtt.MqttClient(() => createConnection({ host, port: port as number }), options);
}

/** Lets other things happen while thousands of messages that came together are passed on, which mqtt.js does in one turn. */
function yieldBetweenMessages(client: MqttClient, clock: Clock): void {
  let began = clock.monotonic();
  client.handleMessage = (_packet, done) => {
    if (clock.monotonic() - began < TURN_MS) {
      done();
      return;
    }
    setImmediate(() => {
      began = clock.monotonic();
      done();
    });
  };
}

/** Of what an answer may say more than once. */
const REPEATABLE = ['userProperties', 'subscriptionIdentifier'];

/**
 * Keeps the first of each property that a broker sends more than once against the rules (MQTT 5, 2.2.2.2): mqtt.js makes a list of them, and throws.
 * @param properties Are changed.
 */
function keepFirst(properties: object = {}): void {
  for (const [name, value] of Object.entries(properties))
    if (Array.isArray(value) && !REPEATABLE.includes(name)) Object.assign(properties, { [name]: value[0] });
}

/** Other errors with a reason code are what mqtt.js holds against the broker. */
function isConnackRefusal(error: Error & { code?: number | string }): error is Error & { code: number } {
  return typeof error.code === 'number' && error.message.startsWith('Connection refused');
}

/** A broker that closes a connection while something is on its way to it resets it. */
function isHangUp({ code }: Error & { code?: string | number }): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE';
}
