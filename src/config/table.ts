/**
 * Every setting of ghostcam: name, parser, default, description. The types of the configuration, validation, `ghostcam check`,
 * docs/settings.md and deploy/ghostcam.env.example follow from these rows.
 */
import { hostname } from 'node:os';
import { displayBrokerAddresses } from '../address/broker.js';
import { maskedLabels, masks, privateAreas, zones } from './areas.js';
import { ffmpegInput } from './ffmpeg-input.js';
import { filters } from './filters.js';
import { setting } from './setting.js';
import {
  boolean,
  brokerAddresses,
  cameraAddress,
  cameraNames,
  cameraUsername,
  certificates,
  choice,
  choices,
  file,
  integer,
  list,
  mqttPassword,
  mqttString,
  number,
  privateKey,
  text,
  topic,
  topicSegment,
} from './values.js';
import { hostNames, listenAddress, origins } from './web.js';

export const PROVIDERS = ['auto', 'cpu', 'xnnpack', 'cuda', 'tensorrt', 'nnapi'] as const;
const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const TRANSPORTS = ['tcp', 'udp'] as const;
const SNAPSHOT_DRAWINGS = ['box', 'zones', 'masks', 'time'] as const;

/** The limits of settings that can also be changed over MQTT. */
export const LIMITS = {
  threshold: { min: 0.01, max: 1 },
  fps: { min: 0.1, max: 60 },
} as const;

/** Topics and systemd accept no character that a host name may hold beyond these. */
const defaultNodeId = hostname().replace(/[^A-Za-z0-9_.-]+/g, '-') || 'ghostcam';

/** Settings of the node, by variable. */
export const NODE_VARIABLES = {
  CAMERAS: setting(cameraNames, {
    applied: 'live',
    description: 'Names of the cameras, separated by commas: front,back_yard',
    details:
      'A name is part of the topics and, in capitals, of its variables: back_yard reads CAMERA_BACK_YARD_URL. Letters and digits, with _ and - between them, 64 at most.',
  }),
  NODE_ID: setting(topicSegment, {
    applied: 'process',
    default: defaultNodeId,
    defaultShown: 'the host name',
    description: 'Name of this board in the topics',
    details: 'It must differ between boards on one broker; many are called raspberrypi.',
  }),
  HOMEASSISTANT: setting(boolean, {
    applied: 'process',
    default: 'true',
    description: 'Announces the cameras to Home Assistant, which then shows them without further set-up',
  }),
  HOMEASSISTANT_PREFIX: setting(topic, {
    applied: 'process',
    default: 'homeassistant',
    description: 'Discovery prefix, as it is set in Home Assistant',
  }),
  MODEL: setting(text, {
    applied: 'process',
    default: 'yolov8n-ghostnetv2-320-auto',
    description:
      'Name of a shipped model and its size, or path of a .onnx file with its .json beside it. …-int8 is the INT8 form for this processor, …-auto that or float, whichever a start measures to be faster',
    details:
      'INT8 costs at most a point of AP50 and is taken by …-auto where it is a tenth faster; without an ending, the model is in float. The size, 320, 448 or 640, is the longer side that a picture is shown at; the other side follows each camera’s picture. A larger one finds smaller objects and takes longer.',
  }),
  PROVIDER: setting(choice(...PROVIDERS), {
    applied: 'process',
    default: 'auto',
    description: `What runs the model: ${PROVIDERS.join(', ')}. auto times what this board has and takes the fastest`,
  }),
  THREADS: setting(integer(1, 64), {
    applied: 'process',
    defaultShown: 'one fewer than the cores',
    description: 'Inference threads. Leave one core for ffmpeg',
  }),
  ONNXRUNTIME_LIB: setting(file, {
    applied: 'process',
    description: 'Path of the libonnxruntime.so to use instead of the one found',
  }),
  FFMPEG_PATH: setting(file, {
    applied: 'process',
    description: 'Path of the ffmpeg to use instead of the one found',
  }),
  MAX_FRAME_AGE_MS: setting(integer(50, 60_000), {
    applied: 'live',
    default: '2000',
    description: 'An unread frame older than so many milliseconds is dropped instead of inferred',
  }),
  WEB: setting(listenAddress, {
    applied: 'process',
    default: 'off',
    description: 'Where the page, its API and the metrics are served: 127.0.0.1:8970, 0.0.0.0:8970, or off',
    details: 'What other machines can reach needs WEB_PASSWORD.',
  }),
  WEB_PASSWORD: setting(text, {
    applied: 'process',
    secret: true,
    anyText: true,
    description: 'Password of the page, at least 8 characters',
  }),
  WEB_HOSTS: setting(hostNames, {
    applied: 'process',
    default: 'none',
    description:
      'Public names under which the page is reached, as through a reverse proxy: cameras.example.org',
    details:
      'IP addresses, names without a dot and those that end in .local, .lan, .internal or .home.arpa need no mention.',
  }),
  WEB_FRAME_ANCESTORS: setting(origins, {
    applied: 'process',
    default: 'none',
    description: 'Origins whose pages may show this one in a frame: http://homeassistant.local:8123',
    details:
      'The page’s own origin is always included; self allows only that one, as behind a reverse proxy that serves both.',
  }),
  WEB_DETECT: setting(boolean, {
    applied: 'process',
    default: 'false',
    description: 'true: POST /v1/vision/detection finds objects in pictures that other programs send',
    details: 'They come after the frames of all cameras.',
  }),
  LOG_LEVEL: setting(choice(...LOG_LEVELS), {
    applied: 'live',
    default: 'info',
    description: `Least severe log lines that are written: ${LOG_LEVELS.join(', ')}`,
  }),
};

