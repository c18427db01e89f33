/** What `ghostcam import` makes of models from elsewhere: each layout, and each reason for a refusal. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import { type Description, describeModel } from '../../src/import/describe.js';
import {
  constant,
  constantModel,
  type Declared,
  DOUBLE,
  type Extras,
  FLOAT16,
  field,
  headerModel,
  integer,
  node,
  type Tensor,
  UINT8,
  valueInfo,
  writeModel,
} from '../support/onnx.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-import-'));
});
afterAll(() => rm(folder, { recursive: true }));

const IMAGES: Tensor = { name: 'images', shape: [1, 3, 64, 64] };
/** Locations of a head with strides 8, 16 and 32 on 64 x 64 pixels. */
const CELLS = 84;
const TWO = { metadata: { names: "{0: 'hen', 1: 'fox'}" } };

const output = (...shape: number[]): Tensor => ({ name: 'output0', shape });

const dflOutputs: Tensor[] = [8, 16].flatMap((stride) => [
  { name: `cls${stride}`, shape: [1, 2, 64 / stride, 64 / stride] },
  { name: `box${stride}`, shape: [1, 16, 64 / stride, 64 / stride] },
]);

describe('accepted, and opened by the daemon', () => {
  test.each<[string, Tensor[], Tensor[], object]>([
    ['YOLOv8', [IMAGES], [output(1, 6, CELLS)], { kind: 'decoded', output: 'output0' }],
    ['an unusual number of locations', [IMAGES], [output(1, 6, 3)], { kind: 'decoded', output: 'output0' }],
    ['YOLOv5', [IMAGES], [output(1, 3 * CELLS, 7)], { kind: 'objectness', output: 'output0' }],
    [
      'YOLOv5 with its raw levels beside',
      [IMAGES],
      [output(1, 3 * CELLS, 7), { name: 'raw8', shape: [1, 3, 8, 8, 7] }],
      { kind: 'objectness', output: 'output0' },
    ],
    ['YOLOv10', [IMAGES], [output(1, 300, 6)], { kind: 'end-to-end', output: 'output0' }],
    [
      'raw levels, in any order',
      [IMAGES],
      dflOutputs,
      {
        kind: 'dfl',
        regMax: 4,
        levels: [
          { stride: 8, box: 'box8', cls: 'cls8' },
          { stride: 16, box: 'box16', cls: 'cls16' },
        ],
      },
    ],
  ])('%s', async (name, inputs, outputs, head) => {
    const bytes = constantModel(inputs, outputs, TWO);
    const manifest = describeModel('mine.onnx', bytes, {});
    expect(manifest).toMatchObject({ head, labels: ['hen', 'fox'], precision: 'fp32', name: 'mine' });
    await opens(name, bytes, manifest);
  });

  test('initialisers that are listed as inputs', async () => {
    const scale: Tensor = { name: 'scale', shape: [1] };
    const bytes = constantModel([scale, IMAGES], [output(1, 6, CELLS)], {
      ...TWO,
      graph: [field(5, constant(scale, Float32Array.of(1)))],
    });
    const manifest = describeModel('mine.onnx', bytes, {});
    expect(manifest.input).toMatchObject({ name: 'images', width: 64, height: 64 });
    await opens('initialisers', bytes, manifest);
  });

  test('a graph in two pieces, as protobuf allows', async () => {
    const whole = constantModel([IMAGES], [output(1, 6, CELLS)], TWO);
    const bytes = Buffer.concat([whole, field(7, field(10, 'a piece more'))]);
    await opens('pieces', bytes, describeModel('mine.onnx', bytes, {}));
  });

  test('an input that is not square', () => {
    const wide = { name: 'x', shape: [1, 3, 96, 160] };
    const manifest = describeModel('mine.onnx', constantModel([wide], [output(1, 6, 315)], TWO), {});
    expect(manifest.input).toMatchObject({ name: 'x', width: 160, height: 96 });
  });

  test('an end-to-end model keeps all of its boxes, which the daemon’s NMS might remove', () => {
    const bytes = constantModel([IMAGES], [output(1, 300, 6)], TWO);
    expect(describeModel('mine.onnx', bytes, {}).thresholds.iou).toBe(1);
  });

  test('NMS in the graph whose rows are of a fixed number', () => {
    const graph = [node('NonMaxSuppression', ['boxes', 'scores'], 'selected')];
    const bytes = headerModel([IMAGES], [output(1, 300, 6)], { ...TWO, graph });
    expect(describeModel('mine.onnx', bytes, {}).head.kind).toBe('end-to-end');
  });

  test('labels, name and threshold that were given', () => {
    const bytes = constantModel([IMAGES], [output(1, 6, CELLS)], TWO);
    expect(
      describeModel('/a/mine.onnx', bytes, { labels: ['a', 'b'], name: 'ours', threshold: 0.5 }),
    ).toMatchObject({ labels: ['a', 'b'], name: 'ours', thresholds: { score: 0.5, iou: 0.6 } });
  });

  test('80 labels of the metadata, in their order', () => {
    const names = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [index, `label ${index}`]));
    const python = `{${Object.entries(names).map(([index, name]) => `${index}: '${name}'`)}}`;
    const bytes = headerModel([{ name: 'images', shape: [1, 3, 640, 640] }], [output(1, 84, 8400)], {
      metadata: { names: python, task: 'detect', description: 'Ultralytics YOLO11n model' },
    });
    expect(describeModel('mine.onnx', bytes, {}).labels).toEqual(Object.values(names));
  });

  async function opens(name: string, bytes: Buffer, manifest: object): Promise<void> {
    const path = await writeModel(join(folder, name), bytes, { ...manifest });
    const detector = await Detector.open({ model: path, provider: 'cpu', threads: 1 });
    onTestFinished(() => detector.close());
    const data = new Uint8Array(64 * 64 * 3);
    await detector.detect({ data, format: 'rgb24', width: 64, height: 64 });
  }
});

