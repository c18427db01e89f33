/**
 * Announces to Home Assistant which devices there are: one retained discovery message for the node and one for each camera. What an
 * earlier run has announced is found on the broker, for it is retained; what is no longer true of it is taken back, together
 * with the states that were kept for it.
 */

import type { Clock } from '../clock.js';
import { isCameraName } from '../config/values.js';
import type { Broker } from '../mqtt/broker.js';
import type { FormerCameras } from '../mqtt/former-cameras.js';
import type { TopicKind, Topics } from '../mqtt/topics.js';
import type { BoardReadings } from '../observe/board.js';
import type { Log } from '../observe/log.js';
import type { DiscoveryMessage } from './component.js';
import { Identities } from './identities.js';
import { type Entity, inventory, ownTopics, shownTopics } from './inventory.js';
import { type AnnouncedCamera, cameraMessage, nodeMessage } from './message.js';

/** Where Home Assistant says that it was started, whatever its discovery prefix, unless it is configured otherwise. */
const BIRTH_TOPIC = 'homeassistant/status';
/** What it says there. */
const BIRTH = Buffer.from('online');
/** Many nodes must not answer in the same instant. */
const BIRTH_SPREAD_MS = 2000;
/** Anybody may say it, and the answer is everything. */
const BIRTH_INTERVAL_MS = 30_000;
const COUNTS: ReadonlySet<TopicKind> = new Set(['count', 'moving', 'zoneCount', 'zoneMoving']);

export interface HomeAssistantParts {
  broker: Broker;
  topics: Topics;
  nodeId: string;
  /** Home Assistant's discovery prefix. */
  prefix: string;
  cameras: readonly AnnouncedCamera[];
  former: FormerCameras;
  /** What the board says of itself; absent: nothing. */
  board?: BoardReadings;
  clock: Clock;
  log: Log;
}

export class HomeAssistant {
  readonly #broker: Broker;
  readonly #topics: Topics;
  readonly #prefix: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #identities: Identities;
  readonly #former: FormerCameras;
  /** What is announced, by topic. */
  readonly #messages = new Map<string, DiscoveryMessage>();
  /** Of cameras that are not in the settings: the topics that are retained for their entities. */
  readonly #shownOfFormer = new Map<string, string[]>();
  /** Topics of their announcements that somebody has cleared, such as `ghostcam forget`: Home Assistant warns of a second time. */
  readonly #takenBack = new Set<string>();
  #stopped = false;
  #answer: NodeJS.Timeout | undefined;
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor({
    broker,
    topics,
    nodeId,
    prefix,
    cameras,
    board = {},
    former,
    clock,
    log,
  }: HomeAssistantParts) {
    this.#broker = broker;
    this.#clock = clock;
    this.#topics = topics;
    this.#prefix = prefix;
    this.#log = log;
    this.#former = former;
    this.#identities = new Identities(prefix, nodeId);
    const { node } = this.#identities;
    this.#messages.set(this.#identities.topic(node), nodeMessage(this.#identities, topics, nodeId, board));
    for (const camera of cameras) {
      this.#messages.set(this.#topicOf(camera.config.name), this.#message(camera));
    }
  }

