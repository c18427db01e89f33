/**
 * `<camera>/<label>/snapshot`: the picture of the newest object of a label, from its event's beginning on, replaced when a
 * better one comes, at most once a second. One picture is made at a time, off the event loop; the newest of each event waits, the
 * oldest wait is given up when there are too many: memory stays bounded, and inference never waits.
 */
import type { Clock } from '../clock.js';
import type { CameraConfig } from '../config/types.js';
import type { CapturedFrame, PixelFrame } from '../frame/frame.js';
import type { Broker } from '../mqtt/broker.js';
import type { Topics } from '../mqtt/topics.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import type { Log } from '../observe/log.js';
import type { EventChange, ObjectEvent } from '../track/types.js';
import { Canvas } from './canvas.js';
import { SpareBuffers } from './spare-buffers.js';

/** Of at most 1.4 MB each at 720 lines. */
const MAX_WAITING = 8;
/** Between the frames of two pictures of an object; those that come earlier are put off, the newest of each object. */
const INTERVAL_MS = 1000;
const MAX_PUT_OFF = 16;
/** No picture of fewer bytes shows anything. */
const MIN_BYTES = 4000;

interface Shot {
  camera: CameraConfig;
  event: ObjectEvent;
  pixels: SharedPixels;
}

/** A copy of a frame's pixels, for all shots of the frame. */
interface SharedPixels {
  camera: string;
  sequence: number;
  capturedAtMonotonic: number;
  frame: PixelFrame;
  shots: number;
}

export interface SnapshotParts {
  broker: Broker;
  topics: Topics;
  cameras: readonly CameraConfig[];
  /** Called with each picture that was made, and the id of its event. */
  onPicture?: ((eventId: string, jpeg: Buffer) => void) | undefined;
  clock: Clock;
  log: Log;
}

export class Snapshots {
  readonly #parts: SnapshotParts;
  readonly #errors: FrequentErrors;
  readonly #cameras: Map<string, CameraConfig>;
  /** The event whose pictures a topic has. */
  readonly #holders = new Map<string, string>();
  /** By event, oldest first: those to be made, and those that are put off. */
  readonly #waiting = new Map<string, Shot>();
  readonly #putOff = new Map<string, { shot: Shot; timer: NodeJS.Timeout }>();
  /** By topic, the event of its newest picture and when that was captured, in milliseconds of the monotonic clock. */
  readonly #newest = new Map<string, { event: string; capturedAt: number }>();
  readonly #spare = new SpareBuffers();
  readonly #canvas = new Canvas();
  #work: Promise<void> | undefined;
  /** The one that is being made. */
  #making: Shot | undefined;
  readonly #leftOut = new Set<string>();

  constructor(parts: SnapshotParts) {
    this.#parts = parts;
    this.#errors = new FrequentErrors(parts.log, parts.clock);
    this.#cameras = new Map(parts.cameras.map((camera) => [camera.name, camera]));
  }

  /** Takes the settings of a camera; pictures that wait are made with those that they were taken with. */
  configure(camera: CameraConfig): void {
    this.#cameras.set(camera.name, camera);
  }

