import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shapeText } from '../../src/frame/input-shape.js';
import { loadManifest, loadModel, modelPath } from '../../src/model/manifest.js';
import { parseManifest } from '../../src/model/manifest-schema.js';
import { inputSizeOf, parseModelName, sizedName } from '../../src/model/name.js';
import { smallManifest, writeModel } from '../support/onnx.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-manifest-'));
});
afterAll(() => rm(folder, { recursive: true }));

const valid = () => ({ ...smallManifest(), sha256: '0'.repeat(64) });
const parse = (document: unknown) => parseManifest(JSON.stringify(document), 'model.json');

/** The message that a document is refused with. */
function refusal(document: unknown): string {
  try {
    parse(document);
  } catch (error) {
    expect(error).toMatchObject({ name: 'GhostcamError', code: 'MODEL' });
    return (error as Error).message;
  }
  throw new Error('it was accepted');
}

test('a shipped model is found by its name, and its labels are read', async () => {
  const { name, manifest, inputSize } = await loadModel('yolov8n-ghostnetv2-448');
  expect(name).toBe('yolov8n-ghostnetv2-448');
  expect(manifest.labels).toContain('person');
  expect(inputSize).toEqual({ side: 448, multiple: 64 });
});

test('the name of an INT8 model means the form for this processor', () => {
  expect(modelPath('some-320-int8', 'arm64')).toMatch(/models\/some-int8-s8s8\.onnx$/);
  expect(modelPath('some-320-int8', 'x64')).toMatch(/models\/some-int8-u8s8\.onnx$/);
  expect(modelPath('some-448x256-int8-s8s8', 'x64')).toMatch(/models\/some-int8-s8s8\.onnx$/);
  expect(modelPath('some-int8', 'x64')).toMatch(/models\/some-int8-u8s8\.onnx$/);
  expect(modelPath('some-320')).toMatch(/models\/some\.onnx$/);
  expect(modelPath('./mine-int8/model.onnx', 'x64')).toBe('./mine-int8/model.onnx');
});

const dynamic = { width: 'w', height: 'h', multiple: 32, sizes: [64, 96] };
const anySize = { ...valid(), input: { ...(smallManifest().input as object), dynamic } };

test.each([
  ['its first size', 'some', 'some-64', { side: 64, multiple: 32 }],
  ['a side', 'some-128-int8-u8s8', 'some-128-int8-u8s8', { side: 128, multiple: 32 }],
  ['a shape', 'some-96x64', 'some-96x64', { width: 96, height: 64 }],
])('a model with symbolic dimensions has %s', (_, model, name, inputSize) => {
  const { size } = parseModelName(model, 'x64');
  const chosen = inputSizeOf(parse(anySize), size, model);
  expect(chosen).toEqual(inputSize);
  const file = model.includes('int8') ? 'some-int8-u8s8' : 'some';
  expect(sizedName(file, 'side' in chosen ? chosen.side : shapeText(chosen))).toBe(name);
});

test.each(['some-100', 'some-0', 'some-5000', 'some-64x100', 'some-99999'])(
  '%s is no size of it',
  (model) => {
    expect(() => inputSizeOf(parse(anySize), parseModelName(model).size, model)).toThrow(
      expect.objectContaining({ code: 'MODEL', remedy: expect.stringContaining('64, 96, or WIDTHxHEIGHT') }),
    );
  },
);

test('a model of one shape has no sizes to choose from', () => {
  const fixed = parse(valid());
  expect(inputSizeOf(fixed, undefined, 'some')).toEqual({ width: 64, height: 64 });
  expect(() => inputSizeOf(fixed, 96, 'some-96')).toThrow(/some-96: this model has one size only, 64x64/);
});

test('what the dimensions may be set to is checked', () => {
  const wrong = { ...dynamic, height: 'w', sizes: [64, 100] };
  expect(refusal({ ...anySize, input: { ...anySize.input, dynamic: wrong } })).toMatch(
    /input\.dynamic: expected two names that differ.*\n.*input\.dynamic: expected sizes that are multiples/,
  );
  const level = { stride: 64, box: 'b', cls: 'c' };
  expect(refusal({ ...anySize, head: dfl([level]) })).toMatch(
    /head\.levels\[0\]\.stride: expected a divisor of input\.dynamic\.multiple, received 64/,
  );
});

test('every mistake is named at once, with what was expected and received', () => {
  const message = refusal({
    ...valid(),
    labels: ['person', 'person'],
    input: { name: '', width: 8, height: 'tall', mean: [0, 0], std: [0, 255, 255], padValue: 300 },
    thresholds: { score: 2, iou: 0.6, perLabel: { dog: 0.5 } },
  });
  for (const part of [
    /model\.json/,
    /labels: expected no label twice/,
    /input\.width: expected an integer from 32 to 4096, received 8/,
    /input\.height: expected an integer .*, received "tall"/,
    /input\.mean\[2\]: expected a number .*received nothing/,
    /input\.std\[0\]: expected a number/,
    /input\.padValue/,
    /thresholds\.score/,
    /thresholds\.perLabel\.dog: expected a label of this model/,
  ]) {
    expect(message).toMatch(part);
  }
});

