/**
 * Pictures of the cameras for whoever looks: one encode for all viewers of a frame, none while nobody looks. A viewer who is not ready
 * is passed over; nothing waits.
 */
import sharp from 'sharp';
import type { Clock } from '../clock.js';
import type { CapturedFrame, PixelFrame } from '../frame/frame.js';
import type { MovingCells } from '../motion/meter.js';
import { FrequentErrors } from '../observe/frequent-errors.js';
import type { Log } from '../observe/log.js';
import { toRgb } from '../snapshot/rgb.js';
import type { ShownDetections } from './api.js';
import type { FrameOutcome } from './camera-listener.js';

/** Pictures a second of one camera, at most. */
export const MAX_FPS = 5;
/** Enough for a picture that is replaced in a moment. */
const QUALITY = 75;
/** Requests for the next picture of any camera that wait at a time. */
const MAX_WAITING = 64;
/** Frames come unevenly: one that is so much too early is taken, in milliseconds. */
const TOLERANCE_MS = 30;

export interface LivePicture {
  camera: string;
  sequence: number;
  /** Wall time, milliseconds since the Unix epoch. */
  capturedAt: number;
  /** Size of the camera's picture. */
  width: number;
  height: number;
  /** What holds in it; undefined: nothing was found, or nothing is looked for. */
  detections: ShownDetections | undefined;
  /** Where it had changed; undefined: nobody asked, or motion is not measured. */
  motion: MovingCells | undefined;
  jpeg: Buffer;
}

export interface Subscription {
  camera: string;
  /** Pictures a second, at most. */
  fps: number;
  /** Whether it is to be said where the picture moves. */
  motion?: boolean;
  /** Whether a picture can be taken now. */
  ready(): boolean;
  /** Must not throw. */
  show(picture: LivePicture): void;
}

interface Subscriber {
  subscription: Subscription;
  /** When it is to have its next picture, by the monotonic clock. */
  due: number;
}

interface CameraPictures {
  /** What was found last. */
  detections: ShownDetections | undefined;
  encoding: boolean;
  /** Grows when what is being encoded may not be seen any more. */
  epoch: number;
  /** Pictures made so far. */
  encoded: number;
  size: { width: number; height: number } | undefined;
}

export class LivePictures {
  readonly #clock: Clock;
  readonly #errors: FrequentErrors;
  readonly #recall: (camera: string) => void;
  /** Cameras that gave a frame. */
  readonly #cameras = new Map<string, CameraPictures>();
  /** By camera; those without subscribers are absent. */
  readonly #subscribers = new Map<string, Set<Subscriber>>();
  #waiting = 0;

  /** @param recall Called when a camera has its first subscriber. */
  constructor(clock: Clock, log: Log, recall: (camera: string) => void) {
    this.#clock = clock;
    this.#errors = new FrequentErrors(log, clock);
    this.#recall = recall;
  }

  /** Pictures that were made of a camera so far. */
  encoded(camera: string): number {
    return this.#cameras.get(camera)?.encoded ?? 0;
  }

