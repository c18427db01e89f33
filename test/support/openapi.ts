/** docs/openapi.json: what the page's server answers, from the types of the code. */
import { createGenerator } from 'ts-json-schema-generator';
import { VERSION } from '../../src/package-info.js';

const GENERATOR = {
  path: 'src/web/api.ts',
  tsconfig: 'tsconfig.json',
  expose: 'export',
  topRef: true,
  // tsc has its own step.
  skipTypeCheck: true,
} as const;

type Schema = Record<string, unknown>;

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string) => ({ 'application/json': { schema: ref(name) } });
const answer = (name: string, description: string) => ({ description, content: json(name) });
const jpeg = (description: string) => ({ description, content: { 'image/jpeg': {} } });
const text = (description: string, type: string) => ({ description, content: { [type]: {} } });
const done = { 204: { description: 'It is done.' } };
const body = (name: string) => ({ required: true, content: json(name) });
const query = (name: string, description: string, schema: Schema) => ({
  name,
  in: 'query',
  description,
  schema,
});
const path = (name: string, description: string) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});
const failures = (...codes: number[]) =>
  Object.fromEntries(codes.map((code) => [code, answer('ErrorAnswer', FAILURES[code] as string)]));

const FAILURES: Record<number, string> = {
  400: 'The request makes no sense.',
  401: 'The password is missing or wrong.',
  403: 'The request was sent to a name that is not known (`Host`), or by another page (`Origin`).',
  404: 'There is none of that name.',
  413: 'The body is too long.',
  415: 'The body is no JSON by its type.',
  422: 'The body is JSON, and a value in it is wrong.',
  429: 'Too many wrong passwords: see `Retry-After`.',
  503: 'No picture came in time.',
};
const REFUSED = failures(401, 403, 429);
const JSON_REFUSED = failures(400, 413, 415, 422);
const PUBLIC: never[] = [];

/** By path and method, in the order of the document. */
export const PATHS = {
  '/healthz': {
    get: {
      summary: 'Whether frames are inferred, for containers and load balancers',
      security: PUBLIC,
      responses: {
        200: answer(
          'HealthAnswer',
          'Frames of a camera that is switched on are inferred, or all are switched off.',
        ),
        503: answer('HealthAnswer', 'No frame of a camera that is switched on is inferred.'),
        ...failures(403),
      },
    },
  },
  '/metrics': {
    get: {
      summary: 'Metrics in the text format of Prometheus',
      responses: { 200: text('The metrics.', 'text/plain'), ...REFUSED },
    },
  },
  '/api/cameras': {
    get: {
      summary: 'All cameras as they are now',
      responses: { 200: answer('CamerasAnswer', 'The cameras.'), ...REFUSED },
    },
  },
  '/api/cameras/{name}/latest.jpg': {
    get: {
      summary: 'The next picture of a camera, made for this request',
      parameters: [
        path('name', 'The camera’s.'),
        query('boxes', '1: with a box around what was found in it, or is expected there by now.', {
          enum: [0, 1],
          default: 0,
        }),
      ],
      responses: { 200: jpeg('The picture.'), ...REFUSED, ...failures(400, 404, 503) },
    },
  },
  '/api/cameras/{name}/settings': {
    post: {
      summary: 'Changes settings of a camera until the daemon ends, as the commands of MQTT do',
      parameters: [path('name', 'The camera’s.')],
      requestBody: body('SettingsRequest'),
      responses: { ...done, ...REFUSED, ...JSON_REFUSED, ...failures(404) },
    },
  },
  '/api/cameras/{name}/trial': {
    post: {
      summary:
        'Tries areas and size limits: they hold at once, and until the settings are read anew; no file is written',
      parameters: [path('name', 'The camera’s.')],
      requestBody: body('TrialRequest'),
      responses: { ...done, ...REFUSED, ...JSON_REFUSED, ...failures(404) },
    },
    delete: {
      summary: 'Ends what is tried: the camera is again as its settings were read',
      parameters: [path('name', 'The camera’s.')],
      responses: { ...done, ...REFUSED, ...failures(404) },
    },
  },
  '/api/events': {
    get: {
      summary: 'The newest events, from memory: up to 500 since the start',
      parameters: [
        query('since', 'Only those that changed then or later: ISO 8601, or milliseconds since 1970.', {
          type: 'string',
        }),
        query('camera', 'Only of this camera.', { type: 'string' }),
        query('label', 'Only of this label.', { type: 'string' }),
        query('zone', 'Only those that are or were in this zone.', { type: 'string' }),
        query('limit', 'At most so many.', { type: 'integer', minimum: 1, maximum: 500, default: 500 }),
      ],
      responses: { 200: answer('EventsAnswer', 'The newest first.'), ...REFUSED, ...failures(400) },
    },
  },
  '/api/events/{id}/snapshot.jpg': {
    get: {
      summary: 'The picture of an event',
      parameters: [path('id', 'The event’s.')],
      responses: { 200: jpeg('The picture.'), ...REFUSED, ...failures(404) },
    },
  },
  '/v1/vision/detection': {
    post: {
      summary:
        'Finds objects in a picture, in the form of DeepStack and CodeProject.AI; with `WEB_DETECT=true`',
      requestBody: {
        required: true,
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              required: ['image'],
              properties: {
                image: {
                  description: 'JPEG, PNG or WebP, at most 8 MiB.',
                  type: 'string',
                  contentMediaType: 'image/*',
                },
                min_confidence: { type: 'number', minimum: 0, maximum: 1 },
                api_key: {
                  description: 'The password, for programs that cannot send it otherwise.',
                  type: 'string',
                },
              },
            },
          },
        },
      },
      responses: {
        200: answer('DetectionAnswer', 'What was found.'),
        400: answer('DetectionError', 'There is no picture, or it cannot be read.'),
        401: answer('DetectionError', FAILURES[401] as string),
        503: answer('DetectionError', 'The cameras leave no time for it.'),
        ...failures(403, 413),
      },
    },
  },
  '/login': {
    post: {
      summary:
        'Begins a session, whose cookie the page keeps; scripts send the password with each request instead',
      security: PUBLIC,
      requestBody: body('LoginRequest'),
      responses: { ...done, ...REFUSED, ...JSON_REFUSED },
    },
  },
  '/logout': {
    post: {
      summary: 'Ends the session',
      security: PUBLIC,
      responses: { ...done, ...failures(403) },
    },
  },
} as const;

export function openApi() {
  const { definitions = {} } = createGenerator(GENERATOR).createSchema('*');
  const schemas = JSON.parse(
    JSON.stringify(definitions).replaceAll('#/definitions/', '#/components/schemas/'),
  ) as Record<string, Schema>;
  return {
    openapi: '3.1.0',
    info: {
      title: 'ghostcam',
      version: VERSION,
      description:
        'What the page of a ghostcam daemon (`WEB`) answers. Its WebSocket, `/live`, sends `ServerMessage` as text and pictures as binary messages, see `PictureHeader`, and takes `ClientMessage`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8970' }],
    security: [{ session: [] }, { password: [] }, {}],
    paths: PATHS,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: 'ghostcam_session' },
        password: { type: 'http', scheme: 'basic', description: 'Any user name; WEB_PASSWORD.' },
      },
      schemas,
    },
  };
}
