import { expect, test } from 'vitest';
import type { Size } from '../../src/geometry/box.js';
import { coverage } from '../../src/geometry/coverage.js';
import { contains, type Polygon } from '../../src/geometry/zones.js';
import { seededRandom } from '../support/random.js';

function polygon(unit: Polygon['unit'], ...corners: readonly [number, number][]): Polygon {
  return { unit, corners: corners.map(([x, y]) => ({ x, y })) };
}

/** The rows of the picture, `#` where it is covered. */
function drawn(areas: readonly Polygon[], shown: Size, source: Size = shown): string[] {
  const covered = coverage(areas, source, shown);
  return Array.from({ length: shown.height }, (_, row) =>
    [...covered.subarray(row * shown.width, (row + 1) * shown.width)].map((byte) => '.#'[byte]).join(''),
  );
}

test('a rectangle and the pixels beside it', () => {
  const rectangle = polygon('pixel', [3, 2], [6, 2], [6, 4], [3, 4]);
  expect(drawn([rectangle], { width: 9, height: 7 })).toEqual([
    '.........',
    '..#####..',
    '..#####..',
    '..#####..',
    '..#####..',
    '.........',
    '.........',
  ]);
});

test('corners in pixels are those of the source, in shares those of any picture', () => {
  const size = { width: 8, height: 4 };
  const left = drawn([polygon('share', [0, 0], [0.5, 0], [0.5, 1], [0, 1])], size);
  expect(
    drawn([polygon('pixel', [0, 0], [400, 0], [400, 400], [0, 400])], size, { width: 800, height: 400 }),
  ).toEqual(left);
  expect(left).toEqual(Array(4).fill('#####...'));
});

test('what reaches beyond the picture ends at its edge', () => {
  const all = polygon('pixel', [-50, -50], [900, -50], [900, 900], [-50, 900]);
  expect(drawn([all], { width: 3, height: 2 })).toEqual(['###', '###']);
  expect(drawn([polygon('pixel', [900, 0], [950, 0], [950, 9])], { width: 3, height: 2 })).toEqual([
    '...',
    '...',
  ]);
});

test('every pixel that shows a point of an area is covered, and what is far from it is not', () => {
  const random = seededRandom(18);
  for (let round = 0; round < 200; round++) {
    const shown = { width: 1 + Math.floor(random() * 60), height: 1 + Math.floor(random() * 60) };
    const source = { width: shown.width * (1 + random() * 3), height: shown.height * (1 + random() * 3) };
    const corners = Array.from({ length: 3 + Math.floor(random() * 5) }, () => ({
      x: random(),
      y: random(),
    }));
    const area: Polygon = { unit: 'share', corners };
    const covered = coverage([area], source, shown);
    for (let point = 0; point < 200; point++) {
      const at = { x: random() * shown.width, y: random() * shown.height };
      const pixel = Math.floor(at.y) * shown.width + Math.floor(at.x);
      if (contains(area, at, { width: shown.width, height: shown.height }) && covered[pixel] !== 1) {
        // The last half pixel counts as its neighbour, see contains().
        if (at.x < shown.width - 0.5 && at.y < shown.height - 0.5)
          throw new Error(`round ${round}: ${JSON.stringify({ at, shown, corners })} is not covered`);
      }
    }
    const bounds = [
      Math.floor(Math.min(...corners.map(({ x }) => x)) * shown.width) - 2,
      Math.ceil(Math.max(...corners.map(({ x }) => x)) * shown.width) + 2,
    ] as const;
    for (const [index, byte] of covered.entries()) {
      const x = index % shown.width;
      if (x < bounds[0] || x > bounds[1]) expect(byte, `round ${round}`).toBe(0);
    }
  }
});
