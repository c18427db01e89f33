/** What is drawn, and every step back. */
import { expect, test } from 'vitest';
import { Drawing } from '../../src/web/page/drawing.js';

const corners = [
  { x: 0.25, y: 0.25 },
  { x: 0.75, y: 0.25 },
  { x: 0.75, y: 0.5 },
];
const drawing = () => new Drawing([{ kind: 'zone', name: 'door', dwell: 0, labels: [], corners }]);
const drawn = (one: Drawing) => one.areas[0]?.corners;

test('an area is moved as a whole, as far as none of its corners leaves the picture', () => {
  const one = drawing();
  one.begin();
  one.move(0, { x: 0.125, y: 0 });
  one.move(0, { x: 3, y: -3 });
  expect(drawn(one)).toEqual([
    { x: 0.5, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 0.25 },
  ]);
  one.undo();
  expect(drawn(one)).toEqual(corners);
});

test('corners are added, moved within the picture and removed, three at least stay, and each is a step', () => {
  const one = drawing();
  one.addCorner(0, 1, { x: 0.5, y: 0.125 });
  expect(drawn(one)).toHaveLength(4);
  one.begin();
  one.moveCorner(0, 1, { x: 2, y: -1 });
  expect(drawn(one)?.[1]).toEqual({ x: 1, y: 0 });
  one.removeCorner(0, 0);
  one.removeCorner(0, 0);
  expect(drawn(one)).toHaveLength(3);
  for (const count of [4, 4, 3]) {
    one.undo();
    expect(drawn(one)).toHaveLength(count);
  }
  expect(drawn(one)).toEqual(corners);
  expect(one.canUndo).toBe(false);
});

test('a corner that was touched and not moved is no step', () => {
  const one = drawing();
  one.begin();
  one.begin();
  expect(one.canUndo).toBe(false);
});
