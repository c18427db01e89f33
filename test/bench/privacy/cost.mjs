/** What private areas cost a frame, beside a copy of its pixels, in turns: `npm run build && node test/bench/privacy/cost.mjs`. */
import { PrivacyMask } from '../../../dist/frame/privacy.js';

const AREAS = {
  'a tenth': [[0, 0, 0.2, 0.5]],
  'half, in one piece': [[0, 0, 0.5, 1]],
  'half, in eight columns': Array.from({ length: 8 }, (_, index) => [index / 8, 0, index / 8 + 1 / 16, 1]),
};
const ROUNDS = 2000;
const median = (times) => times.sort((a, b) => a - b)[times.length >> 1];

for (const [width, height] of [
  [320, 180],
  [1280, 720],
]) {
  const frame = { data: new Uint8Array(width * height * 1.5).fill(90), format: 'yuv420p', width, height };
  for (const [name, rectangles] of Object.entries(AREAS)) {
    const mask = new PrivacyMask();
    mask.cover(
      rectangles.map(([l, t, r, b]) => ({
        unit: 'share',
        corners: [
          { x: l, y: t },
          { x: r, y: t },
          { x: r, y: b },
          { x: l, y: b },
        ],
      })),
    );
    const copy = new Uint8Array(frame.data.length);
    const [copying, blackening] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now();
      copy.set(frame.data);
      const middle = performance.now();
      mask.blacken(frame, frame);
      copying.push(middle - start);
      blackening.push(performance.now() - middle);
    }
    const [a, b] = [median(copying), median(blackening)];
    console.log(
      `${width}x${height}, ${name}: ${b.toFixed(3)} ms, ${(b / a).toFixed(2)} of a copy of the frame`,
    );
  }
}
