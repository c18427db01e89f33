/**
 * Our tracker beside a plain one on real footage: the first 40 s of vtest.avi, whose eleven pedestrians are annotated, through
 * the shipped models. It has 10 frames a second.
 */
import { test } from 'vitest';
import type { Detection } from '../../../src/detect/detection.js';
import { Detector } from '../../../src/detect/detector.js';
import { iou } from '../../../src/geometry/box.js';
import { TrackIds } from '../../../src/track/ids.js';
import { Scene, weakThresholds } from '../../../src/track/scene.js';
import type { EventChange } from '../../../src/track/types.js';
import { wholeInference } from '../../support/detections.js';
import { pedestrians } from '../../support/footage.js';
import { ANNOTATED, FOOTAGE, pedestrianTruth, visits } from '../../support/pedestrians.js';
import { framesOf } from '../../support/scenes.js';
import { Evaluation } from './metrics.js';
import { HEADER, row, THRESHOLD, TRACKERS, WEAK } from './trackers.js';

const SIZES = [320, 448, 640];
const RATES = [10, 5, 2];

async function detectionsAt(size: number): Promise<Detection[][]> {
  const detector = await Detector.open({ model: `yolov8n-ghostnetv2-${size}`, provider: 'cpu' });
  const thresholds = new Float32Array(detector.info.model.labels.length).fill(WEAK);
  const found: Detection[][] = [];
  for await (const frame of framesOf(await pedestrians(), { fps: FOOTAGE.fps, size })) {
    const { sourceWidth, sourceHeight } = frame;
    found.push((await detector.detect(frame, { thresholds, sourceWidth, sourceHeight })).detections);
  }
  await detector.close();
  return found;
}

/** Standard deviation of where the centres of detections are, across, in sizes of the walker. */
function misplacement(found: readonly Detection[][]): number {
  const truthAt = pedestrianTruth();
  const offsets: number[] = [];
  for (let index = 0; index < ANNOTATED; index++) {
    for (const { box, visible } of truthAt(index)) {
      const people = (found[index] as Detection[]).filter(
        ({ label, score }) => label === 'person' && score > THRESHOLD,
      );
      const [nearest] = people.sort((a, b) => iou(b.box, box) - iou(a.box, box));
      if (visible < 0.8 || nearest === undefined || iou(nearest.box, box) < 0.3) continue;
      const size = Math.sqrt((box[2] - box[0]) * (box[3] - box[1]));
      offsets.push((nearest.box[0] + nearest.box[2] - box[0] - box[2]) / 2 / size);
    }
  }
  const mean = offsets.reduce((sum, offset) => sum + offset, 0) / offsets.length;
  return Math.sqrt(offsets.reduce((sum, offset) => sum + (offset - mean) ** 2, 0) / offsets.length);
}

/** All events of the whole clip. */
function eventsOf(found: readonly Detection[][], fps: number): EventChange[] {
  const scene = new Scene({ name: 'front', filters: [], zones: [], masks: [] }, new TrackIds(0));
  const thresholds = new Float32Array(100).fill(THRESHOLD);
  const changes: EventChange[] = [];
  for (let index = 0; index < found.length; index += FOOTAGE.fps / fps) {
    const size = { sourceWidth: FOOTAGE.width, sourceHeight: FOOTAGE.height };
    const at = (1000 * index) / FOOTAGE.fps;
    const frame = { ...size, capturedAt: at, capturedAtMonotonic: at };
    const weak = weakThresholds(thresholds);
    const detections = (found[index] as Detection[]).filter(
      ({ score, classId }) => score > (weak[classId] ?? 0),
    );
    changes.push(...scene.observe([wholeInference(detections, thresholds)], frame).changes);
  }
  return [...changes, ...scene.finish({ wall: 0, monotonic: 0 })];
}

test('pedestrians', async () => {
  const truthAt = pedestrianTruth();
  const events: string[] = [];
  for (const size of SIZES) {
    const found = await detectionsAt(size);
    const seconds = (ANNOTATED / FOOTAGE.fps).toFixed(0);
    console.log(
      `\n${size}, ${seconds} s; centres stray by ${misplacement(found).toFixed(3)} sizes\n\n${HEADER}`,
    );
    for (const fps of RATES) {
      for (const [name, make] of TRACKERS) {
        const evaluation = new Evaluation();
        const follow = make();
        for (let index = 0; index < ANNOTATED; index += FOOTAGE.fps / fps) {
          const truth = truthAt(index).map(({ visible, ...person }) => ({
            ...person,
            ignored: visible < 0.3,
          }));
          const people = (found[index] as Detection[]).filter(({ label }) => label === 'person');
          evaluation.frame(truth, follow(people, (1000 * index) / FOOTAGE.fps));
        }
        console.log(row(fps, name, evaluation.score(), ANNOTATED / FOOTAGE.fps / 60));
      }
      const begun = eventsOf(found, fps).filter(({ type }) => type === 'new');
      const people = begun.filter(({ event }) => event.label === 'person').length;
      const cars = begun.filter(({ event }) => event.label === 'car').length;
      const others = begun.length - people - cars;
      const share = (people / visits().length).toFixed(2);
      events.push(`| ${size} | ${fps} | ${people} | ${share} | ${cars} | ${others} |`);
    }
  }
  console.log(`\nevents of the whole clip, in which ${visits().length} people come and two cars stand\n`);
  console.log('| input | fps | persons | per visit | cars | others |\n| --: | --: | --: | --: | --: | --: |');
  console.log(events.join('\n'));
});