test('a label that no topic can hold, or that stands for all of them there, is refused', () => {
  for (const label of [
    '',
    'traffic/light',
    'c++',
    '#1',
    'a\tb',
    'a\x9bb',
    '\uFFFE',
    '\uD800',
    'x'.repeat(201),
    'all',
  ]) {
    expect(refusal({ ...valid(), labels: ['person', label] })).toMatch(
      /labels\[1\]: expected a label without/,
    );
  }
  for (const label of ['traffic light', "driver's seat", '人', '🐈']) {
    expect(parse({ ...valid(), labels: ['person', label] }).labels[1]).toBe(label);
  }
});

test.each([
  ['null', null],
  ['a list', []],
  ['a number', 5],
  ['nothing in it', {}],
  ['a prototype for a manifest', JSON.parse('{"__proto__": {"schema": 1}}')],
  ['another schema', { ...valid(), schema: 2 }],
  ['no checksum', { ...valid(), sha256: 'abc' }],
  ['an unknown head', { ...valid(), head: { kind: 'anchors' } }],
  ['a head without levels', { ...valid(), head: { kind: 'dfl', regMax: 16, levels: [] } }],
  ['a stride that does not divide', { ...valid(), head: dfl([{ stride: 7, box: 'a', cls: 'b' }]) }],
  ['an output used twice', { ...valid(), head: dfl([{ stride: 8, box: 'a', cls: 'a' }]) }],
  ['too many labels', { ...valid(), labels: Array.from({ length: 2000 }, (_, index) => `label ${index}`) }],
])('%s is refused', (_, document) => {
  expect(refusal(document)).toMatch(/not a valid model manifest/);
});

function dfl(levels: unknown[]): unknown {
  return { kind: 'dfl', regMax: 16, levels };
}

test('a manifest that is no JSON, is missing or is a folder is named', async () => {
  expect(() => parseManifest('{"schema": 1', 'model.json')).toThrow(/model\.json is not JSON/);
  await expect(loadManifest(join(folder, 'absent.onnx'))).rejects.toMatchObject({
    code: 'MODEL',
    message: expect.stringContaining(join(folder, 'absent.json')),
    remedy: expect.stringContaining('MODEL'),
  });
  await expect(loadManifest('no-such-model')).rejects.toMatchObject({
    code: 'MODEL',
    remedy: expect.stringMatching(/: .*yolov8n-ghostnetv2-SIZE, yolov8n-ghostnetv2-SIZE-int8\b/),
  });
});

test('a model that is not the one described is refused before ONNX Runtime sees it', async () => {
  const path = await writeModel(join(folder, 'swapped'), Buffer.from('model'));
  await appendFile(path, 'x');
  await expect(loadManifest(path)).rejects.toMatchObject({
    code: 'MODEL',
    remedy: expect.stringMatching(/sha256 is [0-9a-f]{64}, expected [0-9a-f]{64}/),
  });
});

test('a manifest of absurd size is not even parsed', async () => {
  const path = await writeModel(join(folder, 'huge'), Buffer.from('model'));
  await writeFile(path.replace('.onnx', '.json'), ' '.repeat((1 << 20) + 1));
  await expect(loadManifest(path)).rejects.toMatchObject({
    message: expect.stringMatching(/bytes, more than/),
  });
});

test('what is very long, deep or much is refused at once, in a message that can be read', () => {
  const keys = Array.from({ length: 50_000 }, (_, index) => [`k${index}`, 1]);
  const { score, iou } = { score: 0.3, iou: 0.6 };
  const many = JSON.stringify({
    ...valid(),
    labels: Array.from({ length: 100_000 }, (_, index) => `l${index}`),
    thresholds: { score, iou, perLabel: Object.fromEntries(keys) },
  });
  const deep = JSON.stringify({ ...valid(), labels: ['deep'] }).replace(
    '"deep"',
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  );
  const long = JSON.stringify({
    ...valid(),
    thresholds: { score, iou, perLabel: { ['k'.repeat(70_000)]: 1 } },
  });
  for (const [text, part] of [
    [many, /and 49951 more$/],
    [deep, /labels\[0\]: expected a label .*, received a list of 1/],
    [long, /thresholds\.perLabel\.k{50,}…: expected a label of this model/],
    ['{', /is not JSON/],
  ] as const) {
    let error: unknown;
    try {
      parseManifest(text, 'model.json');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'MODEL', remedy: expect.any(String) });
    const { message } = error as Error;
    expect(message).toMatch(part);
    expect(message.length).toBeLessThan(20_000);
  }
});
