/** `POST /v1/vision/detection`, as DeepStack and CodeProject.AI have it: one picture in a form, and what is found in it. */
import type { Context } from 'hono';
import type { Clock } from '../clock.js';
import { GhostcamError } from '../errors.js';
import { decodeStill } from '../still/read.js';
import type { DetectionAnswer, DetectionError } from './api.js';
import type { StillRequests } from './still-requests.js';

/** A picture of 16 megapixels as a good JPEG. */
export const MAX_PICTURE_BYTES = 8 << 20;
const MAX_PIXELS = 1 << 24;
/** Pictures that are read or wait at a time. */
const MAX_REQUESTS = 4;

export class StillRoute {
  readonly #requests: StillRequests;
  readonly #clock: Clock;
  #open = 0;

  constructor(requests: StillRequests, clock: Clock) {
    this.#requests = requests;
    this.#clock = clock;
  }

  /** @param isKey Whether the form's `api_key` opens the door, where nothing else has. */
  async answer(c: Context, isKey: (key: string) => boolean): Promise<Response> {
    if (this.#open >= MAX_REQUESTS) return refusal(c, 503, 'other pictures are being inferred: try again');
    this.#open += 1;
    try {
      return await this.#detect(c, isKey);
    } catch (error) {
      if (error instanceof GhostcamError && error.code === 'IMAGE') return refusal(c, 400, error.message);
      throw error;
    } finally {
      this.#open -= 1;
    }
  }

  async #detect(c: Context, isKey: (key: string) => boolean): Promise<Response> {
    const began = this.#clock.monotonic();
    const form = await c.req.formData().catch(() => undefined);
    if (!isKey(String(form?.get('api_key') ?? '')))
      return refusal(c, 401, 'the password of the page is needed, as api_key');
    const image = form?.get('image');
    if (!(image instanceof File))
      return refusal(c, 400, 'a form with a picture as its field "image" is expected');
    const given = form?.get('min_confidence');
    const minScore = given === null || given === undefined || given === '' ? undefined : Number(given);
    if (minScore !== undefined && !(minScore >= 0 && minScore <= 1)) {
      return refusal(c, 400, 'min_confidence must be a number from 0 to 1');
    }
    const picture = await decodeStill(new Uint8Array(await image.arrayBuffer()), 'the picture', MAX_PIXELS);
    const result = await this.#requests.detect(picture, minScore);
    if (result === undefined) return refusal(c, 503, 'the cameras leave no time for it: try again');
    const predictions = result.detections.map(({ label, score, box: [x1, y1, x2, y2] }) => ({
      label,
      confidence: Number(score.toFixed(4)),
      x_min: Math.round(x1),
      y_min: Math.round(y1),
      x_max: Math.round(x2),
      y_max: Math.round(y2),
    }));
    return c.json({
      success: true,
      predictions,
      count: predictions.length,
      inferenceMs: Math.round(result.timings.inferMs),
      processMs: Math.round(this.#clock.monotonic() - began),
      code: 200,
    } satisfies DetectionAnswer);
  }
}

function refusal(c: Context, code: 400 | 401 | 503, error: string): Response {
  return c.json({ success: false, error, code } satisfies DetectionError, code);
}
