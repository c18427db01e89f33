/** What tracking costs: tracker, zones and events of a frame with twenty objects, and what is kept after a hundred thousand. */
import { test } from 'vitest';
import type { Zone } from '../../../src/geometry/zones.js';
import { TrackIds } from '../../../src/track/ids.js';
import { Scene, weakThresholds } from '../../../src/track/scene.js';
import { wholeInference } from '../../support/detections.js';
import { seededRandom } from '../../support/random.js';
import { THRESHOLD } from './trackers.js';
import { SIZE, World } from './world.js';

const FPS = 5;
/** As many are in the picture; three or four of them are hidden behind others or not seen. */
const CROWD = 24;
const ROUND_S = 600;
const ROUNDS = 34;
/** Rounds are alike once the code is warm and the crowd is complete. */
const WARM_UP = 4;

const zone = (name: string, left: number): Zone => ({
  name,
  dwell: 0,
  polygon: {
    unit: 'share',
    corners: [
      { x: left, y: 0 },
      { x: left + 0.4, y: 0.1 },
      { x: left + 0.4, y: 1 },
      { x: left, y: 0.9 },
    ],
  },
});

test('cost and memory', () => {
  if (gc === undefined) throw new Error('to be run with --expose-gc: see vitest.config.ts');
  const world = new World(1, ROUND_S, CROWD);
  const next = seededRandom(1);
  const frames = Array.from({ length: ROUND_S * FPS }, (_, index) => world.detections(index / FPS, next));
  const people = frames.map((found) => found.filter(({ score }) => score > THRESHOLD).length);
  const mean = people.reduce((sum, count) => sum + count, 0) / people.length;

  const zones = [zone('left', 0), zone('right', 0.5)];
  const scene = new Scene({ name: 'front', filters: [], zones, masks: [] }, new TrackIds(0));
  const thresholds = Float32Array.of(THRESHOLD);
  const [weak = 0] = weakThresholds(thresholds);
  const found = frames.map((detections) => detections.filter(({ score }) => score > weak));
  const times = new Float64Array((ROUNDS - WARM_UP) * found.length);
  let events = 0;
  let heapBefore = 0;
  for (let round = 0; round < ROUNDS; round++) {
    if (round === WARM_UP) {
      gc();
      heapBefore = process.memoryUsage().heapUsed;
    }
    for (const [index, detections] of found.entries()) {
      const frame = {
        capturedAt: 0,
        capturedAtMonotonic: 1000 * (round * ROUND_S + index / FPS),
        sourceWidth: SIZE.width,
        sourceHeight: SIZE.height,
      };
      const begin = performance.now();
      const { changes } = scene.observe([wholeInference(detections, thresholds)], frame);
      if (round >= WARM_UP) times[(round - WARM_UP) * found.length + index] = performance.now() - begin;
      events += changes.filter(({ type }) => type === 'new').length;
    }
  }
  gc();
  const grown = (process.memoryUsage().heapUsed - heapBefore) / 1024;
  times.sort();
  const at = (share: number) => (times[Math.floor(share * times.length)] as number).toFixed(3);
  const total = times.reduce((sum, time) => sum + time, 0) / times.length;
  console.log(
    `\n${ROUNDS * found.length} frames, ${events} events, ${mean.toFixed(1)} objects a frame on average`,
  );
  console.log(
    `of the last ${times.length}: mean ${total.toFixed(3)} ms, p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
  );
  console.log(`heap grown by ${grown.toFixed(0)} kB over these`);
});
