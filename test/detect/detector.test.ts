import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import type { PixelFrame } from '../../src/frame/frame.js';
import { shapeText } from '../../src/frame/input-shape.js';
import type { Region } from '../../src/frame/region.js';
import { iou } from '../../src/geometry/box.js';
import type { Log } from '../../src/observe/log.js';
import { stillFile } from '../../src/still/file.js';
import { readStill } from '../../src/still/read.js';
import { memoryLog } from '../support/log.js';
import {
  constantModel,
  type Declared,
  DOUBLE,
  SMALL_INPUT,
  SMALL_OUTPUT,
  smallManifest,
  writeModel,
} from '../support/onnx.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ghostcam-detector-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function open(model: string, options: { log?: Log } = {}): Promise<Detector> {
  const detector = await Detector.open({ model, provider: 'cpu', threads: 1, ...options });
  onTestFinished(() => detector.close());
  return detector;
}

/** Rows cx, cy, w, h, person, cat of three anchors. */
const ANSWER = Float32Array.from([
  ...[32, 33, 10],
  ...[32, 32, 60],
  ...[16, 16, 8],
  ...[16, 16, 8],
  ...[0.9, 0.8, 0.1],
  ...[0.1, 0.2, 0.7],
]);

function small(name: string): Promise<string> {
  return writeModel(join(folder, name), constantModel([SMALL_INPUT], [{ ...SMALL_OUTPUT, values: ANSWER }]));
}

function grey(width: number, height: number, format: PixelFrame['format'] = 'rgb24'): PixelFrame {
  const bytes =
    format === 'rgb24'
      ? 3 * width * height
      : width * height + 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  return { data: new Uint8Array(bytes).fill(114), format, width, height };
}

