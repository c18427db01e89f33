/**
 * Regions beside whole pictures, on the annotated 40 s of vtest.avi, through gate, planner, detector and tracker as the daemon has them.
 * What is scored is what is known at each frame: what its inferences report, who is followed and seen too weakly to be reported, and at the
 * place where they should be the objects that no inference of this frame was of. GHOSTCAM_MODELS, GHOSTCAM_RATES: others than the default
 * (25: frames between those of the footage are made, which takes minutes the first time, and every fifth is scored);
 * GHOSTCAM_FIRST: the frame that is the first, from 0 on; GHOSTCAM_PERSON: another threshold of persons in regions than the manifest's.
 */
import { test } from 'vitest';
import { defaultCameraConfig } from '../../../src/config/types.js';
import { Detector } from '../../../src/detect/detector.js';
import { classThresholds } from '../../../src/detect/thresholds.js';
import type { CapturedFrame } from '../../../src/frame/frame.js';
import { type Box, iou } from '../../../src/geometry/box.js';
import { assign } from '../../../src/track/assignment.js';
import type { Observation } from '../../../src/track/scene.js';
import { pedestrians, pedestriansAt25 } from '../../support/footage.js';
import { ANNOTATED, FOOTAGE, type Pedestrian, pedestrianTruth, visits } from '../../support/pedestrians.js';
import { framesOf } from '../../support/scenes.js';
import { watch } from '../../support/watching.js';
import { Evaluation } from './metrics.js';

const MODELS = process.env.GHOSTCAM_MODELS?.split(',') ?? [
  'yolov8n-ghostnetv2-320',
  'yolov8n-ghostnetv2-320-int8',
  'yolov8n-ghostnetv2-448',
];
const RATES = (process.env.GHOSTCAM_RATES?.split(',') ?? ['10', '5', '2']).map(Number);
const FIRST = Number(process.env.GHOSTCAM_FIRST ?? 0);
const PERSON = process.env.GHOSTCAM_PERSON;
/** Below so many pixels people are small. */
const SMALL = 80;

/** Recall and precision of persons, boxes that overlap by half being the same. */
class Known {
  truth = 0;
  found = 0;
  small = 0;
  smallFound = 0;
  false = 0;

  frame(people: readonly Pedestrian[], known: readonly Box[]): void {
    const pairs = assign(
      people.length,
      known.length,
      (row, column) => 1 - iou((people[row] as Pedestrian).box, known[column] as Box),
      0.5,
    );
    let matched = 0;
    for (const [row, column] of pairs.entries()) {
      const { box, visible } = people[row] as Pedestrian;
      if (column >= 0) matched += 1;
      if (visible < 0.3) continue;
      const isSmall = box[3] - box[1] < SMALL;
      this.truth += 1;
      this.small += isSmall ? 1 : 0;
      this.found += column >= 0 ? 1 : 0;
      this.smallFound += isSmall && column >= 0 ? 1 : 0;
    }
    this.false += known.length - matched;
  }
}

async function* startingAt(first: number, step: number, frames: AsyncIterable<CapturedFrame>) {
  let index = 0;
  for await (const frame of frames) {
    if (index >= first && (index - first) % step === 0) yield frame;
    index += 1;
  }
}

function thresholdsOf({ info }: Detector) {
  const { labels, thresholds } = info.model;
  const camera = defaultCameraConfig({ name: 'front', url: 'test:' });
  const region = classThresholds(labels, thresholds, camera, 'region');
  if (PERSON !== undefined) region[labels.indexOf('person')] = Number(PERSON);
  return { whole: classThresholds(labels, thresholds, camera), region };
}

const people = (found: Observation['detections']) => found.filter(({ label }) => label === 'person');
const tracked = (found: Observation['detections']) =>
  people(found).flatMap((one) => ('trackId' in one ? [{ id: one.trackId, box: one.box }] : []));

test('regions', async () => {
  const truthAt = pedestrianTruth();
  const last = (1000 * (ANNOTATED - 1)) / FOOTAGE.fps;
  console.log(
    '\n| model | fps | regions | inferences a frame | recall | small | precision | MOTA | IDF1 | persons a visit | cars | others | CPU ms a frame |',
  );
  console.log('| --- | --: | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |');
  for (const model of MODELS) {
    const detector = await Detector.open({ model, provider: 'cpu', threads: 1 });
    for (const fps of RATES) {
      const isFast = fps > FOOTAGE.fps;
      const clip = await (isFast ? pedestriansAt25() : pedestrians());
      const frameRate = isFast ? 25 : FOOTAGE.fps;
      for (const mode of ['off', 'on', 'on, idle']) {
        const known = new Known();
        const evaluation = new Evaluation();
        const before = detector.cpuSeconds();
        const all = framesOf(clip, { fps: frameRate, height: FOOTAGE.height });
        const watched = await watch(startingAt(FIRST, frameRate / fps, all), detector, {
          thresholds: thresholdsOf(detector),
          gating: true,
          regions: mode !== 'off',
          idle: mode === 'on, idle',
          onObservation: ({ capturedAt }, { detections, weak, elsewhere }) => {
            if (capturedAt > last || (isFast && capturedAt % 200 !== 0)) return;
            const truth = truthAt(Math.round((capturedAt * FOOTAGE.fps) / 1000));
            const all = [...detections, ...weak, ...elsewhere];
            known.frame(
              truth,
              people(all).map(({ box }) => box),
            );
            const labelled = truth.map(({ visible, ...person }) => ({ ...person, ignored: visible < 0.3 }));
            evaluation.frame(labelled, tracked(all));
          },
        });
        const { mota, idf1 } = evaluation.score();
        const begun = watched.changes.filter(({ type }) => type === 'new').map(({ event }) => event.label);
        const persons = begun.filter((label) => label === 'person').length;
        const cars = begun.filter((label) => label === 'car').length;
        const cells = [
          model,
          fps,
          mode,
          (watched.inferences / watched.inferred.size).toFixed(2),
          (known.found / known.truth).toFixed(3),
          (known.smallFound / known.small).toFixed(3),
          (1 - known.false / (known.false + known.found)).toFixed(3),
          mota.toFixed(3),
          idf1.toFixed(3),
          (persons / visits().length).toFixed(2),
          cars,
          begun.length - persons - cars,
          ((1000 * (detector.cpuSeconds() - before)) / watched.inferred.size).toFixed(1),
        ];
        console.log(`| ${cells.join(' | ')} |`);
      }
    }
    await detector.close();
  }
});
