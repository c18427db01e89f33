/**
 * Damaged models, manifests and frames by the dozen, the same ones in every run: whatever comes, the answer is a result or an
 * error of ours. GHOSTCAM_FUZZ_ROUNDS=500 GHOSTCAM_FUZZ_SEED=2 tries more. The detector
 * runs in a process of its own, so that a crash is seen as one.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GhostcamError } from '../../src/errors.js';
import { parseManifest } from '../../src/model/manifest-schema.js';
import { execute } from '../support/execute.js';
import { writeModel } from '../support/onnx.js';
import { seededRandom } from '../support/random.js';

const SEED = Number(process.env.GHOSTCAM_FUZZ_SEED ?? 1);
const ROUNDS = Number(process.env.GHOSTCAM_FUZZ_ROUNDS ?? 25);
/** Opening a model takes half a second, on a busy machine many times that. */
const PATIENCE_MS = 60_000 + 10_000 * ROUNDS;
const DETECTOR = new URL('../../dist/detect/detector.js', import.meta.url).href;
const shipped = fileURLToPath(new URL('../../models/yolov8n-ghostnetv2', import.meta.url));

let folder: string;
let model: Buffer;
let manifest: Record<string, unknown>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-fuzz-'));
  model = await readFile(`${shipped}.onnx`);
  manifest = JSON.parse(await readFile(`${shipped}.json`, 'utf8'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Opens each model and looks at a frame, in one process; resolves with one line for each: `ok` or the error's code. */
async function tryModels(paths: readonly string[]): Promise<string[]> {
  const script = `
    import { Detector } from '${DETECTOR}';
    const frame = { data: new Uint8Array(320 * 180 * 3).fill(99), format: 'rgb24', width: 320, height: 180 };
    for (const path of ${JSON.stringify(paths)}) {
      try {
        const detector = await Detector.open({ model: path, provider: 'cpu', threads: 1 });
        await detector.detect(frame).finally(() => detector.close());
        console.log('ok');
      } catch (error) {
        if (error.name !== 'GhostcamError') throw error;
        console.log(error.code);
      }
    }`;
  const output = await execute(process.execPath, ['--input-type=module', '-e', script]);
  return output.trim().split('\n');
}

/** One kind of damage, anywhere. */
function damage(bytes: Buffer, random: () => number): Buffer {
  const at = (limit: number) => Math.floor(random() * limit);
  const damaged = Buffer.from(bytes);
  const from = at(bytes.length);
  switch (at(5)) {
    case 0:
      return damaged.subarray(0, from);
    case 1:
      return damaged.fill(at(256), from, from + at(64));
    case 2: // a piece that comes twice
      return Buffer.concat([damaged.subarray(0, from), damaged.subarray(Math.max(0, from - at(4096)))]);
    case 3: // a piece that is missing
      return Buffer.concat([damaged.subarray(0, from), damaged.subarray(from + at(4096))]);
    default:
      for (let flips = 1 + at(16); flips > 0; flips--) damaged[at(damaged.length)] = at(256);
      return damaged;
  }
}

test(
  'the shipped model, damaged',
  async () => {
    const random = seededRandom(SEED);
    const paths: string[] = [];
    // The nodes come first, and only then the weights, in which damage hardly matters.
    const head = model.lastIndexOf('Conv');
    for (let round = 0; round < ROUNDS; round++) {
      const damaged =
        round % 2 === 0
          ? damage(model, random)
          : Buffer.concat([damage(model.subarray(0, head), random), model.subarray(head)]);
      paths.push(await writeModel(join(folder, `model-${round}`), damaged, manifest));
    }
    const outcomes = await tryModels(paths);
    expect(outcomes).toHaveLength(ROUNDS);
    expect(new Set(outcomes)).toContain('MODEL');
  },
  PATIENCE_MS,
);

/** What a hostile hand would put in the place of a value. */
const WRONG: readonly unknown[] = [
  ...[null, true, -1, 0, 0.5, 1e308, 2 ** 31, 2 ** 53, '', '\0', '../../etc/passwd', 'x'.repeat(1000)],
  ...[[], {}, [[]], { length: 5 }, [null, null, null]],
];

/** The manifest with a few of its values, at any depth, replaced, removed or moved. */
function hostile(document: Record<string, unknown>, random: () => number): Record<string, unknown> {
  const pick = <T>(from: readonly T[]) => from[Math.floor(random() * from.length)] as T;
  const copy = structuredClone(document);
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    let place = copy as Record<string, unknown>;
    for (;;) {
      const keys = Object.keys(place);
      if (keys.length === 0) break;
      const key = pick(keys);
      const inside = place[key];
      if (typeof inside === 'object' && inside !== null && random() < 0.7) {
        place = inside as Record<string, unknown>;
        continue;
      }
      if (random() < 0.2) delete place[key];
      else place[key] = structuredClone(random() < 0.2 ? copy : pick(WRONG));
      break;
    }
  }
  return copy;
}

test(
  'its manifest with hostile values; what passes the check does not crash the addon',
  async () => {
    const random = seededRandom(SEED);
    const passed: string[] = [];
    let refused = 0;
    for (let round = 0; round < 20 * ROUNDS; round++) {
      const document = hostile(manifest, random);
      try {
        parseManifest(JSON.stringify(document), 'model.json');
        if (passed.length < ROUNDS) {
          passed.push(await writeModel(join(folder, `manifest-${round}`), model, document));
        }
      } catch (error) {
        expect(error).toBeInstanceOf(GhostcamError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(ROUNDS);
    expect(await tryModels(passed)).toHaveLength(passed.length);
  },
  PATIENCE_MS,
);

test(
  'frames and options of all kinds',
  async () => {
    const path = await writeModel(join(folder, 'whole'), model, manifest);
    const script = `
    import { Detector } from '${DETECTOR}';
    const detector = await Detector.open({ model: '${path}', provider: 'cpu', threads: 1 });
    let state = ${SEED};
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const pick = (...from) => from[Math.floor(random() * from.length)];
    const outcomes = {};
    const calls = [];
    for (let round = 0; round < ${20 * ROUNDS}; round++) {
      const width = pick(1, 2, 3, 319, 320, 321, 640, 0, -1, 1.5, NaN, 2 ** 31, 16385);
      const height = pick(1, 2, 3, 179, 180, 181, 640, 0, -1, 1.5, NaN, 2 ** 31, 16385);
      const format = pick('yuv420p', 'yuv420p', 'rgb24', 'rgb24', 'nv12', undefined);
      const luma = width * height;
      const right = format === 'rgb24' ? 3 * luma : luma + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
      const bytes = right > 0 && right < 1e7 ? right + pick(0, 0, 0, 0, 0, 0, -1, 1) : pick(0, 1, 1000);
      const data = pick(0, 0, 0, 0, 1) ? Array(3) : new Uint8Array(Math.max(0, bytes)).fill(round);
      const options = {
        iou: pick(0, 0.5, 1, undefined, undefined, undefined, -1, NaN),
        maxDetections: pick(1, 300, undefined, undefined, undefined, 0, 1e9),
        sourceWidth: pick(undefined, undefined, undefined, 1920, 0, Infinity),
        thresholds: pick(undefined, undefined, undefined, new Float32Array(12), new Float32Array(12).fill(-1), new Float32Array(3)),
      };
      calls.push(detector.detect({ data, format, width, height, range: pick('full', 'limited'), matrix: pick('bt601', 'bt709') }, options)
        .then(({ detections }) => {
          for (const { box } of detections) if (!box.every((corner) => corner >= 0 && corner <= 16384)) throw box;
          return 'ok';
        }, (error) => { if (error.name !== 'GhostcamError') throw error; return error.code; })
        .then((outcome) => { outcomes[outcome] = (outcomes[outcome] ?? 0) + 1; }));
      if (calls.length > 20) await calls.shift();
    }
    await Promise.all(calls);
    await detector.close();
    console.log(JSON.stringify(outcomes));`;
    const outcomes = JSON.parse(await execute(process.execPath, ['--input-type=module', '-e', script]));
    expect(Object.keys(outcomes).sort()).toEqual(['FRAME', 'ok']);
    expect(outcomes.ok).toBeGreaterThan(ROUNDS / 2);
  },
  PATIENCE_MS,
);
