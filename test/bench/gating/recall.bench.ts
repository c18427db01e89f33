/**
 * What the gate spares, and what it costs, on footage: gate, detector and events in a row, with the gate and without. More footage: the
 * paths of video files in GHOSTCAM_CLIPS, separated by commas.
 */
import { basename } from 'node:path';
import { test } from 'vitest';
import { Detector } from '../../../src/detect/detector.js';
import { execute } from '../../support/execute.js';
import { emptyLawn, entrance, framesOf, noisyStill, quarter } from '../../support/scenes.js';
import { type Watched, watch } from '../../support/watching.js';

type SceneOfBench = readonly [name: string, fps: number, step: number, url: () => Promise<string>];

const SCENES: readonly SceneOfBench[] = [
  ['empty lawn', 10, 2, emptyLawn],
  ['photograph in the evening', 15, 3, () => noisyStill('test/fixtures/photos/coffee.png')],
  ['two come to the lawn', 10, 2, entrance],
  ['upper left', 10, 2, () => quarter(0, 0)],
  ['upper right, a road', 10, 2, () => quarter(1, 0)],
  ['lower left, a lawn', 10, 2, () => quarter(0, 1)],
  ['lower right', 10, 2, () => quarter(1, 1)],
];

/** Looked at about five times a second, as the others. */
async function moreScenes(): Promise<SceneOfBench[]> {
  const paths = process.env.GHOSTCAM_CLIPS?.split(',') ?? [];
  return Promise.all(
    paths.map(async (path) => {
      const show = ['-select_streams', 'v', '-show_entries', 'stream=r_frame_rate', '-of', 'csv=p=0'];
      const [frames, seconds] = (await execute('ffprobe', ['-v', 'error', ...show, path]))
        .split('/')
        .map(Number);
      const fps = (frames as number) / (seconds as number);
      return [basename(path), fps, Math.round(fps / 5), async () => path] as const;
    }),
  );
}

const peopleIn = (watched: Watched) =>
  [...watched.inferred].flatMap(([at, found]) =>
    found.filter(({ label }) => label === 'person').map(() => at),
  );
const begun = ({ changes }: Watched) =>
  changes.filter(({ type }) => type === 'new').map(({ event }) => event);

test('recall', async () => {
  const detector = await Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu' });
  console.log(
    '\n| scene | frames | inferred with the gate | persons found, with / without | events, with / without | also published |',
  );
  console.log('| --- | --: | --: | --: | --: | --: |');
  for (const [name, fps, step, url] of [...SCENES, ...(await moreScenes())]) {
    const always = await watch(framesOf(await url(), { fps, step }), detector, { gating: false });
    const gated = await watch(framesOf(await url(), { fps, step }), detector, { gating: true });
    // Published as well: the same label, first seen within a second.
    const published = begun(always).filter((event) =>
      begun(gated).some(
        (other) => other.label === event.label && Math.abs(other.startedAt - event.startedAt) <= 1000,
      ),
    );
    const cells = [
      name,
      always.frames,
      gated.inferred.size,
      `${peopleIn(gated).length} / ${peopleIn(always).length}`,
      `${begun(gated).length} / ${begun(always).length}`,
      published.length,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  await detector.close();
});
