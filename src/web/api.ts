/**
 * What the page's server says: the answers of its API, and the messages of its WebSocket. docs/openapi.json is generated from these
 * types: after a change `npm run docs:schemas`.
 */
import type { LabelFilter } from '../geometry/filters.js';
import type { Mask } from '../geometry/masks.js';
import type { Polygon, Zone } from '../geometry/zones.js';
import type {
  Box,
  CameraStatePayload,
  DetectionPayload,
  DetectionsPayload,
  EventPayload,
  Time,
} from '../mqtt/payloads.js';

/** What a user may change on a camera while it is watched, as over MQTT. */
export interface SettingsView {
  /** Whether the camera runs at all. */
  enabled: boolean;
  /** Whether its frames are inferred. */
  detect: boolean;
  /** Score from which an object is reported. */
  threshold: number;
  /** Frames a second that are inferred, at most. */
  fps: number;
}

/** One camera as it is now. */
export interface CameraView {
  name: string;
  /** Its name for people. */
  title: string;
  state: CameraStatePayload;
  settings: SettingsView;
  /** Whether something moves; absent where motion is not measured. */
  motion?: boolean;
  /** Objects that are there now, by label. */
  counts: Record<string, number>;
  /** Frames a second that came and that were inferred, over the last ten seconds. */
  fpsIn: number;
  fpsInferred: number;
  /** Size of the camera's picture in pixels; absent before the first frame. */
  size?: { width: number; height: number };
  /** Labels that may be reported. */
  labels: string[];
  zones: readonly Zone[];
  masks: readonly Mask[];
  privacy: readonly Polygon[];
  filters: readonly LabelFilter[];
  /** Variables whose values are tried and are not those of the env file, such as `CAMERA_FRONT_ZONES`. */
  trial: readonly string[];
}

/** `GET /api/cameras` */
export interface CamerasAnswer {
  /** NODE_ID */
  node: string;
  version: string;
  /** Whether the page has a password, so that one can log out. */
  login: boolean;
  /** Labels of the model. */
  labels: readonly string[];
  cameras: CameraView[];
}

/** One object, as its newest event says. */
export interface EventView extends EventPayload {
  /** When it last changed. */
  at: Time;
  /** Whether there is a picture of it: `GET /api/events/{id}/snapshot.jpg`. */
  picture: boolean;
}

/** `GET /api/events`: the newest first. */
export interface EventsAnswer {
  events: EventView[];
}

/** `POST /api/cameras/{name}/settings`: what is absent stays as it is. */
export type SettingsRequest = Partial<SettingsView>;

/** `POST /api/cameras/{name}/trial` */
export interface TrialRequest {
  /**
   * Lines as the env file would have them, of this camera’s ZONES, MASKS, PRIVACY and FILTERS:
   * `CAMERA_FRONT_ZONES=door: 0.1,0.5 0.4,0.5 0.4,1 0.1,1`. What is absent stays as it is.
   */
  lines: string;
}

/** `POST /login` */
export interface LoginRequest {
  password: string;
}

/** Every answer that is no success. */
export interface ErrorAnswer {
  /** What is wrong. */
  error: string;
  /** What would be right, or what to do. */
  remedy?: string;
}

/** `GET /healthz` */
export interface HealthAnswer {
  /** `failing`: no frame of a camera that is switched on is inferred. */
  status: 'ok' | 'failing';
}

/** One object in the form of DeepStack and CodeProject.AI; the box in pixels of the picture that was sent. */
export interface Prediction {
  label: string;
  /**
   * @minimum 0
   * @maximum 1
   */
  confidence: number;
  x_min: number;
  y_min: number;
  x_max: number;
  y_max: number;
}

/** `POST /v1/vision/detection` */
export interface DetectionAnswer {
  success: true;
  predictions: Prediction[];
  count: number;
  /** Milliseconds of the inference, and from the request to the answer. */
  inferenceMs: number;
  processMs: number;
  code: 200;
}

/** `POST /v1/vision/detection` that could not be done. */
export interface DetectionError {
  success: false;
  error: string;
  code: number;
}

/**
 * The message that is published, with `expected` the objects that are followed and not reported: those that no inference of the frame could
 * have found, at the place where they should be by now, and those that were seen with less than the score from which they are reported;
 * and what was inferred of the frame.
 */
export interface ShownDetections extends DetectionsPayload {
  detections: (DetectionPayload & { expected?: true })[];
  /**
   * Every part of the picture that was inferred, in its pixels: the whole is one of them, a region beside the whole another, which
   * `region` does not name.
   */
  regions: Box[];
}

/** What the server says on the WebSocket as text. */
export type ServerMessage =
  | ({ type: 'cameras' } & CamerasAnswer)
  | { type: 'detections'; camera: string; detections: ShownDetections }
  | { type: 'event'; event: EventView };

/**
 * What precedes a JPEG in a binary message of the WebSocket: four bytes with the length of this as JSON, big endian, then this, then
 * the picture.
 */
export interface PictureHeader {
  camera: string;
  sequence: number;
  capturedAt: Time;
  /** Size of the camera's picture, in which boxes are measured. */
  width: number;
  height: number;
  /**
   * Where the picture had changed, for those who ask: of a grid of cells that begins at the top left, of `width` and `height` pixels of
   * the camera's picture and `columns` in a row, runs along rows: the index of the first cell and the length, of one run after the other.
   */
  motion?: { width: number; height: number; columns: number; runs: number[] };
  /** The sequence of the detections that hold in this picture; absent: none. They were sent before. */
  detections?: number;
}

/** What the browser says on the WebSocket. */
export type ClientMessage =
  /** The cameras that are shown, and how many pictures a second of each; all others are not. */
  | {
      watch: Record<string, number>;
      /** Those of them of which it is wanted where they move. */
      motion?: string[];
    }
  /** The picture of this camera was drawn: the next one may come. */
  | { ack: string };