test('8-bit activations are seen: signed or unsigned', () => {
  const zero = (type: number) => field(5, constant({ name: 'zero', shape: [1], type }, new Float32Array(1)));
  const precisionOf = (...graph: Buffer[]) =>
    describeModel('m.onnx', headerModel([IMAGES], [output(1, 6, CELLS)], { ...TWO, graph }), {}).precision;
  const quantize = node('QuantizeLinear', ['images', 'scale', 'zero'], 'q');
  expect(precisionOf(quantize, zero(UINT8))).toBe('int8-u8s8');
  expect(precisionOf(quantize, zero(3))).toBe('int8-s8s8');
  expect(precisionOf(zero(UINT8))).toBe('fp32');
});

/** A tensor whose values lie in weights.bin. */
const EXTERNAL = Buffer.concat([
  field(8, 'conv1.weight'),
  field(13, Buffer.concat([field(1, 'location'), field(2, 'weights.bin')])),
  integer(14, 1),
]);

describe('refused, with the reason and what to do', () => {
  const yolo = output(1, 6, CELLS);
  const header = (inputs: Declared[], outputs: Declared[], extras: Extras = TWO) =>
    headerModel(inputs, outputs, extras);
  const images = (...shape: Declared['shape']): Declared => ({ name: 'images', shape });

  test.each<[string, Buffer, RegExp, RegExp]>([
    // The input
    [
      'half precision',
      header([{ ...IMAGES, type: FLOAT16 }], [{ ...yolo, type: FLOAT16 }]),
      /input "images" is float16/,
      /half=False/,
    ],
    [
      'an output of half precision',
      header([IMAGES], [{ ...yolo, type: FLOAT16 }]),
      /output "output0" is float16/,
      /half=False/,
    ],
    ['bytes', header([{ ...IMAGES, type: UINT8 }], [yolo]), /"images" is uint8/, /float32/],
    ['doubles', header([IMAGES], [{ ...yolo, type: DOUBLE }]), /"output0" is float64/, /float32/],
    ['an unknown type', header([{ ...IMAGES, type: 99 }], [yolo]), /of type 99/, /float32/],
    [
      'dynamic axes',
      header([images('batch', 3, 'height', 'width')], [yolo]),
      /\["batch", 3, "height", "width"\], and not fixed/,
      /dynamic=False/,
    ],
    [
      'a size without a name',
      header([images(1, 3, null, 64)], [yolo]),
      /\[1, 3, \?, 64\], and not fixed/,
      /fixed/,
    ],
    ['a size of 0', header([images(1, 3, 0, 64)], [yolo]), /\[1, 3, 0, 64\], and not fixed/, /fixed/],
    [
      'a dynamic output',
      header([IMAGES], [{ name: 'o', shape: [1, 6, 'anchors'] }]),
      /"o" is \[1, 6, "anchors"\]/,
      /dynamic=False/,
    ],
    ['a batch', header([images(4, 3, 64, 64)], [yolo]), /a batch of 4/, /batch=1/],
    ['channels last', header([images(1, 64, 64, 3)], [yolo]), /channels last/, /channels first/],
    ['grey pictures', header([images(1, 1, 64, 64)], [yolo]), /1 channels/, /RGB/],
    ['no picture', header([images(1, 100)], [yolo]), /expected \[1, 3, height, width\]/, /pictures/],
    ['a huge picture', header([images(1, 3, 64, 8192)], [yolo]), /sides are 32 to 4096/, /imgsz/],
    [
      'two inputs',
      header([IMAGES, { name: 'size', shape: [1, 2] }], [yolo]),
      /2 inputs \("images", "size"\)/,
      /alone/,
    ],
    ['no inputs', header([], [yolo]), /0 inputs/, /alone/],
    [
      'an input that is no tensor',
      headerModel([], [yolo], { ...TWO, graph: [field(11, field(1, 'seq'))] }),
      /"seq" is not a tensor/,
      /alone/,
    ],
    [
      'a name without end',
      header([{ name: 'n'.repeat(300), shape: IMAGES.shape }], [yolo]),
      /name that is not of 1 to 200/,
      /input_names/,
    ],
    // The outputs
    ['no outputs', header([IMAGES], []), /no outputs/, /export/],
    [
      'an output without a shape',
      headerModel([IMAGES], [], {
        ...TWO,
        graph: [field(12, Buffer.concat([field(1, 'o'), field(2, field(1, integer(1, 1)))]))],
      }),
      /"o" is unknown, and not fixed/,
      /fixed/,
    ],
    [
      'masks',
      header([IMAGES], [output(1, 38, CELLS), { name: 'protos', shape: [1, 32, 16, 16] }]),
      /boxes and masks/,
      /detection/,
    ],
    [
      'mask rows',
      header([IMAGES], [output(1, 38, CELLS)]),
      /32 more than 4 \+ 2, as segmentation/,
      /detection/,
    ],
    ['keypoints', header([IMAGES], [output(1, 57, CELLS)]), /51 more .*pose/, /detection/],
    ['angles', header([IMAGES], [output(1, 7, CELLS)]), /1 more .*OBB/, /detection/],
    ['a classifier', header([IMAGES], [output(1, 1000)]), /as classifiers have/, /detection/],
    [
      'rows after NMS',
      header([IMAGES], [{ name: 'o', shape: ['n', 7] }]),
      /non-maximum suppression has left/,
      /nms=False/,
    ],
    [
      'raw anchors',
      header(
        [IMAGES],
        [
          { name: 'a', shape: [1, 3, 8, 8, 7] },
          { name: 'b', shape: [1, 3, 4, 4, 7] },
        ],
      ),
      /raw levels of anchor boxes/,
      /--grid/,
    ],
    [
      'boxes and scores apart',
      header(
        [IMAGES],
        [
          { name: 'boxes', shape: [1, CELLS, 4] },
          { name: 'scores', shape: [1, CELLS, 2] },
        ],
      ),
      /boxes and scores apart/,
      /one output/,
    ],
    ['YOLOX', header([IMAGES], [output(1, CELLS, 7)]), /YOLOX and YOLOv6/, /layouts that are read/],
    [
      'the transpose',
      header([IMAGES], [output(1, CELLS, 6)]),
      /the transpose of \[1, 6, 84\]/,
      /transposition/,
    ],
    [
      'RT-DETR',
      header([IMAGES], [output(1, 300, 6)], {
        ...TWO,
        graph: [node('Concat', ['boxes', 'scores'], 'output0')],
      }),
      /RT-DETR/,
      /layouts/,
    ],
    [
      'RT-DETR by name',
      header([IMAGES], [output(1, 300, 84)], {
        metadata: { ...TWO.metadata, description: 'Ultralytics RT-DETR-l' },
      }),
      /RT-DETR/,
      /layouts/,
    ],
    ['a batch of boxes', header([IMAGES], [output(2, 6, CELLS)]), /a batch of 2/, /batch=1/],
    [
      'NMS in the graph',
      headerModel([IMAGES], [{ name: 'o', shape: ['n', 3] }], {
        ...TWO,
        graph: [node('NonMaxSuppression', ['a', 'b'], 'o')],
      }),
      /node "NonMaxSuppression"/,
      /nms=False/,
    ],
    [
      'NMS of TensorRT',
      headerModel(
        [IMAGES],
        [
          { name: 'num_dets', shape: [1, 1] },
          { name: 'det_boxes', shape: [1, 100, 4] },
        ],
        { ...TWO, graph: [node('EfficientNMS_TRT', ['a'], 'num_dets')] },
      ),
      /node "EfficientNMS_TRT"/,
      /nms=False/,
    ],
    ['nothing that is known', header([IMAGES], [output(1)]), /no known layout/, /layouts that are read/],
    // Raw levels
    [
      'levels after a sigmoid',
      headerModel([IMAGES], dflOutputs, { ...TWO, graph: [node('Sigmoid', ['x'], 'cls16')] }),
      /"cls16" comes out of Sigmoid/,
      /activations/,
    ],
    [
      'levels of one output each',
      header(
        [IMAGES],
        [
          { name: 'a', shape: [1, 66, 8, 8] },
          { name: 'b', shape: [1, 66, 4, 4] },
        ],
      ),
      /expected boxes and scores in two/,
      /one output/,
    ],
    [
      'levels of other labels',
      header(
        [IMAGES],
        [
          { name: 'a', shape: [1, 16, 8, 8] },
          { name: 'b', shape: [1, 3, 8, 8] },
        ],
      ),
      /4 \* n for boxes and 2 for labels/,
      /--labels/,
    ],
    [
      'levels of no stride',
      header(
        [IMAGES],
        [
          { name: 'a', shape: [1, 16, 7, 7] },
          { name: 'b', shape: [1, 2, 7, 7] },
        ],
      ),
      /no level of 64 x 64/,
      /one output/,
    ],
    [
      'levels that differ',
      header(
        [IMAGES],
        [
          { name: 'a', shape: [1, 16, 8, 8] },
          { name: 'b', shape: [1, 2, 8, 8] },
          { name: 'c', shape: [1, 64, 4, 4] },
          { name: 'd', shape: [1, 2, 4, 4] },
        ],
      ),
      /different numbers of channels/,
      /one output/,
    ],
    // Metadata
    ...(['segment', 'pose', 'obb', 'classify'] as const).map((task): [string, Buffer, RegExp, RegExp] => [
      `task ${task}`,
      header([IMAGES], [yolo], { metadata: { ...TWO.metadata, task } }),
      /it is a (segmentation|pose|classifier|model of oriented)/,
      /task=detect/,
    ]),
    ['no labels', header([IMAGES], [yolo], {}), /no names of labels/, /2 of them: --labels/],
    ['other labels', header([IMAGES], [output(1, 9, CELLS)]), /5 labels, but there are 2/, /--labels/],
    [
      'one label',
      header([IMAGES], [yolo], { metadata: { names: "['hen']" } }),
      /1 more than 4 \+ 1/,
      /2 labels/,
    ],
    [
      'names that are none',
      header([IMAGES], [yolo], { metadata: { names: "{1: 'hen', 2: 'fox'}" } }),
      /neither a list of names in quotes nor one by number from 0/,
      /--labels/,
    ],
    [
      'names that are lists',
      header([IMAGES], [yolo], { metadata: { names: "[['hen'], ['fox']]" } }),
      /neither a list/,
      /--labels/,
    ],
    [
      'names that cannot be read',
      header([IMAGES], [yolo], { metadata: { names: '[hen, ' } }),
      /neither a list/,
      /--labels/,
    ],
    [
      'names that contain themselves',
      header([IMAGES], [yolo], { metadata: { names: '&a [*a, *a]' } }),
      /neither a list/,
      /--labels/,
    ],
    [
      'names without end',
      header([IMAGES], [yolo], { metadata: { names: '['.repeat(200_000) } }),
      /neither a list/,
      /--labels/,
    ],
    [
      'a separator of topics',
      header([IMAGES], [yolo], { metadata: { names: "['hen/cock', 'fox']" } }),
      /"hen\/cock" cannot be used/,
      /other names/,
    ],
    [
      'wildcards',
      header([IMAGES], [yolo], { metadata: { names: "['c++', '#1']" } }),
      /"c\+\+", "#1" cannot be used/,
      /other names/,
    ],
    [
      'control characters',
      header([IMAGES], [yolo], { metadata: { names: '["a\\tb", "a\\x9bb"]' } }),
      /"a\\tb", "a\?b" cannot be used/,
      /other names/,
    ],
    [
      'an empty label',
      header([IMAGES], [yolo], { metadata: { names: "['hen', '']" } }),
      /"" cannot be used/,
      /other names/,
    ],
    [
      'a label twice',
      header([IMAGES], [yolo], { metadata: { names: "['hen', 'hen']" } }),
      /"hen" is there twice/,
      /other names/,
    ],
    [
      'more labels than are read',
      header([IMAGES], [output(1, 1204, 2000)], {
        metadata: { names: JSON.stringify(Array.from({ length: 1200 }, (_, index) => `label ${index}`)) },
      }),
      /1200 labels/,
      /up to 1000/,
    ],
    // Weights elsewhere
    [
      'external data',
      header([IMAGES], [yolo], { ...TWO, graph: [field(5, EXTERNAL)] }),
      /another file \(tensor "conv1.weight"\)/,
      /onnx.save/,
    ],
    [
      'external data of a Constant',
      header([IMAGES], [yolo], { ...TWO, graph: [node('Constant', [], 'c', field(5, field(5, EXTERNAL)))] }),
      /another file/,
      /onnx.save/,
    ],
    [
      'external data of a subgraph',
      header([IMAGES], [yolo], {
        ...TWO,
        graph: [node('If', ['c'], 'd', field(5, field(6, field(5, EXTERNAL))))],
      }),
      /another file/,
      /onnx.save/,
    ],
    [
      'external data of a sparse tensor',
      header([IMAGES], [yolo], { ...TWO, graph: [field(15, field(1, EXTERNAL))] }),
      /another file/,
      /onnx.save/,
    ],
    // Other files
    ['a PyTorch checkpoint', Buffer.from('PK\x03\x04archive/data.pkl'), /PyTorch/, /format=onnx/],
    ['ONNX Runtime’s format', Buffer.from('\0\0\0\0ORTM\0\0'), /ONNX Runtime’s own format/, /\.onnx/],
    ['TensorFlow Lite', Buffer.from('\x1c\0\0\0TFL3\0'), /TensorFlow Lite/, /ONNX/],
    [
      'a pointer of Git LFS',
      Buffer.from('version https://git-lfs.github.com/spec/v1\n'),
      /Git LFS/,
      /git lfs pull/,
    ],
    [
      'an empty file',
      Buffer.alloc(0),
      /no ONNX model, or damaged: it names no operator set/,
      /export it again/,
    ],
    [
      'text',
      Buffer.from('<!doctype html><title>Not found</title>'),
      /no ONNX model, or damaged/,
      /export it again/,
    ],
    // Hostile files
    ['a field that ends outside', Buffer.from([0x3a, 0xff, 0xff, 0xff, 0xff, 0x07, 1]), /damaged/, /export/],
    ['a number that does not end', Buffer.alloc(100, 0xff), /damaged/, /export/],
    [
      'a graph that is a number',
      Buffer.concat([integer(7, 5), field(8, integer(2, 13))]),
      /field 7 has the wire type 0/,
      /export/,
    ],
    [
      'names that are not UTF-8',
      headerModel([IMAGES], [], { graph: [field(12, field(1, Buffer.from([0xff, 0xfe])))] }),
      /damaged/,
      /export/,
    ],
    [
      'a name of a megabyte',
      headerModel([{ ...IMAGES, name: 'n'.repeat(1 << 20) }], []),
      /a name has 1048576 bytes/,
      /export/,
    ],
    [
      'a hundred thousand inputs',
      headerModel(
        Array.from({ length: 100_001 }, () => IMAGES),
        [yolo],
      ),
      /more than 100000 items/,
      /export/,
    ],
    [
      'a shape of many sizes',
      header([{ name: 'i', shape: Array(65).fill(1) }], [yolo]),
      /more than 64 sizes/,
      /export/,
    ],
    [
      'graphs inside graphs',
      header([IMAGES], [yolo], { ...TWO, graph: [nested(50)] }),
      /more than 16 deep/,
      /export/,
    ],
    [
      'millions of fields',
      Buffer.alloc(11_000_000, Buffer.from([0x08, 0x01])),
      /more than 5000000 fields/,
      /export/,
    ],
    [
      'groups inside groups',
      Buffer.concat([Buffer.alloc(100_000, 0x0b), Buffer.alloc(100_000, 0x0c)]),
      /damaged/,
      /export/,
    ],
  ])('%s', (_, bytes, reason, remedy) => {
    const { message, remedy: hint } = refusal(bytes);
    expect(message).toMatch(/^mine\.onnx cannot be used: /);
    expect(message).toMatch(reason);
    expect(hint).toMatch(remedy);
    expect(message.length).toBeLessThan(1000);
    expect(message + hint).not.toMatch(/\p{Cc}/u);
  });

  function nested(depth: number): Buffer {
    let graph = field(1, field(4, 'If'));
    for (let level = 0; level < depth; level++) graph = field(1, field(5, field(6, graph)));
    return graph;
  }

  test('a name or threshold that no manifest takes', () => {
    const bytes = constantModel([IMAGES], [yolo], TWO);
    expect(refusal(bytes, { name: '' }).message).toMatch(/name: expected a text/);
  });

  function refusal(bytes: Buffer, description: Description = {}): { message: string; remedy: string } {
    try {
      describeModel('mine.onnx', bytes, description);
    } catch (error) {
      expect(error).toMatchObject({ name: 'GhostcamError', code: 'MODEL', remedy: expect.any(String) });
      return error as { message: string; remedy: string };
    }
    throw new Error('it was accepted');
  }
});

test('a declaration that comes twice is read as its last', () => {
  const twice = Buffer.concat([valueInfo({ name: 'a', shape: [1, 6, 2] }), valueInfo(output(1, 6, CELLS))]);
  const bytes = headerModel([IMAGES], [], { ...TWO, graph: [field(12, twice)] });
  expect(describeModel('mine.onnx', bytes, {}).head).toMatchObject({ output: 'output0' });
});
