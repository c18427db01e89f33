/** The routes of one camera, below `/api/cameras/:name`. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { describeMistake } from '../config/mistake.js';
import { LIMITS } from '../config/table.js';
import type { CameraSettings, Commands } from '../mqtt/commands.js';
import { picture, wrong } from './answers.js';
import type { ErrorAnswer } from './api.js';
import { jsonBody, limited, SETTINGS, TRIAL } from './bodies.js';
import { drawBoxes } from './boxes.js';
import type { CameraTrials } from './camera-trials.js';
import type { LivePictures } from './live-pictures.js';
import type { WatchedCamera } from './watched-camera.js';

/** How long a picture is waited for: of slow cameras, the time of two frames. */
const PICTURE_WAIT_MS = 5000;
/** Of the lines that are tried. */
const MAX_MISTAKES = 20;

export interface CameraRoutesParts {
  /** By name. Cameras may come and go. */
  cameras: ReadonlyMap<string, WatchedCamera>;
  pictures: LivePictures;
  commands: Pick<Commands, 'command'>;
  trials: CameraTrials;
  /** Something was changed by a request. */
  onChange: () => void;
}

type CameraBindings = { Bindings: HttpBindings; Variables: { camera: WatchedCamera } };

export function cameraRoutes({ cameras, pictures, commands, trials, onChange }: CameraRoutesParts) {
  const app = new Hono<CameraBindings>();
  app.use(async (c, next) => {
    const camera = cameras.get(c.req.param('name') ?? '');
    if (camera === undefined) {
      const remedy = `one of ${[...cameras.keys()].join(', ')}`;
      return c.json({ error: 'there is no such camera', remedy } satisfies ErrorAnswer, 404);
    }
    c.set('camera', camera);
    return next();
  });
  app.get('/latest.jpg', (c) => latest(c, pictures));
  app.post('/settings', limited(), async (c) => {
    const body = await jsonBody(c, SETTINGS);
    if (body instanceof Response) return body;
    for (const [setting, value] of Object.entries(body)) {
      commands.command(c.var.camera.name, setting as keyof CameraSettings, String(value));
    }
    onChange();
    return c.body(null, 204);
  });
  // Lines that are tried hold at once; the env file is neither read nor written.
  app.post('/trial', limited(), async (c) => {
    const body = await jsonBody(c, TRIAL);
    if (body instanceof Response) return body;
    const mistakes = await trials.begin(c.var.camera.name, body.lines);
    if (mistakes.length > 0) {
      const error = mistakes.slice(0, MAX_MISTAKES).map(describeMistake).join('\n');
      return c.json({ error } satisfies ErrorAnswer, 422);
    }
    onChange();
    return c.body(null, 204);
  });
  app.delete('/trial', async (c) => {
    await trials.end(c.var.camera.name);
    onChange();
    return c.body(null, 204);
  });
  return app;
}

async function latest(c: Context<CameraBindings>, pictures: LivePictures): Promise<Response> {
  const { camera } = c.var;
  const boxes = c.req.query('boxes') ?? '0';
  if (boxes !== '0' && boxes !== '1') return wrong(c, 'boxes must be 0 or 1');
  if (camera.state.status !== 'online') return noPicture(c, camera);
  if (pictures.crowded) return crowded(c);
  const wait = Math.min(Math.max(PICTURE_WAIT_MS, 2000 / camera.get('fps')), 2000 / LIMITS.fps.min);
  const live = await pictures.next(camera.name, wait);
  if (live === undefined) return noPicture(c, camera);
  c.header('Last-Modified', new Date(live.capturedAt).toUTCString());
  return picture(c, boxes === '1' ? await drawBoxes(live) : live.jpeg);
}

/** One client may ask again before it has read an answer, as often as it likes. */
function crowded(c: Context): Response {
  const error = 'too many requests wait for a picture';
  return c.json({ error, remedy: 'wait for the answer to each' } satisfies ErrorAnswer, 503);
}

function noPicture(c: Context, { state: { status, reason } }: WatchedCamera): Response {
  const error = `no picture came: the camera is ${status}${reason === undefined ? '' : `, ${reason}`}`;
  return c.json({ error } satisfies ErrorAnswer, 503);
}
