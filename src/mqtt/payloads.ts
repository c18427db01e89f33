/**
 * What the messages say: their types, and how they are made from the daemon's own values. docs/schemas is generated from the
 * types: after a change `npm run docs:schemas`.
 */

import type { CameraState, CameraStatus } from '../capture/state.js';
import type { Detection } from '../detect/detection.js';
import type { CapturedFrame } from '../frame/frame.js';
import type { Box as GeometryBox } from '../geometry/box.js';
import type { Stage } from '../observe/camera-meter.js';
import type { EventLoopDelay } from '../observe/event-loop.js';
import type { StageTimings } from '../observe/stage-timings.js';
import type { Percentiles } from '../observe/window.js';
import type { EventChange, TrackedDetection } from '../track/types.js';

/**
 * ISO 8601, UTC, with milliseconds.
 * @format date-time
 */
export type Time = string;

/**
 * @minimum 0
 * @maximum 1
 */
type Share = number;

/** x1, y1, x2, y2 in pixels of the camera's picture. */
export type Box = [number, number, number, number];

/** x1, y1, x2, y2 in 0..1 of width and height. */
type NormalizedBox = [Share, Share, Share, Share];

/** `<node>/state`, retained, and the last will. Plain text, not JSON. */
export type NodeStatePayload = 'online' | 'offline';

/** `<camera>/motion`, retained: whether something moves, or did until a moment ago. Plain text. */
export type MotionPayload = 'ON' | 'OFF';

/**
 * `<camera>/<label>/count` and `<camera>/zones/<zone>/<label>/count`, retained: how many of them there are now, in the picture or in
 * the zone. Plain text.
 * @pattern ^[0-9]+$
 */
export type CountPayload = string;

/**
 * `<camera>/<label>/moving` and `<camera>/zones/<zone>/<label>/moving`, retained: how many of those that are counted do not stand
 * still. Plain text.
 * @pattern ^[0-9]+$
 */
export type MovingPayload = string;

/** `<camera>/enabled/state`, retained, and `<camera>/enabled/set`: whether the camera runs at all. Plain text. */
export type EnabledPayload = 'ON' | 'OFF';

/** `<camera>/detect/state`, retained, and `<camera>/detect/set`: whether its frames are inferred. Plain text. */
export type DetectPayload = 'ON' | 'OFF';

/**
 * `<camera>/threshold/state`, retained, and `<camera>/threshold/set`: score from which an object is reported, 0.01 to 1. Plain
 * text.
 * @pattern ^[0-9.e-]+$
 */
export type ThresholdPayload = string;

/**
 * `<camera>/fps/state`, retained, and `<camera>/fps/set`: frames a second that are inferred, at most, 0.1 to 60. Plain text.
 * @pattern ^[0-9.e-]+$
 */
export type FpsPayload = string;

/** `<camera>/detections`: one inferred frame. */
export interface DetectionsPayload {
  /** Number of the frame since the camera was started; gaps are frames that were not inferred. */
  sequence: number;
  capturedAt: Time;
  /** Size of the camera's picture in pixels: what `box` is measured in. */
  width: number;
  height: number;
  /**
   * Milliseconds from capturedAt until inference of the frame began, until its boxes were ready, and until this message
   * was handed to the connection.
   */
  ages: { queueMs: number; inferenceMs: number; publishMs: number };
  /**
   * The part of the picture that was inferred: what is elsewhere is not in `detections`, whether or not it is there. Absent: the whole
   * picture was inferred.
   */
  region?: { box: Box; boxNormalized: NormalizedBox };
  detections: DetectionPayload[];
}

export interface DetectionPayload {
  label: string;
  score: Share;
  box: Box;
  boxNormalized: NormalizedBox;
  /** The object's, the same in its events; absent until the object is believed. */
  trackId?: string;
}

