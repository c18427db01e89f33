/** Frames as RGB, off the event loop: copied before the call returns, refused when wrong, and no harm to whoever ends first. */
import { expect, test } from 'vitest';
import type { PixelFrame } from '../../src/frame/frame.js';
import { toRgb } from '../../src/snapshot/rgb.js';
import { execute } from '../support/execute.js';

const RGB = new URL('../../dist/snapshot/rgb.js', import.meta.url).href;

/** White in limited range. */
function white(width: number, height: number): PixelFrame {
  const chroma = 2 * Math.ceil(width / 2) * Math.ceil(height / 2);
  const data = new Uint8Array(width * height + chroma).fill(128);
  data.fill(235, 0, width * height);
  return { data, format: 'yuv420p', width, height };
}

test('pixels are copied before the call returns, also when many are under way', async () => {
  const frame = white(641, 361);
  const conversions = Array.from({ length: 20 }, () => toRgb(frame));
  frame.data.fill(0);
  structuredClone(frame.data.buffer, { transfer: [frame.data.buffer as ArrayBuffer] });
  for (const { data, ...rest } of await Promise.all(conversions)) {
    expect(rest).toEqual({ format: 'rgb24', width: 641, height: 361 });
    expect(data.every((value) => value === 255)).toBe(true);
  }
});

test.each([
  ['too little data', { width: 642 }],
  ['no pixels', { width: 0 }],
  ['a negative size', { height: -361 }],
  ['a size beyond all', { width: 2 ** 31 }],
])('%s is refused', async (_, changes) => {
  await expect(toRgb({ ...white(641, 361), ...changes })).rejects.toMatchObject({ code: 'FRAME' });
});

test.each([
  ['the process', `setTimeout(() => process.exit(0), 2);`],
  [
    'a worker',
    `const { Worker } = await import('node:worker_threads');
     const worker = new Worker(\`import('\${rgb}').then(({ toRgb }) => {
       for (let i = 0; i < 20; i++) void toRgb({ data: new Uint8Array(3110400), format: 'yuv420p', width: 1920, height: 1080 });
       process.exit(0);
     })\`, { eval: true });
     await new Promise((resolve) => worker.once('exit', resolve));`,
  ],
])('%s ends during a conversion', async (_, body) => {
  const script = `const rgb = '${RGB}'; const { toRgb } = await import(rgb); console.log('begun');
    for (let i = 0; i < 20; i++) void toRgb({ data: new Uint8Array(3110400), format: 'yuv420p', width: 1920, height: 1080 });
    ${body}`;
  expect(await execute(process.execPath, ['--input-type=module', '-e', script])).toBe('begun\n');
});
