/**
 * Our tracker beside a plain one on composed sequences: real people, cut out of vtest.avi, walk known ways over the empty square,
 * with the noise of its camera, seen by the shipped detector at four frame rates.
 */
import { beforeAll, test } from 'vitest';
import { Detector } from '../../../src/detect/detector.js';
import { Composite } from './composite.js';
import { cutOuts, type Parts } from './cut-outs.js';
import { Evaluation } from './metrics.js';
import { HEADER, row, TRACKERS, WEAK } from './trackers.js';

const RATES = [25, 10, 5, 2];
const CROWDS = [4, 10];
const SECONDS = 30;
const SIZES = [320, 640];

let parts: Parts;
beforeAll(async () => {
  parts = await cutOuts();
});

test.each(SIZES)('composed, input %i', async (size) => {
  const detector = await Detector.open({ model: `yolov8n-ghostnetv2-${size}`, provider: 'cpu' });
  const thresholds = new Float32Array(detector.info.model.labels.length).fill(WEAK);
  for (const crowd of CROWDS) {
    const sequence = new Composite(parts, 1, SECONDS, crowd);
    const rows: string[] = [];
    let people = 0;
    for (const fps of RATES) {
      const runs = TRACKERS.map(([name, make]) => ({ name, follow: make(), evaluation: new Evaluation() }));
      for (let index = 0; index < SECONDS * fps; index++) {
        const at = index / fps;
        const found = (await detector.detect(sequence.frame(at), { thresholds })).detections;
        const persons = found.filter(({ label }) => label === 'person');
        const truth = sequence.truth(at).map(({ id, box, visible }) => ({ id, box, ignored: visible < 0.3 }));
        for (const { follow, evaluation } of runs)
          evaluation.frame(truth, follow(persons, Math.round(1000 * at)));
      }
      for (const { name, evaluation } of runs) {
        const score = evaluation.score();
        people = score.truth / (SECONDS * fps);
        rows.push(row(fps, name, score, SECONDS / 60));
      }
    }
    console.log(`\ninput ${size}, ${people.toFixed(1)} people in view on average, ${SECONDS} s\n`);
    console.log([HEADER, ...rows].join('\n'));
  }
  await detector.close();
});
