/**
 * Every variable that ghostcam reads, once: name, parser, default, description. `ghostcam check`, the validation,
 * deploy/ghostcam.env.example and README's table all follow this file (a test compares them).
 */
import { hostname } from 'node:os';
import type { LabelFilter } from '../geometry/filters.js';
import type { Polygon, Zone } from '../geometry/zones.js';
import { filters } from './filters.js';
import { masks, zones } from './regions.js';
import { LOG_LEVELS, PROVIDERS, SNAPSHOT_DRAWINGS, TRANSPORTS } from './types.js';
import {
  boolean,
  brokerUrls,
  cameraNames,
  cameraUrl,
  choice,
  choices,
  file,
  integer,
  list,
  number,
  type Parser,
  text,
  topic,
  topicSegment,
} from './values.js';

export interface Variable<T> {
  parse: Parser<T>;
  /** Taken when the variable is unset or empty; undefined: there is none, and the value may be absent. */
  fallback: T | undefined;
  /** Shown for a fallback that is not its own text. */
  fallbackText?: string;
  /** Holds a credential, so it may also be given as NAME_FILE. url: shown without the credentials; all: never shown. */
  secret?: 'url' | 'all';
  description: string;
}

function variable<T>(definition: Variable<T>): Variable<T> {
  return definition;
}

/** MQTT and systemd want a name without the characters that a host name may bring from a careless set-up. */
const defaultNodeId = hostname().replace(/[^A-Za-z0-9_.-]+/g, '-') || 'ghostcam';

/** Of what may also be changed while the daemon runs, see src/control. */
export const LIMITS = {
  threshold: { min: 0.01, max: 1 },
  fps: { min: 0.1, max: 60 },
} as const;

/** Variables of the whole daemon. */
export const GLOBAL_VARIABLES = {
  CAMERAS: variable<string[]>({
    parse: cameraNames,
    fallback: undefined,
    description: 'Names of the cameras, separated by commas: front,back_yard',
  }),
  NODE_ID: variable<string>({
    parse: topicSegment,
    fallback: defaultNodeId,
    fallbackText: 'the host name',
    description: 'Name of this board in the topics',
  }),
  MQTT_URL: variable<string[]>({
    parse: brokerUrls,
    fallback: ['mqtt://localhost:1883'],
    secret: 'url',
    description:
      'Broker: mqtt://, mqtts:// (TLS), ws:// or wss://; of a cluster, its servers separated by commas',
  }),
  MQTT_USERNAME: variable<string>({
    parse: text,
    fallback: undefined,
    secret: 'all',
    description: 'User name at the broker',
  }),
  MQTT_PASSWORD: variable<string>({
    parse: text,
    fallback: undefined,
    secret: 'all',
    description: 'Password at the broker',
  }),
  MQTT_CA: variable<string>({
    parse: file,
    fallback: undefined,
    description: 'PEM file of the authority that signed the broker’s certificate',
  }),
  MQTT_CERT: variable<string>({
    parse: file,
    fallback: undefined,
    description: 'PEM file of a client certificate',
  }),
  MQTT_KEY: variable<string>({
    parse: file,
    fallback: undefined,
    description: 'PEM file of the client certificate’s key',
  }),
  MQTT_TOPIC: variable<string>({ parse: topic, fallback: 'ghostcam', description: 'Base topic' }),
  MQTT_CLIENT_ID: variable<string>({
    parse: text,
    fallback: undefined,
    fallbackText: 'ghostcam-NODE_ID',
    description: 'Client identifier at the broker',
  }),
  HOMEASSISTANT: variable<boolean>({
    parse: boolean,
    fallback: true,
    description: 'Announce the cameras to Home Assistant: they appear there by themselves',
  }),
  HOMEASSISTANT_PREFIX: variable<string>({
    parse: topic,
    fallback: 'homeassistant',
    description: 'Discovery prefix, as it is set in Home Assistant',
  }),
  MODEL: variable<string>({
    parse: text,
    fallback: 'yolov8n-ghostnetv2-320',
    description:
      'Name of a shipped model (…-int8: the INT8 form for this processor), or path of a .onnx file with its .json beside it',
  }),
  PROVIDER: variable<(typeof PROVIDERS)[number]>({
    parse: choice(...PROVIDERS),
    fallback: 'auto',
    description: `What runs the model: ${PROVIDERS.join(', ')}. auto times what this board has and takes the fastest`,
  }),
  THREADS: variable<number>({
    parse: integer(1, 64),
    fallback: undefined,
    fallbackText: 'one fewer than the cores',
    description: 'Inference threads. Leave one core for ffmpeg',
  }),
  ONNXRUNTIME_LIB: variable<string>({
    parse: file,
    fallback: undefined,
    description: 'Path of the libonnxruntime.so to use instead of the one found',
  }),
  FFMPEG_PATH: variable<string>({
    parse: file,
    fallback: undefined,
    description: 'Path of the ffmpeg to use instead of the one found',
  }),
  MAX_FRAME_AGE_MS: variable<number>({
    parse: integer(50, 60_000),
    fallback: 2000,
    description: 'An unread frame older than this is dropped instead of inferred',
  }),
  LOG_LEVEL: variable<(typeof LOG_LEVELS)[number]>({
    parse: choice(...LOG_LEVELS),
    fallback: 'info',
    description: `Least severe log lines that are written: ${LOG_LEVELS.join(', ')}`,
  }),
};