/** `<camera>/events`: something happened to an object. */
export interface EventPayload {
  type: 'new' | 'update' | 'end';
  /** Only of an update: it was seen better, entered or left a zone, came to rest or set off. */
  reason?: 'score' | 'zone' | 'stationary';
  /** The object's, unique on this node, also across restarts. */
  id: string;
  camera: string;
  label: string;
  /** When it was first seen. */
  startedAt: Time;
  /** When it was last seen; only of an end. */
  endedAt?: Time;
  /** Of the newest sighting. */
  score: Share;
  /** The best so far. */
  topScore: Share;
  /** Of the newest sighting: x1, y1, x2, y2 in pixels of the camera's picture. */
  box: Box;
  /** The same in 0..1 of width and height. */
  boxNormalized: NormalizedBox;
  /** Size of the camera's picture in pixels. */
  width: number;
  height: number;
  /** The sighting that makes the best picture. */
  best: {
    at: Time;
    score: Share;
    box: Box;
    boxNormalized: NormalizedBox;
  };
  /** Those it is in. */
  zones: string[];
  /** All that it has been in, in the order of entering. */
  enteredZones: string[];
  /** Those of them that no earlier message had: each is there once. Only of a new and of an update for a zone. */
  newZones?: string[];
  /** Where it stood, oldest first: the middle of the lower edge of its box, in pixels. A summary of at most 32 points. */
  path: { at: Time; x: number; y: number }[];
  stationary: boolean;
  /**
   * The topic of its picture, a JPEG, retained until a later object of the label has one; absent where none are published.
   * In MQTT 5 the picture names its event as user property `event`.
   */
  snapshot?: string;
  /** The broker was away when it happened; only of such a message. */
  late?: true;
}

/** `<camera>/state`, retained. */
export interface CameraStatePayload {
  state: CameraStatus;
  reason?: string;
  since: Time;
  /**
   * Since when it is not in the settings; only of such a camera, which is `offline`. All that is retained of it is cleared at the
   * second start without it, or after a day.
   */
  removedAt?: Time;
}

/** `info`, retained: what this node is and what runs its model. */
export interface InfoPayload {
  version: string;
  startedAt: Time;
  runtime: { library: string; version: string; provider: string; threads: number };
  model: {
    name: string;
    sha256: string;
    precision: string;
    /** The shapes of the model's input that cameras' pictures need, with the milliseconds of an inference, measured when each was opened. */
    inputs: { width: number; height: number; inferenceMs: number }[];
    labels: readonly string[];
  };
  cameras: string[];
  settings: SettingsPayload;
}

/** What became of the settings since the start: they are read anew on SIGHUP. */
export interface SettingsPayload {
  /** When those that hold were read. */
  readAt: Time;
  /** Variables whose change takes effect when ghostcam is started anew. */
  needsRestart: string[];
  /** Of settings that were read later and not taken, for they have mistakes; absent when the newest hold. */
  refused?: { at: Time; mistakes: string[] };
  /**
   * Areas and size limits that are tried from the page: these variables do not hold what was read, until ghostcam is started anew or
   * the settings are read anew; absent: all hold it.
   */
  trial?: { since: Time; variables: string[] };
}

/** `health`, every ten seconds: how the daemon does. */
export interface HealthPayload {
  at: Time;
  uptimeS: number;
  /** Resident memory of the daemon in MiB, without its ffmpeg processes. */
  rssMb: number;
  board: BoardHealth;
  /** Frames a second that were inferred, of all cameras together. */
  fpsInferred: number;
  eventLoopDelayMs: EventLoopDelay;
  /** Messages dropped because the broker was away or slow, since the start. */
  mqttDropped: number;
  /** Lines of the log that could not be written, since the start. */
  logLost: number;
  cameras: Record<string, CameraHealth>;
}

/** What the board's kernel says; what it does not say is absent. */
export interface BoardHealth {
  /** Of the hottest sensor, in degrees Celsius. */
  temperatureC?: number;
  /** Whether a Raspberry Pi is slowed down, or its supply voltage too low, now; absent on other boards. */
  throttled?: boolean;
  /** Of the board's memory, what programs use. */
  memoryUsedPercent?: number;
}

export interface CameraHealth {
  state: CameraStatus;
  /** Frames a second that ffmpeg delivered and that were inferred. */
  fpsIn: number;
  fpsInferred: number;
  /**
   * Frames not inferred since the start: replaced by a newer one, without motion, while detection was paused, too old, or failed
   * in inference.
   */
  dropped: { replaced: number; still: number; paused: number; stale: number; failed: number };
  /** ffmpeg processes started anew since the start, by what ended the last one. */
  restarts: Record<string, number>;
  stages?: Record<Stage, Percentiles>;
}

