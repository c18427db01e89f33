/** The bodies of requests, read within bounds and checked. */
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import * as v from 'valibot';
import { LIMITS } from '../config/table.js';
import type { ErrorAnswer, LoginRequest, SettingsRequest, TrialRequest } from './api.js';

/** Every body but a picture. */
const MAX_BYTES = 1 << 16;
const within = ({ min, max }: { min: number; max: number }) =>
  v.pipe(v.number(), v.minValue(min), v.maxValue(max));

export const LOGIN: v.GenericSchema<LoginRequest> = v.strictObject({
  password: v.pipe(v.string(), v.maxLength(1000)),
});

export const SETTINGS: v.GenericSchema<SettingsRequest> = v.strictObject({
  enabled: v.exactOptional(v.boolean()),
  detect: v.exactOptional(v.boolean()),
  threshold: v.exactOptional(within(LIMITS.threshold)),
  fps: v.exactOptional(within(LIMITS.fps)),
});

export const TRIAL: v.GenericSchema<TrialRequest> = v.strictObject({ lines: v.string() });

/** Refuses what is longer, before it is read. */
export function limited(maxBytes = MAX_BYTES): MiddlewareHandler {
  return bodyLimit({
    maxSize: maxBytes,
    onError: (c) => c.json({ error: `the body is longer than ${maxBytes} bytes` } satisfies ErrorAnswer, 413),
  });
}

/** The body as JSON of this form; a Response says what is wrong with it. */
export async function jsonBody<T>(c: Context, schema: v.GenericSchema<T>): Promise<T | Response> {
  // A form of another page cannot have this type.
  if (!/^application\/json\b/i.test(c.req.header('content-type') ?? '')) {
    return c.json({ error: 'the body must be application/json' } satisfies ErrorAnswer, 415);
  }
  let value: unknown;
  try {
    value = await c.req.json();
  } catch {
    return c.json({ error: 'the body is no JSON' } satisfies ErrorAnswer, 400);
  }
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'the body';
  return c.json({ error: `${where}: ${problemOf(issue)}` } satisfies ErrorAnswer, 422);
}

/** Without the value: it may be a password in the wrong place. */
function problemOf({ expected, received }: v.BaseIssue<unknown>): string {
  if (expected === 'never') return 'there is no such key';
  return received === 'undefined' ? 'it is missing' : `expected ${expected}`;
}
