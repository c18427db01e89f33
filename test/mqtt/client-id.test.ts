/** Two daemons with one client identifier, which throw each other out of the broker. */
import { afterEach, expect, test, vi } from 'vitest';
import { ReconnectPause } from '../../src/mqtt/reconnect-pause.js';
import { Mosquitto } from '../support/mosquitto.js';
import { type Publisher, publisher } from '../support/publisher.js';

const PATIENCE = { timeout: 60_000, interval: 50 };

const cleanUp: (() => PromiseLike<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).reverse()) await undo();
});

test.each(['5', '3.1.1'] as const)(
  'MQTT %s: both name the cause, and the names that must differ',
  async (version) => {
    const server = await Mosquitto.start();
    cleanUp.push(() => server.dispose());
    const both: Publisher[] = [];
    for (let count = 0; count < 2; count++) {
      const own = await publisher(server.url, { version, clientId: 'ghostcam-board' });
      cleanUp.push(() => own[Symbol.asyncDispose]());
      both.push(own);
    }
    // By its pattern: one of the two alone may be the one that is thrown out first.
    await vi.waitFor(() => {
      for (const { lines } of both) {
        expect(lines.join('')).toMatch(
          /same client identifier; set NODE_ID to another name on each board.*; here it is "\S+"/,
        );
      }
    }, PATIENCE);
    if (version === '3.1.1') expect(both[0]?.lines.join('')).toContain('ghostcam-board');
  },
);

const MIDDLE = () => 0.5;
const TAKEN_OVER = { accepted: true, reasonCode: 142, lastedMs: 2000 };
const CLOSED = { accepted: true, lastedMs: 2000 };

test.each([
  ['with a reason', TAKEN_OVER],
  ['without a reason', CLOSED],
])('thrown out again and again %s: the pauses grow to minutes', (_, end) => {
  const pause = new ReconnectPause(MIDDLE);
  const pauses = Array.from({ length: 12 }, () => pause.after(end, false));
  for (const [index, ms] of pauses.slice(1).entries())
    expect(ms).toBeGreaterThanOrEqual(pauses[index] as number);
  expect(pauses[0]).toBeLessThanOrEqual(4000);
  expect(pauses.at(-1)).toBeGreaterThan(200_000);
  expect(pauses.at(-1)).toBeLessThanOrEqual(300_000);
});

test('a connection that has held for long begins anew, and a broker that restarts is not taken for another client', () => {
  const pause = new ReconnectPause(MIDDLE);
  for (let count = 0; count < 6; count++) pause.after(TAKEN_OVER, false);
  expect(pause.after({ ...CLOSED, lastedMs: 3_600_000 }, false)).toBe(2000);
  expect(pause.suspectsTakeover).toBe(false);
  for (let restart = 0; restart < 9; restart++) {
    pause.after(CLOSED, false);
    pause.after({ accepted: false, error: new Error('connect ECONNREFUSED'), lastedMs: 0 }, false);
    expect(pause.suspectsTakeover).toBe(false);
  }
});

test('a message that is too large explains the end of a connection', () => {
  const pause = new ReconnectPause(MIDDLE);
  const tooLarge = { accepted: true, reasonCode: 149, lastedMs: 900 };
  for (const end of [CLOSED, tooLarge])
    for (let count = 0; count < 9; count++) expect(pause.after(end, true)).toBe(2000);
  expect(pause.suspectsTakeover).toBe(false);
});

test('refusals are tried again more seldom, up to half a minute; an unreachable broker as before', () => {
  const pause = new ReconnectPause(MIDDLE);
  const refused = Array.from({ length: 9 }, () =>
    pause.after({ accepted: false, reasonCode: 134, lastedMs: 0 }, false),
  );
  expect(refused[0]).toBe(2000);
  expect(refused.at(-1)).toBeGreaterThan(20_000);
  expect(refused.at(-1)).toBeLessThanOrEqual(30_000);
  for (let count = 0; count < 9; count++) {
    expect(
      pause.after({ accepted: false, error: new Error('connect ECONNREFUSED'), lastedMs: 0 }, false),
    ).toBe(2000);
  }
});

test('connections that end soon with a reason, or for what came over them, are as good as refused', () => {
  const malformed = {
    accepted: true,
    error: new Error('Packet must not have both QoS bits set to 1'),
    lastedMs: 900,
  };
  for (const end of [malformed, { accepted: true, reasonCode: 131, lastedMs: 900 }]) {
    const pause = new ReconnectPause(MIDDLE);
    const pauses = Array.from({ length: 9 }, () => pause.after(end, false));
    expect(pauses[0]).toBe(2000);
    expect(pauses.at(-1)).toBeGreaterThan(20_000);
    expect(pauses.at(-1)).toBeLessThanOrEqual(30_000);
    expect(pause.after({ ...end, lastedMs: 60_000 }, false)).toBe(2000);
  }
});