  /** Gives up the pictures of a camera that wait or are put off, and one that is being made. */
  discard(camera: string): void {
    for (const [id, shot] of this.#waiting) {
      if (shot.event.camera !== camera) continue;
      this.#waiting.delete(id);
      this.#giveBack(shot);
    }
    for (const [id, { shot }] of this.#putOff) if (shot.event.camera === camera) this.#drop(id);
    if (this.#making?.event.camera === camera) this.#making = undefined;
  }

  /** Takes the picture when the change is one for which there is a better one. The pixels are copied before this returns. */
  take({ type, reason, event }: EventChange, frame: CapturedFrame | undefined): void {
    const camera = this.#cameras.get(event.camera);
    if (frame === undefined || !camera?.snapshot) return;
    if (type === 'new') this.#holders.set(this.#topic(event), event.id);
    else if (reason !== 'score' || !this.#holds(event)) return;
    const shot = { camera, event, pixels: this.#share(event.camera, frame) };
    const newest = this.#newest.get(this.#topic(event));
    const due = newest?.event === event.id ? newest.capturedAt + INTERVAL_MS : -Infinity;
    const early = due - frame.capturedAtMonotonic;
    if (early > 0) this.#delay(shot, early);
    else this.#queue(shot);
  }

  /** Resolves when no picture is waiting, those included that were put off, which are made at once. */
  async settled(): Promise<void> {
    for (const id of this.#putOff.keys()) this.#advance(id);
    await this.#work;
  }

  #topic({ camera, label }: ObjectEvent): string {
    return this.#parts.topics.snapshot(camera, label);
  }

  /** Whether the event's pictures are those of its topic. */
  #holds(event: ObjectEvent): boolean {
    return this.#holders.get(this.#topic(event)) === event.id;
  }

  /** The pixels of a frame, copied once. */
  #share(camera: string, frame: CapturedFrame): SharedPixels {
    // A lease has its pixels behind a getter, which a spread leaves out.
    const { sequence, capturedAtMonotonic, data: lent } = frame;
    const putOff = Array.from(this.#putOff.values(), ({ shot }) => shot);
    for (const { pixels } of [...this.#waiting.values(), ...putOff]) {
      if (pixels.camera === camera && pixels.sequence === sequence) return pixels;
    }
    const data = this.#spare.take(lent.length);
    data.set(lent);
    return { camera, sequence, capturedAtMonotonic, frame: { ...frame, data }, shots: 0 };
  }

  #giveBack({ pixels }: Shot): void {
    pixels.shots--;
    if (pixels.shots > 0) return;
    this.#spare.giveBack(pixels.frame.data);
  }

  /** Lets a picture be made, in the place of older ones of its event. */
  #queue(shot: Shot): void {
    const { id } = shot.event;
    shot.pixels.shots++;
    this.#drop(id);
    const older = this.#waiting.get(id);
    this.#waiting.set(id, shot);
    if (older !== undefined) this.#giveBack(older);
    const [oldest] = this.#waiting.values();
    if (this.#waiting.size > MAX_WAITING && oldest !== undefined) {
      this.#waiting.delete(oldest.event.id);
      this.#giveBack(oldest);
    }
    this.#work ??= this.#develop();
  }

  /** Puts a picture off, or the newest of those of its event. */
  #delay(shot: Shot, milliseconds: number): void {
    const { id } = shot.event;
    shot.pixels.shots++;
    const older = this.#putOff.get(id);
    const timer = older?.timer ?? setTimeout(() => this.#advance(id), milliseconds).unref();
    this.#putOff.set(id, { shot, timer });
    if (older !== undefined) this.#giveBack(older.shot);
    const [oldest] = this.#putOff.keys();
    if (this.#putOff.size > MAX_PUT_OFF && oldest !== undefined) this.#advance(oldest);
  }

  /** Lets a picture that was put off be made, unless its topic has a newer object. */
  #advance(id: string): void {
    const shot = this.#putOff.get(id)?.shot;
    if (shot === undefined) return;
    if (this.#holds(shot.event)) this.#queue(shot);
    else this.#drop(id);
  }

  #drop(id: string): void {
    const putOff = this.#putOff.get(id);
    if (putOff === undefined) return;
    clearTimeout(putOff.timer);
    this.#putOff.delete(id);
    this.#giveBack(putOff.shot);
  }

  async #develop(): Promise<void> {
    // Not in the call that took the picture: whoever took it is served first.
    await Promise.resolve();
    for (const [id, shot] of this.#waiting) {
      this.#waiting.delete(id);
      this.#making = shot;
      const { capturedAtMonotonic: capturedAt } = shot.pixels;
      this.#newest.set(this.#topic(shot.event), { event: id, capturedAt });
      await this.#publish(shot);
      this.#giveBack(shot);
    }
    this.#making = undefined;
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

  async #publish(shot: Shot): Promise<void> {
    const { camera, event, pixels } = shot;
    const { broker, onPicture } = this.#parts;
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
      const settings = { ...camera, snapshotMaxKb };
      // With the first picture: libvips is not needed before, and some boards never need it.
      const { renderSnapshot } = await import('./render.js');
      const picture = await renderSnapshot(pixels.frame, event, settings, this.#canvas);
      if (this.#making !== shot) return;
      broker.retain(topic, picture, 0, properties);
      onPicture?.(event.id, picture);
    } catch (error) {
      this.#errors.log('a snapshot could not be made', error, { camera: event.camera });
    }
  }
}
