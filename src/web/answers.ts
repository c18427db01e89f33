/** Answers that several routes give. */
import type { Context } from 'hono';
import type { ErrorAnswer } from './api.js';

export function picture(c: Context, jpeg: Buffer): Response {
  c.header('Content-Type', 'image/jpeg');
  return c.body(new Uint8Array(jpeg));
}

/** @param verdict Why the password does not open the door. */
export function refuse(c: Context, verdict: 'refused' | { waitS: number }): Response {
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

/** 400: what was asked is no valid request. */
export function wrong(c: Context, error: string): Response {
  return c.json({ error } satisfies ErrorAnswer, 400);
}
