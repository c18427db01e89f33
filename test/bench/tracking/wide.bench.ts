/**
 * Regions beside whole pictures on composed wide views, through gate, planner, detector and tracker as the daemon has them, at 5 frames a
 * second: people who are 3 to 8 % of the picture's height, and pictures that change without anybody. GHOSTCAM_MODEL: another than the
 * default; GHOSTCAM_SECONDS: of each disturbance.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { Detector } from '../../../src/detect/detector.js';
import { type Box, iou, type Size } from '../../../src/geometry/box.js';
import { assign } from '../../../src/track/assignment.js';
import { seededRandom } from '../../support/random.js';
import { watch } from '../../support/watching.js';
import { cutOuts, type Parts } from './cut-outs.js';
import { type SceneOptions, type Walker, WideScene } from './wide-scene.js';

const MODEL = process.env.GHOSTCAM_MODEL ?? 'yolov8n-ghostnetv2-320';
const DISTURBED_S = Number(process.env.GHOSTCAM_SECONDS ?? 120);
const FPS = 5;
const MODES = ['off', 'thread never idle', 'thread idle'] as const;
const PHOTO = fileURLToPath(new URL('../../fixtures/photos/astronaut.png', import.meta.url));
const HD = { width: 1280, height: 720 };
const FULL_HD = { width: 1920, height: 1080 };

const HEADER =
  '| scene | regions | inferences a frame | recall | precision | people with an event | seconds from entering, median and worst | false events | ends while there |\n|---|---|--:|--:|--:|--:|--:|--:|--:|';

let parts: Parts;
let detector: Detector;
afterAll(() => detector?.close());
beforeAll(async () => {
  parts = await cutOuts();
  detector = await Detector.open({ model: MODEL, provider: 'cpu', threads: 1 });
  console.log(HEADER);
});

/** People who cross the picture, the far ones small and slow, from 3 to 8 % of its height. */
function crossing({ width, height }: Size, count: number, seconds: number): Walker[] {
  const next = seededRandom(7);
  return Array.from({ length: count }, (_, index) => {
    const share = 0.03 + (0.05 * index) / Math.max(1, count - 1);
    const tall = share * height;
    const y = height * (0.3 + 12 * (share - 0.03) + 0.05 * next());
    const speed = (0.8 + 0.4 * next()) * tall;
    const begin = 2 + (index * 0.5 * seconds) / count;
    const leftwards = index % 2 === 1;
    return {
      id: `${index}`,
      looks: index,
      height: tall,
      at: (now) => {
        const way = (now - begin) * speed - tall;
        if (now < begin || way > width + tall) return undefined;
        return { x: leftwards ? width - way : way, y };
      },
    };
  });
}

/** Two who walk to and fro, each in his corner. */
function corners({ width, height }: Size): Walker[] {
  const tall = 0.05 * height;
  const toAndFro = (now: number) => Math.abs(((now * 0.9 * tall) % (0.4 * width)) - 0.2 * width);
  return [
    { id: 'a', looks: 2, height: tall, at: (now) => ({ x: 0.02 * width + toAndFro(now), y: 0.15 * height }) },
    { id: 'b', looks: 4, height: tall, at: (now) => ({ x: 0.98 * width - toAndFro(now), y: 0.95 * height }) },
  ];
}

/** He comes for ten seconds, stands for 25, and goes. */
function standing({ width, height }: Size): Walker[] {
  const tall = 0.06 * height;
  const walked = (now: number) => Math.min(now, 10) + Math.max(0, now - 35);
  return [
    {
      id: 'a',
      looks: 4,
      height: tall,
      at: (now) => ({ x: 0.4 * width + walked(now) * tall, y: 0.6 * height }),
    },
  ];
}

interface Row {
  inferences: number;
  recall: number;
  precision: number;
  visits: string;
  seconds: string;
  falseEvents: number;
  ended: number;
}

const people = <T extends { label: string }>(found: readonly T[]) =>
  found.filter(({ label }) => label === 'person');

/** The two vans at the upper right of the square, of which the view has the lower halves. */
const isParked = ({ label, box }: { label: string; box: readonly number[] }, { width, height }: Size) =>
  ['car', 'truck'].includes(label) && (box[0] as number) > 0.83 * width && (box[3] as number) < 0.1 * height;

