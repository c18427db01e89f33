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
  if (rows > columns) {
    const rowOf = assign(columns, rows, (column, row) => cost(row, column), limit);
    const result = new Int32Array(rows).fill(-1);
    for (const [column, row] of rowOf.entries()) if (row >= 0) result[row] = column;
    return result;
  }
  const costs = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = cost(row, column);
      costs[row * columns + column] = value <= limit ? value : FORBIDDEN;
    }
  }
  const result = solve(rows, columns, costs);
  for (const [row, column] of result.entries()) {
    if (column >= 0 && costs[row * columns + column] === FORBIDDEN) result[row] = -1;
  }
  return result;
}

/** A complete matching of the rows, rows <= columns. Index 0 of the arrays for columns is the row that is being placed. */
function solve(rows: number, columns: number, costs: Float64Array): Int32Array {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowAt = new Int32Array(columns + 1);
  const cameFrom = new Int32Array(columns + 1);
  const distance = new Float64Array(columns + 1);
  const done = new Uint8Array(columns + 1);
  for (let placing = 1; placing <= rows; placing++) {
    rowAt[0] = placing;
    distance.fill(Number.POSITIVE_INFINITY);
    done.fill(0);
    let column = 0;
    while (rowAt[column] !== 0) {
      done[column] = 1;
      const row = rowAt[column] as number;
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
          const owner = rowAt[seen] as number;
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
      rowAt[column] = rowAt[before] as number;
      column = before;
    }
  }
  const result = new Int32Array(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = rowAt[column] as number;
    if (row > 0) result[row - 1] = column - 1;
  }
  return result;
}