describe('detect', () => {
  test('boxes are in source pixels; overlapping ones and those of the border are gone', async () => {
    const detector = await open(await small('boxes'));
    // In the tensor the picture is 64 x 32, 16 from the top: the cat lies below it.
    const { detections, timings } = await detector.detect(grey(640, 320));
    expect(detections).toEqual([
      { label: 'person', classId: 0, score: expect.closeTo(0.9), box: [240, 80, 400, 240] },
    ]);
    for (const ms of Object.values(timings)) expect(ms).toBeGreaterThanOrEqual(0);
  });

  test('boxes are scaled to the source size, and clipped to it', async () => {
    const detector = await open(await small('scaled'));
    const { detections } = await detector.detect(grey(64, 64, 'yuv420p'), {
      sourceWidth: 1280,
      sourceHeight: 640,
      iou: 1,
      maxDetections: 2,
    });
    expect(detections.map(({ box }) => box)).toEqual([
      [480, 240, 800, 400],
      [500, 240, 820, 400],
    ]);
  });

  test('a head with objectness: its product with the label’s score counts', async () => {
    const output = { name: 'output0', shape: [1, 3, 7] };
    const values = Float32Array.from([
      ...[32, 32, 16, 16, 0.9, 0.9, 0.1],
      ...[33, 32, 16, 16, 0.9, 0.8, 0.1],
      ...[32, 32, 8, 8, 0.5, 0.5, 0.5],
    ]);
    const model = constantModel([SMALL_INPUT], [{ ...output, values }]);
    const manifest = { ...smallManifest(), head: { kind: 'objectness', output: 'output0' } };
    const detector = await open(await writeModel(join(folder, 'objectness'), model, manifest));
    expect((await detector.detect(grey(640, 320))).detections).toEqual([
      { label: 'person', classId: 0, score: expect.closeTo(0.81), box: [240, 80, 400, 240] },
    ]);
  });

  test('an end-to-end head: its rows are boxes', async () => {
    const output = { name: 'output0', shape: [1, 3, 6] };
    const values = Float32Array.from([
      ...[24, 24, 40, 40, 0.9, 0],
      ...[25, 24, 41, 40, 0.8, 0],
      ...[24, 24, 40, 40, 0.7, 2],
    ]);
    const model = constantModel([SMALL_INPUT], [{ ...output, values }]);
    const manifest = {
      ...smallManifest(),
      head: { kind: 'end-to-end', output: 'output0' },
      thresholds: { score: 0.3, iou: 1, perLabel: {} },
    };
    const detector = await open(await writeModel(join(folder, 'end-to-end'), model, manifest));
    expect((await detector.detect(grey(640, 320))).detections).toEqual([
      { label: 'person', classId: 0, score: expect.closeTo(0.9), box: [240, 80, 400, 240] },
      { label: 'person', classId: 0, score: expect.closeTo(0.8), box: [250, 80, 410, 240] },
    ]);
  });

  test.each(['objectness', 'end-to-end'])(
    'an output that is none of head %s is a MODEL error',
    async (kind) => {
      const model = constantModel([SMALL_INPUT], [SMALL_OUTPUT]);
      const manifest = {
        ...smallManifest(),
        labels: ['hen', 'fox', 'cat'],
        head: { kind, output: 'output0' },
      };
      const path = await writeModel(join(folder, `not-${kind}`), model, manifest);
      await expect(open(path)).rejects.toMatchObject({
        code: 'MODEL',
        message: expect.stringMatching(/output0/),
      });
    },
  );

  test('thresholds are per class', async () => {
    const detector = await open(await small('thresholds'));
    const { detections } = await detector.detect(grey(64, 64), { thresholds: Float32Array.of(2, 0.5) });
    expect(detections.map(({ label }) => label)).toEqual(['cat']);
  });

  test('pixels that nobody else holds are kept until they were read', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const detector = await open(await small('kept'));
    const collected = new Set<number>();
    const registry = new FinalizationRegistry<number>((index) => collected.add(index));
    const busy = detector.bare(1_000_000);
    const results = Array.from({ length: 20 }, (_, index) => {
      const frame = grey(640, 640);
      registry.register(frame.data, index);
      return detector.detect(frame);
    });
    let done = false;
    void busy.then(() => {
      done = true;
    });
    for (let round = 0; round < 2; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(done).toBe(false);
    expect(collected.size).toBe(0);
    await busy;
    for (const { detections } of await Promise.all(results)) expect(detections).toHaveLength(2);
    await vi.waitFor(() => {
      collect();
      expect(collected.size).toBe(20);
    });
  });

  test('a hundred calls at once are all answered, in order', async () => {
    const detector = await open(await small('queue'));
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        detector.detect(grey(64 + index, 64)).then(() => order.push(index)),
      ),
    );
    expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test.each([
    ['no pixels', { width: 0, height: 0, data: new Uint8Array(0) }],
    ['a negative size', { width: -64, height: -64 }],
    ['half a pixel', { width: 63.5 }],
    ['an enormous size', { width: 1 << 30, height: 1 << 30 }],
    ['NaN', { width: Number.NaN }],
    ['too little data', { data: new Uint8Array(64 * 64 * 3 - 1) }],
    ['too much data', { data: new Uint8Array(64 * 64 * 3 + 1) }],
    ['another kind of data', { data: [] as unknown as Uint8Array }],
    ['another format', { format: 'nv12' as 'rgb24' }],
  ])('%s is a FRAME error', async (_, wrong) => {
    const detector = await open(await small('wrong-frame'));
    await expect(detector.detect({ ...grey(64, 64), ...wrong })).rejects.toMatchObject({
      name: 'GhostcamError',
      code: 'FRAME',
    });
  });

  test.each([
    ['too few thresholds', { thresholds: Float32Array.of(0.5) }],
    ['a threshold that is no number', { thresholds: Float32Array.of(Number.NaN, 0.5) }],
    ['an IoU above 1', { iou: 1.5 }],
    ['no detections at most', { maxDetections: 0 }],
    ['an empty source', { sourceWidth: 0 }],
  ])('%s: a FRAME error', async (_, options) => {
    const detector = await open(await small('wrong-options'));
    await expect(detector.detect(grey(64, 64), options)).rejects.toMatchObject({ code: 'FRAME' });
  });

  test('frames from 1 x 1 to the longest side allowed', async () => {
    const detector = await open(await small('sizes'));
    for (const [width, height] of [
      [1, 1],
      [1, 16_384],
      [16_384, 1],
      [2, 3],
      [4000, 3000],
    ] as const) {
      for (const format of ['rgb24', 'yuv420p'] as const) {
        const { detections } = await detector.detect(grey(width, height, format));
        for (const { box } of detections) {
          expect(box.every((corner) => corner >= 0 && corner <= Math.max(width, height))).toBe(true);
        }
      }
    }
  });
});

/** A model of any size whose output does not depend on it: boxes of a 64 x 64 input. */
function anySize(name: string): Promise<string> {
  const input: Declared = { name: 'images', shape: [1, 3, 'height', 'width'] };
  const dynamic = { width: 'width', height: 'height', multiple: 4, sizes: [64] };
  const manifest = smallManifest();
  return writeModel(join(folder, name), constantModel([input], [{ ...SMALL_OUTPUT, values: ANSWER }]), {
    ...manifest,
    input: { ...(manifest.input as object), dynamic },
  });
}

