/** The inference thread against the end of whatever uses it: each script runs in a Node of its own and must end by itself. */
import { expect, test } from 'vitest';
import { execute } from '../support/execute.js';

const DETECTOR = new URL('../../dist/detect/detector.js', import.meta.url).href;

const PRELUDE = `
  import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
  import { Detector } from '${DETECTOR}';
  const open = () => Detector.open({ model: 'yolov8n-ghostnetv2-320', provider: 'cpu', threads: 2 });
  const frame = { data: new Uint8Array(320 * 320 * 3), format: 'rgb24', width: 320, height: 320 };
  /** Runs a function's text in a worker, with the names above. */
  const work = (body) => new Worker(new URL('data:text/javascript,' + encodeURIComponent(prelude + body)));
`;

/** Runs a module that may use the names of PRELUDE; returns what it printed. Rejects on a signal or another exit code than 0. */
async function run(body: string): Promise<string> {
  const prelude = `const prelude = ${JSON.stringify(PRELUDE)}\n  + 'const prelude = "";';\n`;
  const stdout = await execute(process.execPath, [
    '--expose-gc',
    '--input-type=module',
    '-e',
    `${prelude}${PRELUDE}${body}`,
  ]);
  return stdout.trim();
}

test('process.exit during an inference', async () => {
  const body = `
    const detector = await open();
    for (let i = 0; i < 10; i++) void detector.detect(frame);
    void detector.bare(1e6);
    setTimeout(() => { console.log('leaving'); process.exit(0); }, 30);`;
  expect(await run(body)).toBe('leaving');
});

test('process.exit while a model is loaded', async () => {
  const body = `
    await (await open()).close();
    void open();
    setTimeout(() => { console.log('leaving'); process.exit(0); }, 5);`;
  expect(await run(body)).toBe('leaving');
});

test('an uncaught error during an inference', async () => {
  const body = `
    const detector = await open();
    process.on('uncaughtException', () => { console.log('caught'); process.exit(0); });
    void detector.bare(1e6);
    setTimeout(() => { throw new Error('on purpose'); }, 30);`;
  expect(await run(body)).toBe('caught');
});

test('an idle detector that nobody closed does not keep the process alive', async () => {
  expect(await run(`const detector = await open(); await detector.detect(frame); console.log('done');`)).toBe(
    'done',
  );
});

test('detectors that nobody closed are freed by the garbage collector', async () => {
  const body = `
    for (let i = 0; i < 5; i++) await (await open()).detect(frame);
    for (let i = 0; i < 5; i++) { gc(); await new Promise(setImmediate); }
    console.log('done');`;
  expect(await run(body)).toBe('done');
});

test('several workers, each with detectors of its own', async () => {
  const body = `
    const workers = [1, 2, 3].map(() => work(\`
      const detectors = await Promise.all([open(), open()]);
      const results = await Promise.all(detectors.map((detector) => detector.detect(frame)));
      await detectors[0].close();
      parentPort.postMessage(results.length);\`));
    // Before anything is awaited: a worker may answer and end while this thread opens its own detector.
    const answers = workers.map((worker) => new Promise((resolve, reject) => {
      worker.on('message', resolve);
      worker.on('error', reject);
    }));
    const own = await open();
    const counts = await Promise.all([own.detect(frame), ...answers]);
    await Promise.all(workers.map((worker) => worker.terminate()));
    await own.detect(frame);
    console.log(counts.slice(1).join());`;
  expect(await run(body)).toBe('2,2,2');
});

test('workers terminated during their inference, and a process that exits with such a worker', async () => {
  const body = `
    const busy = () => new Promise((resolve, reject) => {
      const worker = work(\`const detector = await open(); void detector.bare(1e6); parentPort.postMessage('busy');\`);
      worker.on('message', () => resolve(worker));
      worker.on('error', reject);
    });
    for (let i = 0; i < 3; i++) await (await busy()).terminate();
    await busy();
    console.log('leaving');
    process.exit(0);`;
  expect(await run(body)).toBe('leaving');
});

test('a worker that exits during its inference', async () => {
  const body = `
    const worker = work(\`const detector = await open(); void detector.bare(1e6); setTimeout(() => process.exit(3), 30);\`);
    worker.on('error', (error) => { throw error; });
    worker.on('exit', (code) => console.log(code));`;
  expect(await run(body)).toBe('3');
});