  /** Whether a picture is being encoded. */
  get busy(): boolean {
    return [...this.#cameras.values()].some(({ encoding }) => encoding);
  }

  /** Size of the camera's picture; undefined before its first frame. */
  sizeOf(camera: string): { width: number; height: number } | undefined {
    return this.#cameras.get(camera)?.size;
  }

  /** Whether there is a subscriber. */
  wantsFrames(camera: string): boolean {
    return this.#subscribers.has(camera);
  }

  /** Whether a subscriber has asked where the camera's picture moves. */
  wantsMotion(camera: string): boolean {
    const subscribers = this.#subscribers.get(camera);
    return (
      subscribers !== undefined && [...subscribers].some(({ subscription }) => subscription.motion === true)
    );
  }

  /** Takes in a frame; its pixels are copied, when somebody wants them, before this returns. */
  onFrame(camera: string, frame: CapturedFrame, outcome: FrameOutcome): void {
    const pictures = this.#picturesOf(camera);
    if (outcome.kind === 'inferred') pictures.detections = outcome.payload;
    else if (outcome.kind === 'paused') pictures.detections = undefined;
    const { sourceWidth: width, sourceHeight: height } = frame;
    if (pictures.size?.width !== width || pictures.size.height !== height) pictures.size = { width, height };
    const subscribers = this.#subscribers.get(camera);
    if (subscribers === undefined || pictures.encoding) return;
    const now = this.#clock.monotonic();
    const receivers = [...subscribers].filter(
      ({ subscription, due }) => now >= due - TOLERANCE_MS && subscription.ready(),
    );
    if (receivers.length > 0) void this.#encode(pictures, camera, frame, outcome.motion, receivers);
  }

  /** The picture that is being encoded is shown to nobody. */
  discard(camera: string): void {
    this.#picturesOf(camera).epoch += 1;
  }

  /** @returns What ends it. */
  subscribe(subscription: Subscription): () => void {
    const { camera } = subscription;
    const subscribers = this.#subscribers.get(camera) ?? new Set();
    this.#subscribers.set(camera, subscribers);
    const subscriber = { subscription, due: this.#clock.monotonic() };
    subscribers.add(subscriber);
    if (subscribers.size === 1) this.#recall(camera);
    return () => {
      subscribers.delete(subscriber);
      if (subscribers.size === 0 && this.#subscribers.get(camera) === subscribers)
        this.#subscribers.delete(camera);
    };
  }

  /** Whether so many wait for a picture that nobody else should. */
  get crowded(): boolean {
    return this.#waiting >= MAX_WAITING;
  }

  /** The next picture of a camera; undefined: none came in time. */
  next(camera: string, timeoutMs: number): Promise<LivePicture | undefined> {
    this.#waiting += 1;
    return new Promise((resolve) => {
      const done = (picture: LivePicture | undefined) => {
        this.#waiting -= 1;
        clearTimeout(timer);
        end();
        resolve(picture);
      };
      const timer = setTimeout(done, timeoutMs, undefined);
      const end = this.subscribe({ camera, fps: MAX_FPS, ready: () => true, show: done });
    });
  }

  #picturesOf(camera: string): CameraPictures {
    let pictures = this.#cameras.get(camera);
    if (pictures === undefined) {
      pictures = { detections: undefined, encoding: false, epoch: 0, encoded: 0, size: undefined };
      this.#cameras.set(camera, pictures);
    }
    return pictures;
  }

  async #encode(
    pictures: CameraPictures,
    camera: string,
    frame: CapturedFrame,
    motion: MovingCells | undefined,
    receivers: readonly Subscriber[],
  ): Promise<void> {
    const { sequence, capturedAt, sourceWidth: width, sourceHeight: height } = frame;
    const { detections, epoch } = pictures;
    const now = this.#clock.monotonic();
    for (const subscriber of receivers) {
      const interval = 1000 / Math.min(MAX_FPS, subscriber.subscription.fps);
      // In step with all others of this rate, whenever each began: one picture is for all of them.
      subscriber.due = (Math.floor((now + TOLERANCE_MS) / interval) + 1) * interval;
    }
    pictures.encoding = true;
    try {
      const jpeg = await encode(frame);
      pictures.encoded += 1;
      if (pictures.epoch !== epoch) return;
      const picture = { camera, sequence, capturedAt, width, height, detections, motion, jpeg };
      for (const subscriber of receivers) {
        if (this.#subscribers.get(camera)?.has(subscriber) && subscriber.subscription.ready())
          subscriber.subscription.show(picture);
      }
    } catch (error) {
      this.#errors.log('a live picture could not be made', error, { camera });
    } finally {
      pictures.encoding = false;
    }
  }
}

async function encode(frame: PixelFrame): Promise<Buffer> {
  const { data, width, height } = await toRgb(frame);
  return (
    sharp(data, { raw: { width, height, channels: 3 } })
      // A table of its own for each picture saves 2 % of the bytes and costs half as much again.
      .jpeg({ quality: QUALITY, optimiseCoding: false })
      .toBuffer()
  );
}
