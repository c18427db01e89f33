import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Detector } from '../../src/detect/detector.js';
import { loadModel } from '../../src/model/manifest.js';
import { addon } from '../../src/native/addon.js';
import { bundledLibrary } from '../../src/runtime/libraries.js';
import { PROVIDERS } from '../../src/runtime/providers.js';
import { execute } from '../support/execute.js';

const model = 'yolov8n-ghostnetv2-320';

test('auto reports what it tried, and takes the fastest', async () => {
  const detector = await Detector.open({ model, provider: 'auto', threads: 1 });
  onTestFinished(() => detector.close());
  const { candidates, medianMs, provider, runtime, nodes } = detector.info;
  const timed = candidates.flatMap((candidate) => candidate.medianMs ?? []);
  expect(medianMs).toBe(Math.min(...timed));
  const { path: library, version } = runtime;
  expect(candidates).toContainEqual({ model, library, version, provider, medianMs });
  expect(Object.values(nodes ?? {}).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
});

test('an -auto model is INT8 only where that is a tenth faster', async () => {
  const detector = await Detector.open({ model: `${model}-auto`, provider: 'cpu', threads: 1 });
  onTestFinished(() => detector.close());
  const { candidates, model: chosen, medianMs } = detector.info;
  const timeOf = (form: string) =>
    Math.min(
      ...candidates.flatMap((candidate) =>
        candidate.model.endsWith(form) ? (candidate.medianMs ?? []) : [],
      ),
    );
  const [float, int8] = [timeOf('-320'), timeOf('8s8')];
  expect(chosen.precision.startsWith('int8')).toBe(int8 < 0.9 * float);
  expect(medianMs).toBe(int8 < 0.9 * float ? int8 : float);
});

test('the second start opens what the first one chose, and trusts no file that opens nothing', async () => {
  const stateFolder = await mkdtemp(join(tmpdir(), 'ghostcam-state-'));
  onTestFinished(() => rm(stateFolder, { recursive: true }));
  const start = async () => {
    const detector = await Detector.open({ model, provider: 'cpu', threads: 1, stateFolder });
    await detector.close();
    return detector.info;
  };
  const first = await start();
  const file = join(stateFolder, 'runtime.json');
  expect(await start()).toEqual({
    ...first,
    candidates: [expect.objectContaining({ model, provider: 'cpu' })],
  });
  const document = JSON.parse(await readFile(file, 'utf8')) as { choice: { provider: string } };
  document.choice.provider = 'nnapi';
  await writeFile(
    file,
    JSON.stringify(document).replaceAll('\\"provider\\":\\"cpu\\"', '\\"provider\\":\\"auto\\"'),
  );
  expect((await start()).provider).toBe('cpu');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ choice: { provider: 'cpu' } });
});

test('a provider that the library lacks is an error that says what there is, and how to get it', async () => {
  const onnxruntimeLib = bundledLibrary() as string;
  await expect(Detector.open({ model, provider: 'xnnpack', onnxruntimeLib })).rejects.toMatchObject({
    code: 'PROVIDER',
    message: expect.stringMatching(
      /xnnpack.*libonnxruntime\.so\S* \(ONNX Runtime \d+\.\d+\.\d+\) offers .*cpu/,
    ),
    remedy: expect.stringMatching(/not on a Raspberry Pi 4, .*: sudo apt install libonnxruntime1\.21/),
  });
});

test('a provider whose own libraries are missing is an error, not a fallback', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ghostcam-library-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const onnxruntimeLib = join(folder, 'libonnxruntime.so');
  await execute('g++', [
    ...['-shared', '-fPIC', `-DREAL="${bundledLibrary()}"`, '-o', onnxruntimeLib],
    ...['test/runtime/offers-cuda.cc', '-ldl'],
  ]);
  await expect(Detector.open({ model, provider: 'cuda', onnxruntimeLib })).rejects.toMatchObject({
    code: 'PROVIDER',
    message: expect.stringMatching(
      /libonnxruntime\.so\S* \(ONNX Runtime .*\) offers .*; cuda cannot be used: /,
    ),
    remedy: expect.stringContaining('ONNXRUNTIME_LIB'),
  });
});

/** What the addon says of a session with this provider, of the library inside the package. */
async function answerOf(provider: string): Promise<string> {
  const { manifest, bytes } = await loadModel(model);
  const { NativeDetector } = addon();
  const native = new NativeDetector();
  try {
    const library = bundledLibrary() as string;
    const size = { inputWidth: 64, inputHeight: 64 };
    await native.open({ library, provider, threads: 1, model: bytes, manifest, ...size, profilePrefix: '' });
    return 'opened';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await native.close();
  }
}

test.each(PROVIDERS)('the addon knows %s', async (provider) => {
  expect(await answerOf(provider)).not.toContain('knows no provider');
});

test('a provider that the addon does not know is an error, not the CPU', async () => {
  expect(await answerOf('abacus')).toContain('the addon knows no provider abacus');
});

test('a library that is none is named', async () => {
  await expect(
    Detector.open({ model, provider: 'cpu', onnxruntimeLib: '/nowhere.so' }),
  ).rejects.toMatchObject({
    code: 'RUNTIME',
    message: expect.stringContaining('/nowhere.so'),
    remedy: expect.stringContaining('ONNXRUNTIME_LIB'),
  });
});

test.each([0, -1, 1.5, 1e9])('%d threads are refused', async (threads) => {
  await expect(Detector.open({ model, provider: 'cpu', threads })).rejects.toMatchObject({ code: 'RUNTIME' });
});