/** Settings of the broker connection: MQTT_<SETTING>. */
export const MQTT_VARIABLES = {
  URL: setting(brokerAddresses, {
    applied: 'process',
    default: 'mqtt://localhost:1883',
    secret: true,
    display: displayBrokerAddresses,
    description:
      'Broker: mqtt://, mqtts:// (TLS), ws:// or wss://; of a cluster, its servers separated by commas',
  }),
  USERNAME: setting(mqttString, {
    applied: 'process',
    secret: true,
    description: 'User name at the broker, where the address has none',
  }),
  PASSWORD: setting(mqttPassword, {
    applied: 'process',
    secret: true,
    anyText: true,
    description:
      'Password at the broker, as it is: no character needs to be encoded; in quotes where it has a space before a #',
  }),
  CA: setting(certificates, {
    applied: 'process',
    description: 'PEM file of the authority that signed the broker’s certificate',
  }),
  CERT: setting(certificates, { applied: 'process', description: 'PEM file of a client certificate' }),
  KEY: setting(privateKey, { applied: 'process', description: 'PEM file of the client certificate’s key' }),
  TOPIC: setting(topic, {
    applied: 'process',
    default: 'ghostcam',
    description: 'Base topic',
    details: 'Topics begin with MQTT_TOPIC/NODE_ID/.',
  }),
  CLIENT_ID: setting(mqttString, {
    applied: 'process',
    defaultShown: 'ghostcam-NODE_ID',
    description: 'Client identifier at the broker',
  }),
  VERSION: setting(choice('auto', '5', '3.1.1'), {
    applied: 'process',
    default: 'auto',
    description:
      'Version of MQTT: auto, 5 or 3.1.1. auto speaks 5, and 3.1.1 to brokers that do not answer on 5',
  }),
};

