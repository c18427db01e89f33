/** What the server answers. docs/openapi.json describes it. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { describeMistake } from '../config/mistake.js';
import { LIMITS } from '../config/table.js';
import type { CameraSettings, Commands } from '../mqtt/commands.js';
import type { Log } from '../observe/log.js';
import { logError } from '../observe/log-error.js';
import { type Access, COOKIE } from './access.js';
import type { CamerasAnswer, ErrorAnswer, EventsAnswer, HealthAnswer } from './api.js';
import { jsonBody, LOGIN, limited, SETTINGS, TRIAL } from './bodies.js';
import { drawBoxes } from './boxes.js';
import type { CameraTrials } from './camera-trials.js';
import type { EventStore } from './event-store.js';
import type { PageFile } from './files.js';
import type { LivePictures } from './live-pictures.js';
import type { OriginGuard } from './origin.js';
import { MAX_PICTURE_BYTES, type StillRoute } from './still-route.js';
import type { WatchedCamera } from './watched-camera.js';

/** How long a picture is waited for: of slow cameras, the time of two frames. */
const PICTURE_WAIT_MS = 5000;
const MAX_LIMIT = 500;
/** Of the lines that are tried. */
const MAX_MISTAKES = 20;

export interface AppParts {
  files: ReadonlyMap<string, PageFile>;
  guard: OriginGuard;
  access: Access;
  /** Origins whose pages may show this one in a frame. */
  frameAncestors: readonly string[];
  /** By name. Cameras may come and go. */
  cameras: ReadonlyMap<string, WatchedCamera>;
  pictures: LivePictures;
  events: EventStore;
  commands: Pick<Commands, 'command'>;
  trials: CameraTrials;
  metrics: { contentType: string; text(): Promise<string> };
  /** Undefined: pictures of others are not inferred. */
  stills: StillRoute | undefined;
  answer: () => CamerasAnswer;
  healthy: () => boolean;
  /** Something was changed by a request. */
  onChange: () => void;
  /** A session has ended. */
  onLogout: () => void;
  log: Log;
}

type Bindings = { Bindings: HttpBindings };
type PageContext = Context<Bindings>;

export function webApp(parts: AppParts): Hono<Bindings> {
  const app = new Hono<Bindings>();
  app.use(headers(parts.frameAncestors));
  app.use(async (c, next) => {
    const refusal = parts.guard.refusal(c.env.incoming.headers, !/^(?:GET|HEAD)$/.test(c.req.method));
    return refusal === undefined ? next() : c.json(refusal satisfies ErrorAnswer, 403);
  });
  app.onError((error, c) => {
    logError(parts.log, 'a request could not be answered', error);
    return c.json({ error: 'a bug in ghostcam, which its log shows' } satisfies ErrorAnswer, 500);
  });
  app.notFound((c) => c.json({ error: 'there is nothing here' } satisfies ErrorAnswer, 404));
  addPublic(app, parts);
  if (parts.stills !== undefined) addStills(app, parts, parts.stills);
  app.use(async (c, next) => {
    const verdict = parts.access.verdict(c.env.incoming.headers, addressOf(c));
    return verdict === 'allowed' ? next() : refuse(c, verdict);
  });
  addApi(app, parts);
  addTrials(app, parts);
  return app;
}

/** No script but ours, nothing from other hosts, no frame but by choice. */
function headers(frameAncestors: readonly string[]) {
  const self = ["'self'"];
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: self,
      styleSrc: self,
      imgSrc: [...self, 'blob:'],
      connectSrc: self,
      manifestSrc: self,
      baseUri: ["'none'"],
      formAction: self,
      frameAncestors:
        frameAncestors.length === 0
          ? ["'none'"]
          : [...self, ...frameAncestors.filter((origin) => origin !== 'self')],
    },
    // Older browsers know no list: only the policy above can name origins.
    xFrameOptions: frameAncestors.length === 0 ? 'DENY' : false,
    strictTransportSecurity: false,
  });
}

