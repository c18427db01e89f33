/**
 * `<camera>/<label>/snapshot`: the picture of the newest object of a label, from its event's beginning on, replaced when a
 * better one comes. One picture is made at a time, off the event loop; the newest of each event waits, the oldest wait is
 * given up when there are too many: memory stays bounded, and inference never waits.
 */
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame, PixelFrame } from '../frame/frame.js';
import type { Broker } from '../mqtt/broker.js';
import type { Topics } from '../mqtt/topics.js';
import type { Log } from '../observe/log.js';
import { logError } from '../observe/log-error.js';
import type { EventChange, ObjectEvent } from '../track/types.js';
import { renderSnapshot } from './render.js';
import { toRgb } from './rgb.js';

/** Of at most 1.4 MB each at 720 lines. */
const MAX_WAITING = 8;
/** No picture of fewer bytes shows anything. */
const MIN_BYTES = 4000;

interface Shot {
  camera: CameraConfig;
  event: ObjectEvent;
  /** The number of its frame, whose pixels are a copy that other shots of the frame share. */
  sequence: number;
  pixels: PixelFrame;
}

export interface SnapshotParts {
  broker: Broker;
  topics: Topics;
  cameras: readonly CameraConfig[];
  /** Called with each picture that was made, and the id of its event. */
  onPicture?: ((eventId: string, jpeg: Buffer) => void) | undefined;
  log: Log;
}

export class Snapshots {
  readonly #parts: SnapshotParts;
  readonly #cameras: ReadonlyMap<string, CameraConfig>;
  /** The event whose pictures a topic has. */
  readonly #holders = new Map<string, string>();
  /** By event, oldest first. */
  readonly #waiting = new Map<string, Shot>();
  #work: Promise<void> | undefined;
  readonly #leftOut = new Set<string>();

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#cameras = new Map(parts.cameras.map((camera) => [camera.name, camera]));
  }

  /** Takes the picture when the change is one for which there is a better one. The pixels are copied before this returns. */
  take({ type, reason, event }: EventChange, frame: CapturedFrame | undefined): void {
    const camera = this.#cameras.get(event.camera);
    if (frame === undefined || !camera?.snapshot) return;
    const topic = this.#topic(event);
    if (type === 'new') this.#holders.set(topic, event.id);
    else if (reason !== 'score' || this.#holders.get(topic) !== event.id) return;
    const { sequence } = frame;
    const pixels = this.#copyOf(event.camera, sequence) ?? { ...frame, data: frame.data.slice() };
    this.#waiting.set(event.id, { camera, event, sequence, pixels });
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) this.#waiting.delete(oldest);
    this.#work ??= this.#develop();
  }

  /** Resolves when no picture is waiting. */
  async settled(): Promise<void> {
    await this.#work;
  }

  #topic({ camera, label }: ObjectEvent): string {
    return this.#parts.topics.snapshot(camera, label);
  }

  #copyOf(camera: string, sequence: number): PixelFrame | undefined {
    for (const shot of this.#waiting.values()) {
      if (shot.event.camera === camera && shot.sequence === sequence) return shot.pixels;
    }
    return undefined;
  }

  async #develop(): Promise<void> {
    // Not in the call that took the picture: whoever took it is served first.
    await Promise.resolve();
    for (const [id, shot] of this.#waiting) {
      this.#waiting.delete(id);
      await this.#publish(shot);
    }
    this.#work = undefined;
  }

  /** Logged once for each topic. */
  #leaveOut(topic: string, room: number): void {
    if (this.#leftOut.has(topic)) return;
    this.#leftOut.add(topic);
    this.#parts.log.error(
      `no pictures are published on ${topic}: the broker allows only ${Math.max(0, room)} bytes`,
      {
        remedy: 'raise the maximum packet size of the broker',
      },
    );
  }

  async #publish({ camera, event, pixels }: Shot): Promise<void> {
    const { broker, log, onPicture } = this.#parts;
    try {
      const topic = this.#topic(event);
      const userProperties = { event: event.id, at: new Date(event.best.at).toISOString() };
      const properties = { contentType: 'image/jpeg', userProperties };
      const room = broker.maximumPayload(topic, properties);
      if (room < MIN_BYTES) {
        this.#leaveOut(topic, room);
        return;
      }
      const snapshotMaxKb = Math.min(camera.snapshotMaxKb, room / 1000);
      const picture = await renderSnapshot(await toRgb(pixels), event, { ...camera, snapshotMaxKb });
      broker.retain(topic, picture, 0, properties);
      onPicture?.(event.id, picture);
    } catch (error) {
      logError(log, 'a snapshot could not be made', error, { camera: event.camera });
    }
  }
}