/**
 * Settings of one camera: CAMERA_<NAME>_<SETTING>, with CAMERA_<SETTING> as the default for all cameras.
 */
export const CAMERA_VARIABLES = {
  URL: variable<string>({
    parse: cameraUrl,
    fallback: undefined,
    secret: 'url',
    description: 'rtsp(s)://, http(s):// (MJPEG or HLS), a video file, or test: for a moving test picture',
  }),
  TRANSPORT: variable<(typeof TRANSPORTS)[number]>({
    parse: choice(...TRANSPORTS),
    fallback: 'tcp',
    description: 'How RTSP carries the video: tcp or udp',
  }),
  FPS: variable<number>({
    parse: number(LIMITS.fps.min, LIMITS.fps.max),
    fallback: 5,
    description: 'Frames per second that are looked at, at most',
  }),
  THRESHOLD: variable<number>({
    parse: number(LIMITS.threshold.min, LIMITS.threshold.max),
    fallback: undefined,
    fallbackText: 'the model’s own',
    description: 'Score from which an object is reported, 0.01 to 1',
  }),
  LABELS: variable<string[]>({
    parse: list,
    fallback: undefined,
    fallbackText: 'all of the model',
    description: 'Labels that are reported: person,car',
  }),
  FILTERS: variable<LabelFilter[]>({
    parse: filters,
    fallback: undefined,
    fallbackText: 'none',
    description: 'Limits per label: person: threshold 0.5, area 0.002..0.5, aspect 0.2..1; car: area 0.01..',
  }),
  ZONES: variable<Zone[]>({
    parse: zones,
    fallback: undefined,
    fallbackText: 'none',
    description: 'Named areas for events: door: 0.1,0.5 0.4,0.5 0.4,1 0.1,1; street 3s: 0,0.2 1,0.2 1,0.4',
  }),
  MASKS: variable<Polygon[]>({
    parse: masks,
    fallback: undefined,
    fallbackText: 'none',
    description: 'Areas in which nothing is reported: 0,0 1,0 1,0.1 0,0.1; 0.9,0.9 1,0.9 1,1',
  }),
  MOTION: variable<boolean>({
    parse: boolean,
    fallback: true,
    description:
      'false looks at every frame; true only at those with motion, and now and then at one without',
  }),
  MOTION_AREA: variable<number>({
    parse: number(0, 1),
    fallback: 0.0005,
    description: 'Share of the picture that must change to count as motion, 0 to 1',
  }),
  MOTION_OFF_DELAY: variable<number>({
    parse: number(0, 3600),
    fallback: 5,
    description: 'Seconds without motion until the motion topic says OFF',
  }),
  LOOK_INTERVAL: variable<number>({
    parse: number(0.1, 3600),
    fallback: 10,
    description: 'Seconds between looks at a picture without motion',
  }),
  SNAPSHOT: variable<boolean>({
    parse: boolean,
    fallback: true,
    description: 'Publishes a picture of each event',
  }),
  SNAPSHOT_HEIGHT: variable<number>({
    parse: integer(64, 4320),
    fallback: 720,
    description: 'Height in pixels that frames are shrunk to for the picture; never enlarged',
  }),
  SNAPSHOT_CROP: variable<boolean>({
    parse: boolean,
    fallback: false,
    description: 'true: the object and what is around it, instead of the whole picture',
  }),
  SNAPSHOT_DRAW: variable<readonly (typeof SNAPSHOT_DRAWINGS)[number][]>({
    parse: choices(...SNAPSHOT_DRAWINGS),
    fallback: ['box', 'time'],
    description: `What is drawn over the picture: ${SNAPSHOT_DRAWINGS.join(', ')}, or none`,
  }),
  SNAPSHOT_MAX_KB: variable<number>({
    parse: integer(10, 10_000),
    fallback: 200,
    description: 'Size limit of the JPEG in kilobytes, kept by lower quality, then fewer pixels',
  }),
  ENABLED: variable<boolean>({
    parse: boolean,
    fallback: true,
    description: 'false keeps the camera in the file but off',
  }),
  HWACCEL: variable<string>({
    parse: text,
    fallback: undefined,
    fallbackText: 'software decoding',
    description: 'Hardware acceleration for ffmpeg’s -hwaccel, such as drm or cuda',
  }),
  DECODER: variable<string>({
    parse: text,
    fallback: undefined,
    fallbackText: 'ffmpeg’s choice',
    description: 'Decoder for ffmpeg’s -c:v, such as h264_v4l2m2m',
  }),
  STALL_TIMEOUT: variable<number>({
    parse: number(1, 600),
    fallback: 10,
    description: 'Seconds without a frame after which the camera is reconnected',
  }),
};

export type GlobalName = keyof typeof GLOBAL_VARIABLES;
export type CameraSetting = keyof typeof CAMERA_VARIABLES;

/** `back-yard`, `FPS` -> `CAMERA_BACK_YARD_FPS`. */
export function cameraVariableName(camera: string, setting: CameraSetting): string {
  return `CAMERA_${camera.toUpperCase().replaceAll('-', '_')}_${setting}`;
}

/** `FPS` -> `CAMERA_FPS`, the default of all cameras. */
export function cameraDefaultName(setting: CameraSetting): string {
  return `CAMERA_${setting}`;
}
