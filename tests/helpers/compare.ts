/** How far an element may be from what is expected: |actual − expected| ≤ absolute + relative·|expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

const shownRows = 12;

/**
 * Throws unless every element of `actual` is within tolerance of its expected value and the lengths agree.
 * NaN matches only NaN, +∞ only +∞, −∞ only −∞. With both tolerances 0 elements must be identical,
 * so that −0 differs from 0; otherwise the two are equal.
 *
 * The error is a table: how many elements are bad, where the first and the worst are, then the first bad
 * ones with a good neighbour on each side: index, actual, mark, expected, error as a multiple of what is allowed.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: Tolerance,
  label = 'arrays',
): void {
  const { relative, absolute } = tolerance;
  if (!(relative >= 0 && relative < 1 && absolute >= 0 && absolute < Infinity)) {
    throw new RangeError(`tolerance must be 0 ≤ relative < 1, 0 ≤ absolute: ${relative}, ${absolute}`);
  }
  if (actual.length !== expected.length) {
    throw new Error(`${label}: ${actual.length} elements, expected ${expected.length}`);
  }
  const excess = Float64Array.from({ length: actual.length }, (_, i) =>
    excessOf(actual[i]!, expected[i]!, tolerance),
  );
  const bad = [...excess.keys()].filter((i) => excess[i]! > 1);
  if (bad.length === 0) return;
  throw new Error(table(actual, expected, excess, bad, tolerance, label));
}

/** The error as a multiple of what the tolerance allows; above 1 it is too large. */
function excessOf(actual: number, expected: number, { relative, absolute }: Tolerance): number {
  if (Object.is(actual, expected)) return 0;
  const allowed = absolute + relative * Math.abs(expected);
  if (!Number.isFinite(actual) || !Number.isFinite(expected)) return Infinity;
  // Both zero tolerances: only the identical passes, and −0 is not 0. An allowed error of 0 must not divide.
  if (relative === 0 && absolute === 0) return Infinity;
  const error = Math.abs(actual - expected);
  if (error === 0) return 0;
  return error / allowed;
}

function table(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  excess: Float64Array,
  bad: readonly number[],
  { relative, absolute }: Tolerance,
  label: string,
): string {
  const first = bad[0]!;
  const worst = bad.reduce((best, i) => (excess[i]! > excess[best]! ? i : best), first);
  const good = (i: number): boolean => i >= 0 && i < excess.length && excess[i]! <= 1;
  const rows: string[][] = [];
  const push = (i: number): void => {
    const mark = excess[i]! > 1 ? '≠' : '≈';
    rows.push([
      String(i),
      exact(actual[i]!),
      mark,
      exact(expected[i]!),
      `${excess[i]!.toPrecision(3)} × allowed`,
    ]);
  };
  for (const i of bad.slice(0, shownRows)) {
    if (good(i - 1) && rows.at(-1)?.[0] !== String(i - 1)) push(i - 1);
    push(i);
    if (good(i + 1)) push(i + 1);
  }
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row.map((cell, column) =>
      column < 2 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column] ?? 0),
    ),
  );
  return [
    `${label}: ${bad.length} of ${excess.length} elements differ by more than ${relative} relative + ${absolute} absolute;` +
      ` first at ${first}, worst at ${worst} (${excess[worst]!.toPrecision(3)} × allowed)`,
    ...lines.map((cells) => `  ${cells.join('  ').trimEnd()}`),
    ...(bad.length > shownRows ? [`  … ${bad.length - shownRows} more`] : []),
  ].join('\n');
}

/** Shortest text that reads back as the same number, −0 included. */
function exact(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