/** What is answered without a password: nothing that a camera sees. */
function addPublic(app: Hono<Bindings>, { files, access, healthy, onLogout }: AppParts): void {
  app.get('/healthz', (c) => {
    const ok = healthy();
    return c.json({ status: ok ? 'ok' : 'failing' } satisfies HealthAnswer, ok ? 200 : 503);
  });
  app.post('/login', limited(), async (c) => {
    const body = await jsonBody(c, LOGIN);
    if (body instanceof Response) return body;
    const result = access.login(body.password, addressOf(c));
    if (result === 'refused' || 'waitS' in result) return refuse(c, result);
    const secure = c.req.header('x-forwarded-proto') === 'https';
    // Without a path the browser takes that of the page, also below a reverse proxy's prefix.
    if (result.token !== undefined)
      setCookie(c, COOKIE, result.token, { ...COOKIE_OPTIONS, secure, maxAge: 30 * 86_400 });
    return c.body(null, 204);
  });
  app.post('/logout', (c) => {
    access.logout(c.env.incoming.headers);
    onLogout();
    setCookie(c, COOKIE, '', { ...COOKIE_OPTIONS, maxAge: 0 });
    return c.body(null, 204);
  });
  for (const [name, file] of files) {
    app.get(name === 'index.html' ? '/' : `/${name}`, (c) => serve(c, file));
  }
}

const COOKIE_OPTIONS = { httpOnly: true, sameSite: 'Strict', path: undefined } as never as {
  httpOnly: boolean;
  sameSite: 'Strict';
};

function serve(c: PageContext, { type, etag, body, gzip }: PageFile): Response {
  c.header('ETag', etag);
  c.header('Cache-Control', 'no-cache');
  c.header('Vary', 'Accept-Encoding');
  if (c.req.header('if-none-match') === etag) return c.body(null, 304);
  c.header('Content-Type', type);
  if (!/\bgzip\b/.test(c.req.header('accept-encoding') ?? '')) return c.body(body);
  c.header('Content-Encoding', 'gzip');
  return c.body(gzip);
}

function addStills(app: Hono<Bindings>, { access }: AppParts, stills: StillRoute): void {
  app.post('/v1/vision/detection', limited(MAX_PICTURE_BYTES), (c) => {
    const address = addressOf(c);
    const known = access.verdict(c.env.incoming.headers, address) === 'allowed';
    return stills.answer(c, (key) => known || access.password(key, address) === 'allowed');
  });
}

function addApi(app: Hono<Bindings>, parts: AppParts): void {
  const { cameras, events, commands, metrics, answer, onChange } = parts;
  app.get('/metrics', async (c) => {
    c.header('Content-Type', metrics.contentType);
    return c.body(await metrics.text());
  });
  app.use('/api/*', async (c, next) => {
    c.header('Cache-Control', 'no-store');
    await next();
  });
  app.get('/api/cameras', (c) => c.json(answer()));
  app.get('/api/events', (c) => {
    const { since, camera, label, zone, limit } = c.req.query();
    const at = since === undefined ? undefined : timeOf(since);
    const count = limit === undefined ? MAX_LIMIT : Number(limit);
    if (Number.isNaN(at))
      return wrong(c, 'since must be a time such as 2026-11-24T20:51:01.482Z, or milliseconds since 1970');
    if (!Number.isInteger(count) || count < 1 || count > MAX_LIMIT) {
      return wrong(c, `limit must be a whole number from 1 to ${MAX_LIMIT}`);
    }
    const found = events.find({
      limit: count,
      ...(at === undefined ? {} : { since: at }),
      ...(camera === undefined ? {} : { camera }),
      ...(label === undefined ? {} : { label }),
      ...(zone === undefined ? {} : { zone }),
    });
    return c.json({ events: found } satisfies EventsAnswer);
  });
  app.get('/api/events/:id/snapshot.jpg', (c) => {
    const jpeg = events.picture(c.req.param('id'));
    if (jpeg === undefined)
      return c.json({ error: 'there is no picture of this event, or not any more' }, 404);
    return picture(c, jpeg);
  });
  app.get('/api/cameras/:name/latest.jpg', async (c) => {
    const camera = cameras.get(c.req.param('name'));
    return camera === undefined ? noCamera(c, cameras) : latest(c, camera, parts);
  });
  app.post('/api/cameras/:name/settings', limited(), async (c) => {
    const camera = cameras.get(c.req.param('name'));
    if (camera === undefined) return noCamera(c, cameras);
    const body = await jsonBody(c, SETTINGS);
    if (body instanceof Response) return body;
    for (const [setting, value] of Object.entries(body)) {
      commands.command(camera.name, setting as keyof CameraSettings, String(value));
    }
    onChange();
    return c.body(null, 204);
  });
}