  /** Announces everything, and keeps it so. */
  start(): void {
    // Before the messages: the broker then shows what it has of an earlier run, and takes ours after that.
    this.#broker.subscribe(this.#identities.topic('+'), (topic, payload, retained) => {
      if (this.#stopped) return;
      if (retained) this.#onEarlier(topic, payload);
      else if (payload.length === 0) this.#onTakenBack(topic);
    });
    for (const topic of new Set([`${this.#prefix}/status`, BIRTH_TOPIC])) {
      this.#broker.subscribe(topic, (_topic, payload, retained) => {
        if (!retained && !this.#stopped && payload.equals(BIRTH)) this.#onBirth();
      });
    }
    this.#former.on('forget', (camera) => {
      if (!this.#stopped) this.#takeBack(this.#topicOf(camera));
    });
    this.#former.on('clear', (camera) => {
      if (!this.#stopped) this.#clearShown(camera);
    });
    for (const topic of this.#messages.keys()) this.#announce(topic);
  }

  /** Announces a camera that is new, or that has changed: what is as it was is not published again. */
  announce(camera: AnnouncedCamera): void {
    const topic = this.#topicOf(camera.config.name);
    const before = this.#messages.get(topic);
    this.#messages.set(topic, this.#message(camera));
    this.#takenBack.delete(topic);
    if (before !== undefined)
      this.#removeEntities(topic, camera.config.name, new Map(Object.entries(before.cmps)));
    this.#announce(topic);
  }

  /** The camera is not in the settings any more: its entities stay for as long as it is not forgotten. */
  leave(camera: string): void {
    const topic = this.#topicOf(camera);
    const { cmps = {} } = this.#messages.get(topic) ?? {};
    this.#messages.delete(topic);
    this.#shownOfFormer.set(camera, [...shownTopics(Object.values(cmps))]);
  }

  /** From now on nothing is published; what was announced stays, and the states say offline. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#answer);
  }

  #announce(topic: string): void {
    this.#broker.retain(topic, JSON.stringify(this.#messages.get(topic)));
  }

  /** All that Home Assistant may have missed, once more. */
  #onBirth(): void {
    if (this.#answer !== undefined) return;
    const pause = Math.max(0, this.#answeredAt + BIRTH_INTERVAL_MS - this.#clock.monotonic());
    this.#answer = setTimeout(
      () => {
        this.#answer = undefined;
        this.#answeredAt = this.#clock.monotonic();
        this.#log.info('Home Assistant was started: publishing devices and states again');
        const entities = [...this.#messages.values()].flatMap(({ cmps }) => Object.values(cmps));
        for (const topic of [...this.#messages.keys(), ...shownTopics(entities)]) this.#broker.repeat(topic);
      },
      pause + Math.random() * BIRTH_SPREAD_MS,
    );
  }

  #onEarlier(topic: string, payload: Buffer): void {
    const camera = this.#identities.cameraOf(topic);
    // Anybody may publish below the prefix: nothing is repeated that this node cannot have published itself.
    if (camera === undefined || !isCameraName(camera) || payload.length === 0) return;
    const earlier = inventory(payload);
    this.#takenBack.delete(topic);
    if (this.#messages.has(topic)) {
      this.#removeEntities(topic, camera, earlier);
      return;
    }
    this.#shownOfFormer.set(camera, [...shownTopics(earlier.values())]);
    if (!this.#former.isForgotten(camera)) {
      this.#former.noticed(camera);
    } else {
      this.#takeBack(topic);
      this.#former.clearLater(camera);
    }
  }

  #onTakenBack(topic: string): void {
    const camera = this.#identities.cameraOf(topic);
    if (camera !== undefined && this.#shownOfFormer.has(camera)) this.#takenBack.add(topic);
  }

  #takeBack(topic: string): void {
    if (this.#takenBack.delete(topic)) this.#broker.release(topic);
    else this.#broker.clear(topic);
  }

  /** Clears what was retained for the entities of a camera that is no longer there. */
  #clearShown(camera: string): void {
    const shown = this.#shownOfFormer.get(camera) ?? [];
    this.#shownOfFormer.delete(camera);
    for (const topic of ownTopics(this.#topics, camera, shown)) this.#broker.clear(topic);
  }

  /** Takes back those entities of an earlier message that the one of now does not have, and clears what was retained for them. */
  #removeEntities(topic: string, camera: string, earlier: ReadonlyMap<string, Entity>): void {
    const message = this.#messages.get(topic) as DiscoveryMessage;
    const removed = [...earlier].filter(([id]) => !Object.hasOwn(message.cmps, id));
    if (removed.length === 0) return;
    // Home Assistant removes an entity that has nothing but a platform. First: while it works on one, it ignores all after it.
    const bare = Object.fromEntries(removed.map(([id, { p }]) => [id, { p }]));
    this.#broker.retain(topic, JSON.stringify({ ...message, cmps: { ...bare, ...message.cmps } }));
    this.#announce(topic);
    const shown = shownTopics(Object.values(message.cmps));
    for (const state of ownTopics(this.#topics, camera, shownTopics(removed.map(([, entity]) => entity)))) {
      if (!shown.has(state) && !this.#isCounted(state)) this.#broker.clear(state);
    }
  }

  /** Whether it is a number that is published, with an entity or without. */
  #isCounted(topic: string): boolean {
    const kind = this.#topics.parse(topic)?.kind;
    return kind !== undefined && COUNTS.has(kind) && this.#broker.retains(topic);
  }

  #topicOf(camera: string): string {
    return this.#identities.topic(this.#identities.camera(camera));
  }

  #message(camera: AnnouncedCamera): DiscoveryMessage {
    return cameraMessage(this.#identities, this.#topics, camera);
  }
}
