import { expect, test } from 'vitest';
import { assign } from '../../src/track/assignment.js';
import { seededRandom } from '../support/random.js';

/** Every way to pair the rows with columns or with nothing: most pairs first, then the least cost. */
function bestByTrying(costs: number[][], columns: number, limit: number): { pairs: number; cost: number } {
  let best = { pairs: 0, cost: 0 };
  const place = (row: number, taken: Set<number>, pairs: number, cost: number) => {
    if (pairs > best.pairs || (pairs === best.pairs && cost < best.cost)) best = { pairs, cost };
    if (row === costs.length) return;
    place(row + 1, taken, pairs, cost);
    for (let column = 0; column < columns; column++) {
      const value = costs[row]?.[column] as number;
      if (taken.has(column) || value > limit) continue;
      place(row + 1, new Set([...taken, column]), pairs + 1, cost + value);
    }
  };
  place(0, new Set(), 0, 0);
  return best;
}

test.each([
  [1, 1],
  [4, 4],
  [3, 5],
  [5, 3],
  [6, 5],
])('the best of all pairings of %i rows and %i columns', (rows, columns) => {
  const next = seededRandom(rows * 10 + columns);
  for (let round = 0; round < 200; round++) {
    const costs = Array.from({ length: rows }, () => Array.from({ length: columns }, next));
    const limit = next();
    const result = assign(rows, columns, (row, column) => costs[row]?.[column] as number, limit);
    const made = [...result.entries()].filter(([, column]) => column >= 0);
    expect(new Set(made.map(([, column]) => column)).size).toBe(made.length);
    for (const [row, column] of made) expect(costs[row]?.[column]).toBeLessThanOrEqual(limit);
    const { pairs, cost } = bestByTrying(costs, columns, limit);
    expect(made.length).toBe(pairs);
    const total = made.reduce((sum, [row, column]) => sum + (costs[row]?.[column] as number), 0);
    expect(total).toBeCloseTo(cost, 9);
  }
});

test('nothing to pair', () => {
  expect([...assign(0, 3, () => 0, 1)]).toEqual([]);
  expect([...assign(2, 0, () => 0, 1)]).toEqual([-1, -1]);
});