/** @param passes Whether somebody fills the picture, who is no false event. */
async function measure(
  scene: WideScene,
  seconds: number,
  mode: (typeof MODES)[number],
  passes: boolean,
): Promise<Row> {
  let truths = 0;
  let found = 0;
  let known = 0;
  let falseEvents = 0;
  let ended = 0;
  const entered = new Map<string, number>();
  const announced = new Map<string, number>();
  const watched = await watch(scene.frames(seconds, FPS), detector, {
    gating: true,
    regions: mode !== 'off',
    idle: mode === 'thread idle',
    onObservation: ({ capturedAt }, { detections, weak, elsewhere, changes }) => {
      const there = scene.truth(capturedAt / 1000);
      for (const { id, whole } of there) if (whole && !entered.has(id)) entered.set(id, capturedAt);
      const boxes = people([...detections, ...weak, ...elsewhere]).map(({ box }) => box as Box);
      const pairs = assign(
        there.length,
        boxes.length,
        (row, column) => 1 - iou((there[row] as { box: Box }).box, boxes[column] as Box),
        0.5,
      );
      known += boxes.length;
      for (const [index, pair] of pairs.entries()) {
        if (pair >= 0) found += 1;
        // Who is half in the picture need not be found.
        if (there[index]?.whole || pair >= 0) truths += 1;
      }
      for (const { type, event } of changes) {
        const who = there.find(({ box }) => iou(box, event.box) > 0.3);
        if (type === 'end' && who !== undefined) ended += 1;
        if (type !== 'new') continue;
        if (isParked(event, scene.size) || passes) continue;
        if (who === undefined || event.label !== 'person') falseEvents += 1;
        else if (!announced.has(who.id)) announced.set(who.id, capturedAt);
      }
    },
  });
  const waits = [...announced]
    .map(([id, at]) => (at - (entered.get(id) ?? at)) / 1000)
    .toSorted((a, b) => a - b);
  const middle = waits[Math.floor(waits.length / 2)];
  return {
    inferences: watched.inferences / watched.inferred.size,
    recall: found / truths,
    precision: found / known,
    visits: `${announced.size} of ${entered.size}`,
    seconds: waits.length === 0 ? '' : `${middle?.toFixed(1)}, ${waits.at(-1)?.toFixed(1)}`,
    falseEvents,
    ended,
  };
}

const share = (value: number) => (Number.isNaN(value) ? '' : value.toFixed(3).replace(/^0/, ''));

async function table(name: string, size: Size, options: SceneOptions, seconds: number): Promise<void> {
  const scene = await WideScene.of(parts, size, options);
  for (const mode of MODES) {
    const row = await measure(scene, seconds, mode, options.passing !== undefined);
    const cells = [
      name,
      mode,
      row.inferences.toFixed(2),
      share(row.recall),
      share(row.precision),
      row.visits,
    ];
    console.log(`| ${[...cells, row.seconds, row.falseEvents, row.ended].join(' | ')} |`);
  }
}

test.each([
  ['six cross, 1280 x 720', HD, crossing(HD, 6, 60), 60],
  ['six cross, 1920 x 1080', FULL_HD, crossing(FULL_HD, 6, 60), 60],
  ['two in opposite corners', HD, corners(HD), 40],
  ['one walks, stands, walks', HD, standing(HD), 50],
])('people far away: %s', async (name, size, walkers, seconds) => {
  await table(name, size, { walkers }, seconds);
});

test.each<[string, SceneOptions, number]>([
  ['one passes close by and fills it', { passing: { photo: PHOTO, seconds: 20 } }, 20],
  ['the camera shakes', { disturbance: 'shake' }, DISTURBED_S],
  ['rain', { disturbance: 'rain' }, DISTURBED_S],
  ['leaves', { disturbance: 'leaves' }, DISTURBED_S],
  ['a lamp flickers', { disturbance: 'flicker' }, DISTURBED_S],
])('pictures that change: %s', async (name, options, seconds) => {
  await table(name, HD, options, seconds);
});
