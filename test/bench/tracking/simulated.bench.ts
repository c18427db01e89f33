/** Our tracker beside a plain one, on a simulated crowd with a simulated detector, at four frame rates. */
import { test } from 'vitest';
import { seededRandom } from '../../support/random.js';
import { Evaluation, type Score } from './metrics.js';
import { type Follow, HEADER, row, TRACKERS, WEAK } from './trackers.js';
import { World } from './world.js';

const RATES = [25, 10, 5, 2];
const CROWDS = [6, 20];
const SECONDS = 120;
const SEEDS = [1, 2, 3];

function measure(make: () => Follow, crowd: number, fps: number): Score {
  const total = { mota: 0, idf1: 0, switches: 0, misses: 0, falseAlarms: 0, truth: 0 };
  for (const seed of SEEDS) {
    const world = new World(seed, SECONDS, crowd);
    const next = seededRandom(seed);
    const evaluation = new Evaluation();
    const follow = make();
    for (let frame = 0; frame < SECONDS * fps; frame++) {
      const at = frame / fps;
      const detections = world.detections(at, next).filter(({ score }) => score > WEAK);
      const truth = world.truth(at).map(({ id, box, visible }) => ({ id, box, ignored: visible < 0.3 }));
      evaluation.frame(truth, follow(detections, Math.round(at * 1000)));
    }
    const score = evaluation.score();
    for (const key of Object.keys(total) as (keyof Score)[]) total[key] += score[key] / SEEDS.length;
  }
  return total;
}

test('simulated crowd', () => {
  for (const crowd of CROWDS) {
    const rows: string[] = [];
    let people = 0;
    for (const fps of RATES) {
      for (const [name, make] of TRACKERS) {
        const score = measure(make, crowd, fps);
        people = score.truth / (SECONDS * fps);
        rows.push(row(fps, name, score, SECONDS / 60));
      }
    }
    console.log(`\n${people.toFixed(1)} people in view on average, ${SEEDS.length} x ${SECONDS} s\n`);
    console.log([HEADER, ...rows].join('\n'));
  }
});
