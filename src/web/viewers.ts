/**
 * The pages that are open. Each gets what changes; a picture is sent only after the one before was drawn, so that a slow page gets
 * fewer pictures and never a queue.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { RawData, WebSocket } from 'ws';
import type { Clock } from '../clock.js';
import type { PictureHeader, ServerMessage, ShownDetections } from './api.js';
import { type LivePicture, type LivePictures, MAX_FPS } from './live-pictures.js';

const MAX_VIEWERS = 50;
/** A page that does not say for so long that it drew its picture gets nothing but what is rare. */
const BEHIND_MS = 2000;
/** What may wait in a page's socket, and for how long more may wait there until it is given up. */
const MAX_BUFFERED_BYTES = 1 << 18;
const MAX_STUCK_MS = 30_000;
const PING_INTERVAL_MS = 15_000;
/** For the answer to a close. */
const FAREWELL_MS = 100;
/** Close codes of RFC 6455, 7.4.1 and the IANA's registry. */
const CLOSE = { goingAway: 1001, policyViolation: 1008, tryAgainLater: 1013 } as const;

const MESSAGE = v.union([
  v.strictObject({
    watch: v.pipe(
      v.record(v.string(), v.pipe(v.number(), v.minValue(0.1), v.maxValue(MAX_FPS))),
      v.check((cameras) => Object.keys(cameras).length <= 100),
    ),
    motion: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(100))),
  }),
  v.strictObject({ ack: v.string() }),
]);

export class Viewers {
  readonly #pictures: LivePictures;
  readonly #clock: Clock;
  readonly #all = new Set<Viewer>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pictures: LivePictures, clock: Clock) {
    this.#pictures = pictures;
    this.#clock = clock;
  }

  get count(): number {
    return this.#all.size;
  }

  /** @param greeting What it gets first. @param allowed Asked at intervals: false ends it. */
  add(socket: WebSocket, greeting: ServerMessage, allowed: () => boolean): void {
    // Also of one that is turned away: the close that follows says all there is to know.
    socket.on('error', () => {});
    if (this.#all.size >= MAX_VIEWERS) {
      socket.close(CLOSE.tryAgainLater, 'too many pages are open');
      return;
    }
    const viewer = new Viewer(socket, this.#pictures, this.#clock, allowed);
    this.#all.add(viewer);
    socket.on('close', () => this.#all.delete(viewer));
    viewer.send(greeting);
    this.#timer ??= setInterval(() => this.#check(), PING_INTERVAL_MS).unref();
  }

  send(message: ServerMessage): void {
    if (this.#all.size === 0) return;
    const text = JSON.stringify(message);
    for (const viewer of this.#all) viewer.sendText(text);
  }

  /** Viewers of the camera get what was found, as the broker does. */
  detected(camera: string, detections: ShownDetections): void {
    for (const viewer of this.#all) viewer.detected(camera, detections);
  }

  /** Ends those whose session has ended. */
  recheck(): void {
    for (const viewer of this.#all) viewer.recheck();
  }

  /** Resolves when all have got it, and are gone. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#all.size === 0) return;
    for (const viewer of this.#all) viewer.close(CLOSE.goingAway);
    await sleep(FAREWELL_MS);
    for (const viewer of this.#all) viewer.terminate();
  }

  #check(): void {
    for (const viewer of this.#all) {
      viewer.recheck();
      viewer.ping();
    }
    if (this.#all.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** One camera that a page shows. */
interface Shown {
  end(): void;
  /** When the picture was sent that is not drawn yet. */
  sentAt: number | undefined;
  /** The detections that the page got last. */
  sent: ShownDetections | undefined;
}

class Viewer {
  readonly #socket: WebSocket;
  readonly #pictures: LivePictures;
  readonly #clock: Clock;
  readonly #allowed: () => boolean;
  readonly #shown = new Map<string, Shown>();
  #alive = true;
  #stuckSince: number | undefined;

  constructor(socket: WebSocket, pictures: LivePictures, clock: Clock, allowed: () => boolean) {
    this.#socket = socket;
    this.#pictures = pictures;
    this.#clock = clock;
    this.#allowed = allowed;
    socket.on('message', (data, isBinary) => this.#onMessage(data, isBinary));
    socket.on('pong', () => {
      this.#alive = true;
    });
    socket.on('close', () => this.#watch({}));
  }

  send(message: ServerMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(text: string): void {
    if (this.#socket.bufferedAmount <= MAX_BUFFERED_BYTES) this.#socket.send(text);
  }

  detected(camera: string, detections: ShownDetections): void {
    const shown = this.#shown.get(camera);
    if (shown === undefined || this.#isBehind(shown)) return;
    shown.sent = detections;
    this.send({ type: 'detections', camera, detections });
  }

  recheck(): void {
    if (!this.#allowed()) this.close(CLOSE.policyViolation);
  }

  /** Ends a page that did not answer the last time, or whose socket has been full for too long. */
  ping(): void {
    const now = this.#clock.monotonic();
    const full = this.#socket.bufferedAmount > MAX_BUFFERED_BYTES;
    this.#stuckSince = full ? (this.#stuckSince ?? now) : undefined;
    const stuck = this.#stuckSince !== undefined && now - this.#stuckSince > MAX_STUCK_MS;
    if (!this.#alive || stuck) {
      this.#socket.terminate();
      return;
    }
    this.#alive = false;
    this.#socket.ping();
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    const message = isBinary ? undefined : parse(data.toString());
    if (message === undefined) this.close(CLOSE.policyViolation);
    else if ('watch' in message) this.#watch(message.watch, message.motion);
    else {
      const shown = this.#shown.get(message.ack);
      if (shown !== undefined) shown.sentAt = undefined;
    }
  }

  #watch(wanted: Readonly<Record<string, number>>, motion: readonly string[] = []): void {
    for (const { end } of this.#shown.values()) end();
    this.#shown.clear();
    for (const [camera, fps] of Object.entries(wanted)) {
      const shown: Shown = { end: () => {}, sentAt: undefined, sent: undefined };
      shown.end = this.#pictures.subscribe({
        camera,
        fps,
        motion: motion.includes(camera),
        ready: () => shown.sentAt === undefined && this.#socket.bufferedAmount === 0,
        show: (picture) => this.#show(shown, picture, motion.includes(camera)),
      });
      this.#shown.set(camera, shown);
    }
  }

  #show(shown: Shown, picture: LivePicture, withMotion: boolean): void {
    const { camera, detections, motion, sequence, capturedAt, width, height, jpeg } = picture;
    if (detections !== undefined && shown.sent !== detections) {
      shown.sent = detections;
      this.send({ type: 'detections', camera, detections });
    }
    const header: PictureHeader = {
      camera,
      sequence,
      capturedAt: new Date(capturedAt).toISOString(),
      width,
      height,
      ...(withMotion && motion !== undefined ? { motion } : {}),
      ...(detections === undefined ? {} : { detections: detections.sequence }),
    };
    const json = Buffer.from(JSON.stringify(header));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(json.length);
    shown.sentAt = this.#clock.monotonic();
    this.#socket.send(Buffer.concat([length, json, jpeg]));
  }

  #isBehind({ sentAt }: Shown): boolean {
    return sentAt !== undefined && this.#clock.monotonic() - sentAt > BEHIND_MS;
  }
}

function parse(text: string): v.InferOutput<typeof MESSAGE> | undefined {
  try {
    const parsed = v.safeParse(MESSAGE, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
