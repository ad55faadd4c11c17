/** What an unfinished grid needs more: points between those that are known, or more samples of these. */
import { type GridSums, standardError, type Totals } from './grid.js';
import { type Level, middle } from './order.js';

/**
 * What is interpolated between points errs by a quarter of what it erred by at twice their distance, where the loss is
 * smooth: the square of the ratio.
 */
const HALVED = 16;

/**
 * Whether a finer level is the better next step after `level`, all of whose points have as many samples: whether what
 * interpolation still errs by is above the standard error of the sub-sample, both as root mean squares over the points of
 * that level which are known. True where there is nothing to judge by: on the first level, or in sums without squares.
 *
 * The former is taken from how far the points lie from the mean of their coarser neighbours. A finer level costs three
 * times as much as twice the samples. Points for which `waits` holds have errors that nobody sees.
 */
export function wantsFiner(
  sums: Totals,
  level: Level,
  samples: number,
  waits: (index: number) => boolean,
): boolean {
  if (!hasSpread(sums)) return true;
  const { loss, samples: known } = sums;
  const mean = (index: number): number => (known[index] === 0 ? NaN : loss[index]! / known[index]!);
  let [apart, noise] = [0, 0];
  for (const point of level.points) {
    const distance = mean(point) - around(sums, point, level.step, mean);
    const error = standardError(sums, point, samples);
    if (!Number.isFinite(distance) || !Number.isFinite(error)) continue;
    apart += distance ** 2;
    if (!waits(point)) noise += error ** 2;
  }
  return apart >= HALVED * noise;
}

function hasSpread(sums: Totals): sums is GridSums {
  return 'loss' in sums && 'squares' in sums;
}

/** Mean of the coarser neighbours that a point lies between, `step` away; NaN where one is not known or there is none. */
function around({ grid }: Totals, point: number, step: number, mean: (index: number) => number): number {
  const { columns, rows } = grid;
  const [column, row] = [point % columns.count, Math.floor(point / columns.count)];
  const isOff = (at: number, count: number) => (at - middle(count)) % (2 * step) !== 0;
  const across = isOff(column, columns.count) ? [column - step, column + step] : [column];
  const up = isOff(row, rows.count) ? [row - step, row + step] : [row];
  let [sum, count] = [0, 0];
  for (const y of up) {
    for (const x of across) {
      if (x < 0 || x >= columns.count || y < 0 || y >= rows.count) continue;
      sum += mean(y * columns.count + x);
      count++;
    }
  }
  return sum / count;
}