/** Settings of one camera: CAMERA_<NAME>_<SETTING>, with CAMERA_<SETTING> as the default for all cameras. */
export const CAMERA_VARIABLES = {
  URL: setting(cameraAddress, {
    applied: 'camera',
    secret: true,
    display: (address) => address.display(),
    description:
      'rtsp(s)://, http(s):// (MJPEG or HLS), v4l2:/dev/video0, a video file, or test: for a moving test picture',
    details: 'The camera’s small “sub stream” is enough and saves most of the CPU.',
  }),
  USERNAME: setting(cameraUsername, {
    applied: 'camera',
    secret: true,
    description: 'User name at the camera, where the address has none',
  }),
  PASSWORD: setting(text, {
    applied: 'camera',
    secret: true,
    anyText: true,
    description:
      'Password at the camera, as it is: no character needs to be encoded; in quotes where it has a space before a #',
  }),
  TRANSPORT: setting(choice(...TRANSPORTS), {
    applied: 'camera',
    default: 'tcp',
    description: 'How RTSP carries the video: tcp or udp',
  }),
  FPS: setting(number(LIMITS.fps.min, LIMITS.fps.max), {
    applied: 'camera',
    default: '5',
    description: 'Frames per second that are inferred, at most',
  }),
  THRESHOLD: setting(number(LIMITS.threshold.min, LIMITS.threshold.max), {
    applied: 'live',
    defaultShown: 'the model’s own',
    description: 'Score from which an object is reported, 0.01 to 1',
  }),
  LABELS: setting(list, {
    applied: 'live',
    defaultShown: 'all of the model',
    description: 'Labels that are reported: person,car',
    labels: (labels) => labels,
  }),
  FILTERS: setting(filters, {
    applied: 'live',
    default: 'none',
    description:
      'Limits per label: person: threshold 0.5, area 0.002..0.5, aspect 0.2..1; car: area 0.01..0.6',
    details:
      'They are the score, the box as a share of the picture, and its width by its height; * is for all other labels.',
    labels: (filters) => filters.map(({ label }) => label).filter((label) => label !== '*'),
  }),
  ZONES: setting(zones, {
    applied: 'live',
    default: 'none',
    description:
      'Named areas for events and counts: door: 0.1,0.5 0.4,0.5 0.4,1 0.1,1; street (car) 3s: 0,0.2 1,0.2 1,0.4',
    details:
      'Corners are x,y from the top left, in 0..1 of width and height or in pixels. An object is where it stands: at the middle of its box’s lower edge. Labels in parentheses: only they count there. A time before the colon is how long an object must stay.',
    labels: (zones) => zones.flatMap(({ labels = [] }) => labels),
  }),
  MASKS: setting(masks, {
    applied: 'live',
    default: 'none',
    description:
      'Areas in which nothing is reported: 0,0 1,0 1,0.1 0,0.1; of some labels alone: person: 0.9,0.9 1,0.9 1,1',
    details:
      'Labels before a colon, separated by commas: in the area these are not reported. motion: is an area in which motion alone does not count. A mask hides nothing in pictures: see PRIVACY.',
    labels: maskedLabels,
  }),
  PRIVACY: setting(privateAreas, {
    applied: 'live',
    default: 'none',
    description: 'Areas that are black before anything is found or shown: 0,0 0.3,0 0.3,0.4 0,0.4',
    details: 'Nothing of them is inferred, drawn, published or kept.',
  }),
  MOTION: setting(boolean, {
    applied: 'live',
    default: 'true',
    description: 'true infers frames with motion, and at times one without; false infers every frame',
    details:
      'Frames are also inferred while an object is followed that does not stand still. This saves most of the CPU.',
  }),
  MOTION_AREA: setting(number(0, 1), {
    applied: 'live',
    default: '0.0005',
    description: 'Share of the picture that must change to count as motion, 0 to 1',
    details: 'Raise it where rain or noise in the dark counts as motion.',
  }),
  MOTION_OFF_DELAY: setting(number(0, 3600), {
    applied: 'live',
    default: '5',
    description: 'Seconds without motion until the motion topic says OFF',
  }),
  IDLE_INTERVAL: setting(number(0.1, 3600), {
    applied: 'live',
    default: '10',
    description: 'Seconds between inferred frames while there is no motion',
  }),
  REGIONS: setting(boolean, {
    applied: 'camera',
    default: 'true',
    description:
      'true infers, between whole pictures, parts of them in which something moves: small objects are found',
    details: 'Takes MOTION. false infers whole pictures alone.',
  }),
  FRAME_HEIGHT: setting(integer(64, 4320), {
    applied: 'camera',
    default: '720',
    description: 'Height in pixels that frames are shrunk to for regions and pictures; never enlarged',
    details: 'It holds with REGIONS or SNAPSHOT; without both frames have the size that the detector needs.',
  }),
  SNAPSHOT: setting(boolean, {
    applied: 'camera',
    default: 'true',
    description: 'Publishes a picture of each event',
    details: 'It is retained on the topic of its label.',
  }),
  SNAPSHOT_CROP: setting(boolean, {
    applied: 'live',
    default: 'false',
    description: 'true: the object and what is around it, instead of the whole picture',
  }),
  SNAPSHOT_DRAW: setting(choices(...SNAPSHOT_DRAWINGS), {
    applied: 'live',
    default: 'box,time',
    description: `What is drawn over the picture: ${SNAPSHOT_DRAWINGS.join(', ')}, or none`,
  }),
  SNAPSHOT_MAX_KB: setting(integer(10, 10_000), {
    applied: 'live',
    default: '200',
    description: 'Size limit of the JPEG in kilobytes, kept by lower quality, then fewer pixels',
  }),
  ENABLED: setting(boolean, {
    applied: 'live',
    default: 'true',
    description: 'false: the camera is off. No ffmpeg runs for it',
  }),
  DETECT: setting(boolean, {
    applied: 'live',
    default: 'true',
    description: 'false: inference is paused at the start, the camera runs',
  }),
  TITLE: setting(text, {
    applied: 'live',
    defaultShown: 'from its name',
    description: 'Name of the camera for people, as Home Assistant shows it: Back yard',
  }),
  HWACCEL: setting(text, {
    applied: 'camera',
    defaultShown: 'software decoding',
    description: 'Hardware acceleration for ffmpeg’s -hwaccel, such as drm or cuda',
  }),
  DECODER: setting(text, {
    applied: 'camera',
    defaultShown: 'ffmpeg’s choice',
    description: 'Decoder for ffmpeg’s -c:v, such as h264_v4l2m2m',
  }),
  FFMPEG_INPUT: setting(ffmpegInput, {
    applied: 'camera',
    defaultShown: 'none',
    description: 'Options for ffmpeg’s input, for odd cameras: -input_format mjpeg -video_size 1280x720',
    details: `Of ffmpeg’s options, those that open no file and no other address: see docs/cameras.md.`,
  }),
  STALL_TIMEOUT: setting(number(1, 600), {
    applied: 'camera',
    default: '10',
    description: 'Seconds without a frame after which the camera is reconnected',
  }),
  CONNECT_TIMEOUT: setting(number(1, 3600), {
    applied: 'camera',
    default: '60',
    description: 'Seconds from connecting to the first frame after which the camera is reconnected',
    details:
      'A picture begins with a key frame, which some cameras send every 20 seconds. A camera that sends nothing at all is given STALL_TIMEOUT.',
  }),
  TLS_VERIFY: setting(boolean, {
    applied: 'camera',
    default: 'true',
    description:
      'false accepts any certificate of an rtsps or https camera, such as one that it signed itself',
  }),
  TLS_CA: setting(certificates, {
    applied: 'camera',
    defaultShown: 'those of the system',
    description: 'PEM file of the authority that signed the certificate of an rtsps or https camera',
  }),
};

export type CameraSetting = keyof typeof CAMERA_VARIABLES;

/** `back-yard`, `FPS` -> `CAMERA_BACK_YARD_FPS`. */
export function cameraVariableName(camera: string, name: CameraSetting): string {
  return `CAMERA_${camera.toUpperCase().replaceAll('-', '_')}_${name}`;
}

/** `FPS` -> `CAMERA_FPS`, the default of all cameras. */
export function cameraDefaultName(name: CameraSetting): string {
  return `CAMERA_${name}`;
}

/** `URL` -> `MQTT_URL`. */
export function mqttVariableName(name: keyof typeof MQTT_VARIABLES): string {
  return `MQTT_${name}`;
}
