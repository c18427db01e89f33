/** Which schema each topic's payload has: the types of the code, and docs/schemas as it is committed. */
import { readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

export const FOLDER = 'docs/schemas';

/** By file in docs/schemas: the topic, a `+` for each name that it holds, the type, and whether the payload is JSON or text. */
export const PAYLOADS = {
  'node-state': { topic: 'ghostcam/+/state', type: 'NodeStatePayload', json: false },
  info: { topic: 'ghostcam/+/info', type: 'InfoPayload', json: true },
  health: { topic: 'ghostcam/+/health', type: 'HealthPayload', json: true },
  'camera-state': { topic: 'ghostcam/+/+/state', type: 'CameraStatePayload', json: true },
  detections: { topic: 'ghostcam/+/+/detections', type: 'DetectionsPayload', json: true },
  event: { topic: 'ghostcam/+/+/events', type: 'EventPayload', json: true },
  motion: { topic: 'ghostcam/+/+/motion', type: 'MotionPayload', json: false },
  count: { topic: 'ghostcam/+/+/+/count', type: 'CountPayload', json: false },
  moving: { topic: 'ghostcam/+/+/+/moving', type: 'MovingPayload', json: false },
  'zone-count': { topic: 'ghostcam/+/+/zones/+/+/count', type: 'CountPayload', json: false },
  'zone-moving': { topic: 'ghostcam/+/+/zones/+/+/moving', type: 'MovingPayload', json: false },
  enabled: { topic: 'ghostcam/+/+/enabled/state', type: 'EnabledPayload', json: false },
  detect: { topic: 'ghostcam/+/+/detect/state', type: 'DetectPayload', json: false },
  threshold: { topic: 'ghostcam/+/+/threshold/state', type: 'ThresholdPayload', json: false },
  fps: { topic: 'ghostcam/+/+/fps/state', type: 'FpsPayload', json: false },
} as const;

export type PayloadName = keyof typeof PAYLOADS;
export const PAYLOAD_NAMES = Object.keys(PAYLOADS) as PayloadName[];

/** The name of what is published on a topic. */
export function payloadOf(topic: string): PayloadName | undefined {
  const levels = topic.split('/');
  return PAYLOAD_NAMES.find((name) => {
    const wanted = PAYLOADS[name].topic.split('/');
    return (
      wanted.length === levels.length && wanted.every((level, at) => level === '+' || level === levels[at])
    );
  });
}

const ajv = new Ajv({ strict: true, allErrors: true, allowUnionTypes: true });
formats.default(ajv);
const validators = new Map<PayloadName, ValidateFunction>();

/** What the committed schema has against a message; undefined: nothing. */
export function mistakesIn(name: PayloadName, payload: string): string | undefined {
  let validate = validators.get(name);
  if (validate === undefined) {
    validate = ajv.compile(JSON.parse(readFileSync(`${FOLDER}/${name}.json`, 'utf8')));
    validators.set(name, validate);
  }
  const value = PAYLOADS[name].json ? JSON.parse(payload) : payload;
  return validate(value) ? undefined : `${name}: ${ajv.errorsText(validate.errors)}: ${payload}`;
}