describe('shapes of the input', () => {
  const person = { label: 'person', classId: 0, score: expect.closeTo(0.9) };

  test('a picture gets the shape that fits it, and its boxes', async () => {
    const detector = await open(await anySize('shapes'));
    expect(detector.sessions).toEqual([{ width: 64, height: 36, inferenceMs: expect.any(Number) }]);
    const changes: unknown[] = [];
    detector.on('sessions', () => changes.push(detector.sessions));
    // It fills its tensor of 64 x 36, so that a box at 24 to 40 goes beyond it.
    const wide = await detector.detect(grey(640, 360));
    expect(wide.detections[0]).toEqual({ ...person, box: [240, 240, 400, 360] });
    expect(changes).toEqual([]);
    const square = await detector.detect(grey(640, 640));
    expect(square.detections[0]).toEqual({ ...person, box: [240, 240, 400, 400] });
    expect(changes).toEqual([
      [
        { width: 64, height: 36, inferenceMs: expect.any(Number) },
        { width: 64, height: 64, inferenceMs: expect.any(Number) },
      ],
    ]);
  });

  test('the session that only timed the runtime is closed when no picture has its shape', async () => {
    const detector = await open(await anySize('unused'));
    await detector.detect(grey(64, 64));
    expect(detector.sessions.map(shapeText)).toEqual(['64x64']);
    await detector.detect(grey(640, 360));
    expect(detector.sessions.map(shapeText)).toEqual(['64x64', '64x36']);
  });

  test('a shape is opened once, also for frames that come at the same time', async () => {
    const detector = await open(await anySize('once'));
    let changes = 0;
    detector.on('sessions', () => changes++);
    const frames = [grey(64, 64), grey(32, 64), grey(64, 64), grey(640, 360), grey(32, 64)];
    const results = await Promise.all(frames.map((frame) => detector.detect(frame)));
    expect(results).toHaveLength(5);
    expect(changes).toBe(2);
    expect(detector.sessions.map(shapeText).sort()).toEqual(['32x64', '64x36', '64x64']);
  });

  test('one can be asked for, but none that the model does not take', async () => {
    const detector = await open(await anySize('asked'));
    const shape = { width: 32, height: 32 };
    await detector.detect(grey(640, 360), { shape });
    expect(detector.sessions.map(shapeText)).toContain('32x32');
    for (const [width, height] of [
      [64, 50],
      [128, 64],
      [0, 64],
    ] as const) {
      await expect(detector.detect(grey(64, 64), { shape: { width, height } })).rejects.toMatchObject({
        code: 'FRAME',
        message: expect.stringContaining(`does not take ${width}x${height}`),
      });
    }
    const fixed = await open(await small('fixed'));
    await expect(fixed.detect(grey(64, 64), { shape })).rejects.toMatchObject({ code: 'FRAME' });
  });

  test('a model whose file went away says so, and works on for the shapes that are open', async () => {
    const path = await anySize('gone');
    const detector = await open(path);
    await detector.detect(grey(640, 360));
    await rm(path);
    await expect(detector.detect(grey(64, 64))).rejects.toMatchObject({
      code: 'MODEL',
      message: expect.stringContaining(path),
    });
    expect((await detector.detect(grey(640, 360))).detections).not.toEqual([]);
  });

  test('sessions do not become more with every shape', async () => {
    const detector = await open(await anySize('many'));
    for (let width = 28; width <= 64; width += 4) {
      await detector.detect(grey(64, 64), { shape: { width, height: 64 } });
    }
    expect(detector.sessions.map(shapeText)).toEqual(
      [36, 40, 44, 48, 52, 56, 60, 64].map((width) => `${width}x64`),
    );
  });

  test('pictures of more shapes than sessions, again and again, do not fill the log', async () => {
    const { log, lines } = memoryLog();
    const detector = await open(await anySize('alternating'), { log });
    const widths = [28, 32, 36, 40, 44, 48, 52, 56, 60, 64];
    for (const width of [...widths, ...widths, ...widths]) {
      await detector.detect(grey(64, 64), { shape: { width, height: 64 } });
    }
    const opened = lines.filter((line) => line.includes('is ready for'));
    expect(opened.length).toBeGreaterThan(2 * widths.length);
    expect(opened.filter((line) => line.includes('INFO')).length).toBe(widths.length);
  });

  test('the shipped model finds the same in a picture at its shape as in the square', async () => {
    const detector = await open('yolov8n-ghostnetv2-320');
    const photo = await readStill(stillFile('test/fixtures/photos/chelsea.png'));
    const [seen] = (await detector.detect(photo)).detections;
    const [inSquare] = (await detector.detect(photo, { shape: { width: 320, height: 320 } })).detections;
    expect(seen).toMatchObject({ label: 'cat' });
    expect(inSquare).toMatchObject({ label: 'cat' });
    expect(iou(seen?.box ?? [0, 0, 0, 0], inSquare?.box ?? [0, 0, 0, 0])).toBeGreaterThan(0.9);
    expect(detector.sessions.map(shapeText).sort()).toEqual(['320x192', '320x320']);
  });
});

