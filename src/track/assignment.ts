/**
 * The linear assignment problem by shortest augmenting paths (Kuhn 1955; Jonker and Volgenant, Computing 38, 1987), in
 * O(rows² · columns).
 */

/** What stands for "not allowed" inside: far above any sum of real costs, which are 0..1. */
const FORBIDDEN = 1e6;

/**
 * Pairs rows with columns so that as many as possible of the allowed pairs are made, at the least total cost.
 * @param cost Of each pair, 0..1; a pair above `limit` is not allowed.
 * @returns The column of each row, -1 where it has none.
 */
export function assign(
  rows: number,
  columns: number,
  cost: (row: number, column: number) => number,
  limit: number,
): Int32Array {
  const result = new Int32Array(rows).fill(-1);
  if (rows === 0 || columns === 0) return result;
  // Those that are fewer are placed, each with one of the others.
  const turned = rows > columns;
  const few = turned ? columns : rows;
  const many = turned ? rows : columns;
  solver = solver.forSize(few, many);
  const { costs, placedAt } = solver;
  for (let one = 0; one < few; one++) {
    for (let other = 0; other < many; other++) {
      const value = turned ? cost(other, one) : cost(one, other);
      costs[one * many + other] = value <= limit ? value : FORBIDDEN;
    }
  }
  solver.solve(few, many);
  for (let other = 0; other < many; other++) {
    const one = (placedAt[other + 1] as number) - 1;
    if (one < 0 || costs[one * many + other] === FORBIDDEN) continue;
    if (turned) result[other] = one;
    else result[one] = other;
  }
  return result;
}

/** Works in memory that is used again: every frame of every camera is matched several times. */
class Solver {
  /** Of each pair, row by row. */
  readonly costs: Float64Array;
  /** By columns, from 1 on, the row that it has, from 1 on; 0: none. Index 0 is for the row that is being placed. */
  readonly placedAt: Int32Array;
  readonly #rowPotential: Float64Array;
  readonly #columnPotential: Float64Array;
  readonly #cameFrom: Int32Array;
  readonly #distance: Float64Array;
  readonly #done: Uint8Array;

  constructor(pairs: number, columns: number) {
    this.costs = new Float64Array(pairs);
    this.placedAt = new Int32Array(columns + 1);
    this.#rowPotential = new Float64Array(columns + 1);
    this.#columnPotential = new Float64Array(columns + 1);
    this.#cameFrom = new Int32Array(columns + 1);
    this.#distance = new Float64Array(columns + 1);
    this.#done = new Uint8Array(columns + 1);
  }

  /** One that has room for so many rows and columns, rows <= columns. */
  forSize(rows: number, columns: number): Solver {
    const pairs = rows * columns;
    if (pairs <= this.costs.length && columns < this.placedAt.length) return this;
    return new Solver(Math.max(pairs, this.costs.length), Math.max(columns, this.placedAt.length - 1));
  }

  /** Finds a complete matching of the rows, rows <= columns, by {@link costs}, and leaves it in {@link placedAt}. */
  solve(rows: number, columns: number): void {
    const { costs, placedAt } = this;
    const rowPotential = this.#rowPotential;
    const columnPotential = this.#columnPotential;
    const cameFrom = this.#cameFrom;
    const distance = this.#distance;
    const done = this.#done;
    placedAt.fill(0, 0, columns + 1);
    rowPotential.fill(0, 0, rows + 1);
    columnPotential.fill(0, 0, columns + 1);
    for (let placing = 1; placing <= rows; placing++) {
      placedAt[0] = placing;
      distance.fill(Number.POSITIVE_INFINITY, 0, columns + 1);
      done.fill(0, 0, columns + 1);
      let column = 0;
      while (placedAt[column] !== 0) {
        done[column] = 1;
        const row = placedAt[column] as number;
        let nearest = -1;
        let step = Number.POSITIVE_INFINITY;
        for (let next = 1; next <= columns; next++) {
          if (done[next]) continue;
          const reduced =
            (costs[(row - 1) * columns + next - 1] as number) -
            (rowPotential[row] as number) -
            (columnPotential[next] as number);
          if (reduced < (distance[next] as number)) {
            distance[next] = reduced;
            cameFrom[next] = column;
          }
          if ((distance[next] as number) < step) {
            step = distance[next] as number;
            nearest = next;
          }
        }
        for (let seen = 0; seen <= columns; seen++) {
          if (done[seen]) {
            const owner = placedAt[seen] as number;
            rowPotential[owner] = (rowPotential[owner] as number) + step;
            columnPotential[seen] = (columnPotential[seen] as number) - step;
          } else {
            distance[seen] = (distance[seen] as number) - step;
          }
        }
        column = nearest;
      }
      while (column !== 0) {
        const before = cameFrom[column] as number;
        placedAt[column] = placedAt[before] as number;
        column = before;
      }
    }
  }
}

let solver = new Solver(0, 0);
