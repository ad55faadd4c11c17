/**
 * For every point of a grid the nearest point of which something is known.
 */

/**
 * Index of the nearest point with a non-zero `known`, by a two-pass distance transform that carries the
 * source along (Danielsson 1980: Euclidean but for rare ties at angles between sources); −1 everywhere
 * when nothing is known. Index = row · columns + column.
 */
export function nearestKnown(known: ArrayLike<number>, columns: number, rows: number): Int32Array {
  const source = new Int32Array(columns * rows);
  for (let i = 0; i < source.length; i++) source[i] = known[i] ? i : -1;

  const offer = (column: number, row: number, dx: number, dy: number): void => {
    const [x, y] = [column + dx, row + dy];
    if (x < 0 || x >= columns || y < 0 || y >= rows) return;
    const candidate = source[y * columns + x]!;
    if (candidate < 0) return;
    const at = row * columns + column;
    const present = source[at]!;
    if (present === at) return;
    if (present < 0 || distance(candidate, column, row) < distance(present, column, row)) {
      source[at] = candidate;
    }
  };
  const distance = (index: number, column: number, row: number): number => {
    const y = Math.floor(index / columns);
    return (index - y * columns - column) ** 2 + (y - row) ** 2;
  };

  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      offer(column, row, -1, 0);
      offer(column, row, -1, -1);
      offer(column, row, 0, -1);
      offer(column, row, 1, -1);
    }
    for (let column = columns - 1; column >= 0; column--) offer(column, row, 1, 0);
  }
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      offer(column, row, 1, 0);
      offer(column, row, 1, 1);
      offer(column, row, 0, 1);
      offer(column, row, -1, 1);
    }
    for (let column = 0; column < columns; column++) offer(column, row, -1, 0);
  }
  return source;
}
