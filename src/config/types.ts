/** The frozen result of reading the env file: see table.ts for the variables behind it. */
import type { LabelFilter } from '../geometry/filters.js';
import type { Polygon, Zone } from '../geometry/zones.js';

export const PROVIDERS = ['auto', 'cpu', 'xnnpack', 'cuda', 'tensorrt', 'nnapi'] as const;
export type ProviderName = (typeof PROVIDERS)[number];

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const TRANSPORTS = ['tcp', 'udp'] as const;

export interface CameraConfig {
  /** Lower-case topic segment, e.g. `back_yard`. */
  name: string;
  enabled: boolean;
  /** rtsp(s)://, http(s)://, a file path or file://, or `test:` for a moving test picture. May hold credentials. */
  url: string;
  transport: (typeof TRANSPORTS)[number];
  /** Frames per second that are inferred at most. */
  fps: number;
  /** Score below which nothing is reported; undefined: the model's own. */
  threshold: number | undefined;
  /** Labels that are reported; undefined: all of the model. */
  labels: readonly string[] | undefined;
  filters: readonly LabelFilter[];
  /** Named areas: events tell in which an object is. */
  zones: readonly Zone[];
  /** Areas in which nothing is reported. */
  masks: readonly Polygon[];
  /** When frames are inferred; undefined: always. */
  motion: MotionConfig | undefined;
  /** Undefined: none are published. */
  snapshot: SnapshotConfig | undefined;
  /** ffmpeg's -hwaccel. */
  hwaccel: string | undefined;
  /** ffmpeg's -c:v. */
  decoder: string | undefined;
  /** Seconds without a frame after which ffmpeg is restarted. */
  stallTimeout: number;
}

export interface MotionConfig {
  /** Share of the picture that must change to count as motion, 0..1. */
  area: number;
  /** Seconds without motion after which it is over. */
  offDelay: number;
  /** Seconds between two looks at a picture that stands still. */
  lookInterval: number;
}

export const SNAPSHOT_DRAWINGS = ['box', 'zones', 'masks', 'time'] as const;

/** The picture of an event. */
export interface SnapshotConfig {
  /** Pixels: frames are at least as high, where the camera's picture is. */
  height: number;
  /** Only the object and what is around it, instead of the whole picture. */
  crop: boolean;
  /** What is drawn over the picture. */
  draw: readonly (typeof SNAPSHOT_DRAWINGS)[number][];
  /** Size limit of the JPEG. */
  maxBytes: number;
}

export interface MqttConfig {
  url: string;
  /** Other servers of the same broker, tried in turn when one does not answer. */
  otherUrls?: readonly string[];
  username: string | undefined;
  password: string | undefined;
  /** Paths of PEM files. */
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
  /** Base topic. */
  topic: string;
  clientId: string;
}

/** A label as the user named it: only the model tells whether it exists. */
export interface NamedLabel {
  label: string;
  variable: string;
  /** `file:line` or `environment`. */
  origin: string;
}

export interface Config {
  /** Where it was read from, for messages; undefined: from the environment alone. */
  envFile: string | undefined;
  nodeId: string;
  cameras: readonly CameraConfig[];
  /** In the cameras' labels and filters. */
  namedLabels: readonly NamedLabel[];
  mqtt: MqttConfig;
  /** Discovery prefix of Home Assistant; undefined: it is told nothing. */
  homeAssistant: string | undefined;
  /** Path to a .onnx file or the bare name of a shipped model. */
  model: string;
  provider: ProviderName;
  /** Inference threads; undefined: one fewer than the cores, at least 1. */
  threads: number | undefined;
  onnxruntimeLib: string | undefined;
  ffmpegPath: string | undefined;
  /** Milliseconds after which an unread frame is not worth inferring. */
  maxFrameAge: number;
  logLevel: LogLevel;
}