describe('close', () => {
  test('waits for the frame in flight, rejects the queued ones and all later ones', async () => {
    const detector = await open('yolov8n-ghostnetv2-320');
    const calls = Array.from({ length: 20 }, () => detector.detect(grey(320, 320)));
    const settled = Promise.allSettled(calls);
    await calls[0];
    await Promise.all([detector.close(), detector.close()]);
    const outcomes = await settled;
    expect(outcomes[0]?.status).toBe('fulfilled');
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
    await expect(detector.detect(grey(320, 320))).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(detector.bare(1)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('CPU time is counted while it runs and stays known after', async () => {
    const detector = await open('yolov8n-ghostnetv2-320');
    const times = await detector.bare(5);
    expect(times).toHaveLength(5);
    const seconds = detector.cpuSeconds();
    expect(seconds).toBeGreaterThan(0);
    await detector.close();
    expect(detector.cpuSeconds()).toBeGreaterThanOrEqual(seconds);
  });
});

describe('a model that is not what its manifest says', () => {
  const output = SMALL_OUTPUT;
  test.each([
    [
      'another input size',
      constantModel([{ name: 'images', shape: [1, 3, 32, 32] }], [output]),
      /images.*expected/,
    ],
    [
      'another input name',
      constantModel([{ ...SMALL_INPUT, name: 'x' }], [output]),
      /no input images; it has: x/,
    ],
    ['another input type', constantModel([{ ...SMALL_INPUT, type: DOUBLE }], [output]), /not float32/],
    [
      'two inputs',
      constantModel([SMALL_INPUT, { ...SMALL_INPUT, name: 'y' }], [output]),
      /2 inputs, expected 1/,
    ],
    ['another output name', constantModel([SMALL_INPUT], [{ ...output, name: 'y' }]), /no output output0/],
    ['another output type', constantModel([SMALL_INPUT], [{ ...output, type: DOUBLE }]), /not float32/],
    [
      'other classes',
      constantModel([SMALL_INPUT], [{ ...output, shape: [1, 7, 3] }]),
      /expected float32 \[1, 6, \?\]/,
    ],
    [
      'another rank',
      constantModel([SMALL_INPUT], [{ ...output, shape: [6, 3] }]),
      /expected float32 \[1, 6, \?\]/,
    ],
    ['no model at all', Buffer.from('not a model'), /cannot load the model/],
    ['an empty file', Buffer.alloc(0), /cannot load the model/],
  ])('%s is a MODEL error', async (name, model, message) => {
    const path = await writeModel(join(folder, name.replaceAll(' ', '-')), model);
    await expect(open(path)).rejects.toMatchObject({
      code: 'MODEL',
      message: expect.stringMatching(message),
    });
  });

  test('truncated and damaged models never crash', async () => {
    const good = constantModel([SMALL_INPUT], [{ ...output, values: ANSWER }]);
    let random = 1;
    const next = (limit: number) => {
      random = (random * 48_271) % 2_147_483_647;
      return random % limit;
    };
    const opened: boolean[] = [];
    for (let round = 0; round < 60; round++) {
      const damaged = Buffer.from(round < 20 ? good.subarray(0, next(good.length)) : good);
      if (round >= 20) for (let flips = 0; flips < 3; flips++) damaged[next(damaged.length)] = next(256);
      const path = await writeModel(join(folder, 'damaged'), damaged, smallManifest());
      try {
        const detector = await Detector.open({ model: path, provider: 'cpu', threads: 1 });
        await detector.detect(grey(64, 64));
        await detector.close();
        opened.push(true);
      } catch (error) {
        expect(error).toMatchObject({ name: 'GhostcamError' });
        opened.push(false);
      }
    }
    expect(opened).toContain(false);
  });
});

describe('a region', () => {
  /** A photograph as planes, in strange colours: luma is its green, chroma the blue and the red of every other pixel. */
  function planar({ data, width, height }: PixelFrame): PixelFrame {
    const plane = (channel: number, step: number) =>
      data.filter((_, at) => {
        const pixel = Math.floor(at / 3);
        return at % 3 === channel && (pixel % width) % step === 0 && Math.floor(pixel / width) % step === 0;
      });
    const planes = [plane(1, 1), plane(2, 2), plane(0, 2)];
    return { data: Buffer.concat(planes), format: 'yuv420p', width, height };
  }

  /** The same part as a picture of its own, taken out pixel by pixel. */
  function cropped({ data, format, width, height }: PixelFrame, region: Region): PixelFrame {
    const planes =
      format === 'rgb24'
        ? [{ begin: 0, width: 3 * width, unit: 3, half: 1 }]
        : [
            { begin: 0, width, unit: 1, half: 1 },
            { begin: width * height, width: Math.ceil(width / 2), unit: 1, half: 2 },
            {
              begin: width * height + Math.ceil(width / 2) * Math.ceil(height / 2),
              width: Math.ceil(width / 2),
              unit: 1,
              half: 2,
            },
          ];
    const pixels = planes.flatMap((plane) => {
      const rows = Math.ceil(region.height / plane.half);
      const count = Math.ceil(region.width / plane.half) * plane.unit;
      return Array.from({ length: rows }, (_, row) => {
        const at =
          plane.begin +
          (region.top / plane.half + row) * plane.width +
          (region.left / plane.half) * plane.unit;
        return [...data.subarray(at, at + count)];
      }).flat();
    });
    return { data: Uint8Array.from(pixels), format, width: region.width, height: region.height };
  }

  test.each([
    ['yuv420p', 'a photograph', { left: 40, top: 60, width: 256, height: 200 }],
    ['rgb24', 'a photograph', { left: 64, top: 100, width: 200, height: 180 }],
  ] as const)(
    '%s of %s: what the crop of it gives, in its place in the picture',
    async (format, _, region) => {
      const detector = await open('yolov8n-ghostnetv2-320');
      const photo = await readStill(stillFile('assets/doctor/photo.jpg'));
      const frame = format === 'rgb24' ? photo : planar(photo);
      const shape = { width: 320, height: 256 };
      const thresholds = new Float32Array(detector.info.model.labels.length).fill(0.01);
      const inPlace = await detector.detect(frame, { region, shape, thresholds });
      const alone = await detector.detect(cropped(frame, region), { shape, thresholds });
      expect(inPlace.detections.length).toBeGreaterThan(0);
      expect(inPlace.detections.map(({ label, score }) => [label, score])).toEqual(
        alone.detections.map(({ label, score }) => [label, score]),
      );
      for (const [index, { box }] of alone.detections.entries()) {
        const [x1, y1, x2, y2] = box;
        const moved = [x1 + region.left, y1 + region.top, x2 + region.left, y2 + region.top];
        for (const [side, value] of (inPlace.detections[index]?.box ?? []).entries())
          expect(value).toBeCloseTo(moved[side] as number, 3);
      }
    },
  );

  test('boxes are in pixels of the camera’s picture, which the frame shows smaller', async () => {
    const detector = await open(await small('region'));
    const whole = { sourceWidth: 1280, sourceHeight: 640 };
    const { detections } = await detector.detect(grey(640, 320), {
      ...whole,
      region: { left: 320, top: 160, width: 320, height: 160 },
    });
    for (const { box } of detections) {
      expect(box[0]).toBeGreaterThanOrEqual(640);
      expect(box[1]).toBeGreaterThanOrEqual(320);
      expect(box[2]).toBeLessThanOrEqual(1280);
      expect(box[3]).toBeLessThanOrEqual(640);
    }
    expect(detections.length).toBeGreaterThan(0);
  });

  test.each([
    { left: 1, top: 0, width: 2, height: 2 },
    { left: 0, top: 3, width: 2, height: 2 },
    { left: 0, top: 0, width: 642, height: 320 },
    { left: 600, top: 0, width: 42, height: 320 },
    { left: 0, top: 0, width: 33, height: 20 },
    { left: 0, top: 0, width: 0, height: 20 },
    { left: -2, top: 0, width: 20, height: 20 },
    { left: 0, top: 0, width: 20.5, height: 20 },
  ])('$width x $height at $left, $top is refused', async (region) => {
    const detector = await open(await small('refused-region'));
    await expect(detector.detect(grey(640, 320), { region })).rejects.toThrow('region: expected even pixels');
  });
});
