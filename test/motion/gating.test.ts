/** The gate with detector and tracker behind it, on real footage: what it spares, and that it misses nobody. */
import { expect, test } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import type { CapturedFrame } from '../../src/frame/frame.js';
import { ENTRANCE_S, emptyLawn, entrance, framesOf } from '../support/scenes.js';
import { type Watched, watch } from '../support/watching.js';

/** A minute and a half of an empty lawn, then two people come; 5 frames a second. */
const QUIET_S = 84;
async function* lawn(): AsyncGenerator<CapturedFrame> {
  let before = 0;
  for (const clip of [await emptyLawn(), await emptyLawn(), await entrance()]) {
    let last = 0;
    for await (const frame of framesOf(clip, { fps: 10, step: 2 })) {
      last = before + frame.capturedAt;
      yield { ...frame, capturedAt: last, capturedAtMonotonic: last };
    }
    before = last + 200;
  }
}

const firstPerson = ({ inferred }: Watched) =>
  [...inferred].find(([, found]) => found.some(({ label }) => label === 'person'))?.[0];
const people = ({ changes }: Watched) =>
  changes
    .filter(({ type, event }) => type === 'new' && event.label === 'person')
    .map(({ event }) => event.startedAt);

test('while nothing happens a fifth of the inferences at most; who comes is seen within half a second, as without the gate', async () => {
  const detector = await Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu' });
  const always = await watch(lawn(), detector, { gating: false });
  const gated = await watch(lawn(), detector, { gating: true });
  await detector.close();

  const quiet = ({ inferred }: Watched) => [...inferred.keys()].filter((at) => at < QUIET_S * 1000).length;
  expect(quiet(always)).toBe(QUIET_S * 5);
  expect(quiet(always) / quiet(gated)).toBeGreaterThanOrEqual(5);

  const entered = 1000 * (QUIET_S + ENTRANCE_S);
  expect(firstPerson(gated)).toBe(firstPerson(always));
  expect(firstPerson(gated)).toBeGreaterThan(entered - 100);
  expect(firstPerson(gated)).toBeLessThanOrEqual(entered + 500);
  expect(people(gated)).toEqual(people(always));
}, 120_000);
