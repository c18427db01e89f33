/** `ghostcam import`: the command, from files to a manifest with which the daemon runs. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { ghostcam } from '../support/ghostcam.js';
import { constantModel, type Extras } from '../support/onnx.js';

const folder = mkdtempSync(join(tmpdir(), 'ghostcam-cli-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

const IMAGES = { name: 'images', shape: [1, 3, 64, 64] };
const HEN_AND_FOX = { metadata: { names: "{0: 'hen', 1: 'fox'}" } };

/** A YOLOv5 that sees a fox, always; with another score where one is given. */
function yolo(name: string, extras: Extras = HEN_AND_FOX, score = 0.8): string {
  const values = new Float32Array(252 * 7);
  values.set([32, 32, 16, 16, 1, 0.1, score], 7 * 100);
  const path = join(folder, name);
  writeFileSync(path, constantModel([IMAGES], [{ name: 'output0', shape: [1, 252, 7], values }], extras));
  return path;
}

const manifestOf = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

test('the manifest is written beside the model, and `detect` runs with it', async () => {
  const model = yolo('first.onnx');
  const { code, stdout, stderr } = await ghostcam(['import', model, '--threshold', '0.5', '--name', 'farm']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain(`MODEL=${model}`);
  expect(stdout).toContain('2 labels: hen, fox');
  expect(manifestOf(join(folder, 'first.json'))).toMatchObject({
    name: 'farm',
    labels: ['hen', 'fox'],
    head: { kind: 'objectness', output: 'output0' },
    thresholds: { score: 0.5 },
  });
  const found = await ghostcam(['detect', 'assets/doctor/photo.jpg', '--json'], { MODEL: model });
  expect([found.code, found.stderr]).toEqual([0, '']);
  expect(JSON.parse(found.stdout).detections).toEqual([
    { label: 'fox', score: expect.closeTo(0.8), box: [120, 120, 200, 200] },
  ]);
});

test('--run tries it on the photograph of the package, or on another', async () => {
  const model = yolo('run.onnx');
  const { code, stdout, stderr } = await ghostcam(['import', model, '--run'], { PROVIDER: 'cpu' });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/runs on ONNX Runtime [0-9.]+, cpu, [0-9.]+ ms/);
  expect(stdout).toMatch(/photo\.jpg \(320 x 320\)\n {2}fox +0\.800 +120\.0 +120\.0 +200\.0 +200\.0\n/);
  const other = await ghostcam(['import', model, '--run', 'test/fixtures/photos/none.jpg']);
  expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('cannot read the image')]);
});

test('--run: what the runtime refuses, or scores that are none, and no manifest is written', async () => {
  const path = yolo('logits.onnx', HEN_AND_FOX, 7);
  const { code, stderr } = await ghostcam(['import', path, '--run']);
  expect([code, stderr]).toEqual([78, expect.stringMatching(/scores go up to 7\n {2}-> .*sigmoid/)]);
  expect(() => manifestOf(join(folder, 'logits.json'))).toThrow('ENOENT');

  const broken = join(folder, 'broken.onnx');
  // The operator of its only node becomes one that there is not.
  writeFileSync(
    broken,
    Buffer.from(readFileSync(path).toString('latin1').replace('Identity', 'Idenxity'), 'latin1'),
  );
  const refused = await ghostcam(['import', broken, '--run']);
  expect([refused.code, refused.stderr]).toEqual([
    78,
    expect.stringMatching(/cannot load the model.*Idenxity/),
  ]);
  expect(() => manifestOf(join(folder, 'broken.json'))).toThrow('ENOENT');
});

test('labels: a list, a file of lines, and what is neither', async () => {
  const model = yolo('labels.onnx', {});
  const lines = join(folder, 'farm.names');
  writeFileSync(lines, '\uFEFFgoose\r\nbadger\r\n\n');
  const imported = async (labels: string) => {
    const out = join(folder, 'labels-out.json');
    const { code, stderr } = await ghostcam(['import', model, '--labels', labels, '--out', out]);
    expect([code, stderr]).toEqual([0, '']);
    return manifestOf(out).labels;
  };
  expect(await imported('hen, fox')).toEqual(['hen', 'fox']);
  expect(await imported(lines)).toEqual(['goose', 'badger']);

  const refusal = async (...labels: string[]) => {
    const { code, stderr } = await ghostcam(['import', model, ...labels]);
    expect(code).toBe(78);
    return stderr;
  };
  expect(await refusal()).toMatch(/no names of labels .*\n {2}-> give 2 of them: --labels/);
  expect(await refusal('--labels', 'hen')).toMatch(/2 labels, but there are 1 label/);
  expect(await refusal('--labels', 'hen,fox/vixen')).toMatch(/"fox\/vixen" cannot be used/);
  expect(await refusal('--labels', 'nowhere.txt')).toMatch(/nowhere\.txt: there is no such file/);
  expect(await refusal('--labels', folder)).toMatch(/no regular file/);
  writeFileSync(lines, Buffer.from([0xff, 0xfe, 0x00]));
  expect(await refusal('--labels', lines)).toMatch(/not valid/);
});

test('a manifest that is there is not lost, unless --out names it', async () => {
  const model = yolo('kept.onnx');
  const manifest = join(folder, 'kept.json');
  expect((await ghostcam(['import', model])).code).toBe(0);
  expect((await ghostcam(['import', model])).stdout).toContain(`${manifest} says so already`);
  const other = await ghostcam(['import', model, '--threshold', '0.7']);
  expect([other.code, other.stderr]).toEqual([78, expect.stringContaining(`replace it: --out ${manifest}`)]);
  expect(manifestOf(manifest).thresholds.score).toBe(0.3);
  expect((await ghostcam(['import', model, '--threshold', '0.7', '--out', manifest])).code).toBe(0);
  expect(manifestOf(manifest).thresholds.score).toBe(0.7);
});

test.each([
  ['nothing', [], 64, /missing required argument/],
  ['a file that is not there', ['nowhere.onnx'], 78, /cannot read nowhere\.onnx/],
  ['a folder', ['src'], 78, /not a regular file/],
  ['a device', ['/dev/zero'], 78, /not a regular file/],
  ['a text', ['README.md'], 78, /no ONNX model, or damaged/],
  ['a checkpoint', ['models/weights/yolov8n-ghostnetv2.pt'], 78, /a PyTorch checkpoint/],
  ['a threshold above 1', ['x.onnx', '--threshold', '2'], 64, /a number from 0 to 1/],
])('%s: one clear message', async (_, args, code, message) => {
  const finished = await ghostcam(['import', ...args]);
  expect([finished.code, finished.stderr]).toEqual([code, expect.stringMatching(message)]);
  expect(finished.stderr).not.toMatch(/^\s+at /m);
});

test('a folder that cannot be written to', async () => {
  const model = yolo('unwritable.onnx');
  const { code, stderr } = await ghostcam(['import', model, '--out', join(folder, 'nowhere', 'm.json')]);
  expect([code, stderr]).toEqual([
    78,
    expect.stringMatching(/cannot write the manifest: ENOENT.*\n {2}-> name another/),
  ]);
});

test('another ending than .onnx', async () => {
  const model = yolo('model.bin');
  const { code, stderr } = await ghostcam(['import', model]);
  expect([code, stderr]).toEqual([78, expect.stringContaining('must be an .onnx file')]);
});
