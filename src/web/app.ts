/** What the server answers. docs/openapi.json describes it. */
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import type { FrequentErrors } from '../observe/frequent-errors.js';
import { type Access, COOKIE } from './access.js';
import { picture, refuse, wrong } from './answers.js';
import type { CamerasAnswer, ErrorAnswer, EventsAnswer, HealthAnswer } from './api.js';
import { jsonBody, LOGIN, limited } from './bodies.js';
import { type CameraRoutesParts, cameraRoutes } from './camera-routes.js';
import type { EventStore } from './event-store.js';
import type { PageFile } from './files.js';
import type { OriginGuard } from './origin.js';
import { MAX_PICTURE_BYTES, type StillRoute } from './still-route.js';

/** Events of one answer. */
const MAX_LIMIT = 500;

export interface AppParts extends CameraRoutesParts {
  files: ReadonlyMap<string, PageFile>;
  guard: OriginGuard;
  access: Access;
  /** Origins whose pages may show this one in a frame. */
  frameAncestors: readonly string[];
  events: EventStore;
  metrics: { contentType: string; text(): Promise<string> };
  /** Undefined: pictures of others are not inferred. */
  stills: StillRoute | undefined;
  answer: () => CamerasAnswer;
  healthy: () => boolean;
  /** A session has ended. */
  onLogout: () => void;
  errors: FrequentErrors;
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
    // Who hangs up in the middle of a body, or sends none, gets no answer and is no bug.
    if (c.env.incoming.errored !== null) return c.body(null, 400);
    parts.errors.log('a request could not be answered', error);
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
  const { events, metrics, answer } = parts;
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
  app.route('/api/cameras/:name', cameraRoutes(parts));
}

/** ISO 8601, or milliseconds since the Unix epoch; NaN: neither. */
function timeOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text);
}

/** By which wrong passwords are counted. Behind a reverse proxy it is the proxy's: what it forwards can be made up. */
function addressOf(c: PageContext): string {
  return c.env.incoming.socket.remoteAddress ?? '';
}