/** With so many digits after the decimal point. */
export function rounded(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** A box in pixels, as messages have it. */
export function boxPayload([x1, y1, x2, y2]: GeometryBox): Box {
  return [rounded(x1, 2), rounded(y1, 2), rounded(x2, 2), rounded(y2, 2)];
}

/** A box in pixels and in shares of the picture. */
function boxes(box: GeometryBox, { width, height }: { width: number; height: number }) {
  const [x1, y1, x2, y2] = box;
  return {
    box: boxPayload(box),
    boxNormalized: [
      rounded(x1 / width, 5),
      rounded(y1 / height, 5),
      rounded(x2 / width, 5),
      rounded(y2 / height, 5),
    ],
  } satisfies Pick<DetectionPayload, 'box' | 'boxNormalized'>;
}

/** `<camera>/detections` of one inferred frame. */
export function detectionsPayload(
  frame: CapturedFrame,
  detections: readonly (Detection | TrackedDetection)[],
  timings: StageTimings,
  /** In pixels of the picture; undefined: the whole was inferred. */
  region: GeometryBox | undefined,
  /** When the frame was taken from its camera's slot, and now: milliseconds of the monotonic clock. */
  takenAt: number,
  now: number,
): DetectionsPayload {
  const { sourceWidth: width, sourceHeight: height, capturedAt, capturedAtMonotonic } = frame;
  const queueMs = takenAt - capturedAtMonotonic + timings.queueMs;
  const inferenceMs = queueMs + timings.preMs + timings.inferMs + timings.postMs;
  return {
    sequence: frame.sequence,
    capturedAt: iso(capturedAt),
    width,
    height,
    ages: {
      queueMs: rounded(queueMs, 1),
      inferenceMs: rounded(inferenceMs, 1),
      publishMs: rounded(now - capturedAtMonotonic, 1),
    },
    ...(region === undefined ? {} : { region: boxes(region, { width, height }) }),
    detections: detections.map((detection) => detectionPayload(detection, { width, height })),
  };
}

/** @param picture The size of the camera's picture. */
export function detectionPayload(
  detection: Detection | TrackedDetection,
  picture: { width: number; height: number },
): DetectionPayload {
  return {
    label: detection.label,
    score: rounded(detection.score, 4),
    ...boxes(detection.box, picture),
    ...('trackId' in detection ? { trackId: detection.trackId } : {}),
  };
}

/** @param snapshot The topic of its picture; undefined: there is none. */
export function eventPayload(
  { type, reason, newZones, event }: EventChange,
  snapshot?: string,
): EventPayload {
  const { id, camera, label, startedAt, endedAt, size, best, path } = event;
  return {
    type,
    ...(reason === undefined ? {} : { reason }),
    id,
    camera,
    label,
    startedAt: iso(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    score: rounded(event.score, 4),
    topScore: rounded(event.topScore, 4),
    ...boxes(event.box, size),
    ...size,
    best: { at: iso(best.at), score: rounded(best.score, 4), ...boxes(best.box, size) },
    zones: [...event.zones],
    enteredZones: [...event.enteredZones],
    ...(newZones === undefined ? {} : { newZones: [...newZones] }),
    path: path.map(({ at, x, y }) => ({ at: iso(at), x: rounded(x, 1), y: rounded(y, 1) })),
    stationary: event.stationary,
    ...(snapshot === undefined ? {} : { snapshot }),
  };
}

/** @param removedAt When it was found that the camera is not in the settings: milliseconds since the Unix epoch. */
export function formerCameraPayload(
  removedAt: number,
): CameraStatePayload & Required<Pick<CameraStatePayload, 'removedAt'>> {
  const since = iso(removedAt);
  return { state: 'offline', reason: 'it is not in the settings', since, removedAt: since };
}

/** @param state Its `since` in milliseconds of wall time. */
export function cameraStatePayload({ status, reason, since }: CameraState): CameraStatePayload {
  return { state: status, ...(reason === undefined ? {} : { reason }), since: iso(since) };
}