/** Lines that are tried on a camera at once; the env file is neither read nor written. */
function addTrials(app: Hono<Bindings>, { cameras, trials, onChange }: AppParts): void {
  app.post('/api/cameras/:name/trial', limited(), async (c) => {
    const camera = cameras.get(c.req.param('name'));
    if (camera === undefined) return noCamera(c, cameras);
    const body = await jsonBody(c, TRIAL);
    if (body instanceof Response) return body;
    const mistakes = await trials.begin(camera.name, body.lines);
    if (mistakes.length > 0) {
      const error = mistakes.slice(0, MAX_MISTAKES).map(describeMistake).join('\n');
      return c.json({ error } satisfies ErrorAnswer, 422);
    }
    onChange();
    return c.body(null, 204);
  });
  app.delete('/api/cameras/:name/trial', async (c) => {
    const camera = cameras.get(c.req.param('name'));
    if (camera === undefined) return noCamera(c, cameras);
    await trials.end(camera.name);
    onChange();
    return c.body(null, 204);
  });
}

async function latest(c: PageContext, camera: WatchedCamera, { pictures }: AppParts): Promise<Response> {
  const boxes = c.req.query('boxes') ?? '0';
  if (boxes !== '0' && boxes !== '1') return wrong(c, 'boxes must be 0 or 1');
  if (camera.state.status !== 'online') return noPicture(c, camera);
  const wait = Math.min(Math.max(PICTURE_WAIT_MS, 2000 / camera.get('fps')), 2000 / LIMITS.fps.min);
  const live = await pictures.next(camera.name, wait);
  if (live === undefined) return noPicture(c, camera);
  c.header('Last-Modified', new Date(live.capturedAt).toUTCString());
  return picture(c, boxes === '1' ? await drawBoxes(live) : live.jpeg);
}

function noPicture(c: PageContext, { state: { status, reason } }: WatchedCamera): Response {
  const error = `no picture came: the camera is ${status}${reason === undefined ? '' : `, ${reason}`}`;
  return c.json({ error } satisfies ErrorAnswer, 503);
}

function picture(c: PageContext, jpeg: Buffer): Response {
  c.header('Content-Type', 'image/jpeg');
  return c.body(new Uint8Array(jpeg));
}

/** ISO 8601, or milliseconds since the Unix epoch; NaN: neither. */
function timeOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
}

function refuse(c: PageContext, verdict: 'refused' | { waitS: number }): Response {
  if (verdict !== 'refused') {
    c.header('Retry-After', String(verdict.waitS));
    const error = 'too many wrong passwords';
    return c.json({ error, remedy: `try again in ${verdict.waitS} s` } satisfies ErrorAnswer, 429);
  }
  // The page has its own form: the browser's would come on top of it.
  const ofPage = /^(?:cors|same-origin|no-cors)$/.test(c.req.header('sec-fetch-mode') ?? '');
  c.header('WWW-Authenticate', ofPage ? 'Cookie' : 'Basic realm="ghostcam", charset="UTF-8"');
  return c.json({ error: 'the password is missing or wrong' } satisfies ErrorAnswer, 401);
}

function wrong(c: PageContext, error: string): Response {
  return c.json({ error } satisfies ErrorAnswer, 400);
}

function noCamera(c: PageContext, cameras: ReadonlyMap<string, WatchedCamera>): Response {
  const remedy = `one of ${[...cameras.keys()].join(', ')}`;
  return c.json({ error: 'there is no such camera', remedy } satisfies ErrorAnswer, 404);
}

/** By which wrong passwords are counted. Behind a reverse proxy it is the proxy's: what it forwards can be made up. */
function addressOf(c: PageContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}
