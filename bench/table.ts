/** Measurements → one table for a terminal and one record for bench/results. */
import type { CaseName } from '../src/cli/bench-cases.js';
import type { PassResult } from '../src/cli/bench-passes.js';
import type { Mark, Measurement } from './measurement.js';

/** What stands in a row; null where it does not apply. */
export interface Row {
  readonly case: CaseName;
  readonly contender: string;
  readonly title: string;
  readonly adapter: string;
  readonly millisecondsPerPoint: number;
  /** Points of each timed repetition. */
  readonly points: number;
  readonly firstPictureSeconds: number;
  readonly goodPictureSeconds: number | null;
  readonly fullGridSeconds: number;
  /** Share of the grid that the full grid's time was measured on; 1 when nothing is extrapolated. */
  readonly measuredShare: number;
  readonly gflops: number;
  readonly executedGflops: number | null;
  readonly peakGflops: number | null;
  readonly shareOfPeak: number | null;
  /** Largest relative difference from the float64 reference. */
  readonly difference: number;
  /** Where the other passes were measured. */
  readonly passes?: readonly PassResult[];
}

/** What a row is made of besides the measurement. */
export interface RowFacts {
  readonly case: CaseName;
  readonly contender: string;
  readonly title: string;
  /** Points of the whole grid. */
  readonly total: number;
  /** Points of a good picture; null when that is not known. */
  readonly enough: number | null;
  readonly multiplyAddsPerPoint: number;
  readonly difference: number;
}

export function makeRow(measured: Measurement, facts: RowFacts): Row {
  const { total, enough, multiplyAddsPerPoint, difference } = facts;
  const { millisecondsPerPoint: pace, marks, executedPerPoint, peakGflops } = measured;
  const last = marks?.at(-1);
  const done = last?.[1] ?? measured.points;
  const rate = (multiplyAdds: number): number => (2 * multiplyAdds) / pace / 1e6;
  const executedGflops = executedPerPoint === null ? null : rate(executedPerPoint);
  return {
    case: facts.case,
    contender: facts.contender,
    title: facts.title,
    adapter: measured.adapter,
    millisecondsPerPoint: pace,
    points: measured.points,
    firstPictureSeconds: measured.firstPictureSeconds,
    goodPictureSeconds:
      measured.goodPictureSeconds ?? (enough === null ? null : secondsUntil(enough, measured)),
    fullGridSeconds: secondsUntil(total, measured),
    measuredShare: Math.min(1, done / total),
    gflops: rate(multiplyAddsPerPoint),
    executedGflops,
    peakGflops,
    shareOfPeak: executedGflops === null || peakGflops === null ? null : executedGflops / peakGflops,
    difference,
    ...(measured.passes === undefined ? {} : { passes: measured.passes }),
  };
}

/** Seconds until so many points are done: as it was, else at the warm pace from the last mark, or from nothing. */
export function secondsUntil(
  points: number,
  { marks, millisecondsPerPoint, firstPictureSeconds }: Measurement,
): number {
  const reached = marks?.find(([, done]) => done >= points);
  if (reached !== undefined) return reached[0];
  const [seconds, done]: Mark = marks?.at(-1) ?? [0, 0];
  return Math.max(firstPictureSeconds, seconds + ((points - done) * millisecondsPerPoint) / 1000);
}

export const HEADINGS = [
  'case',
  'who',
  'ms a point',
  'first picture',
  'within 2 %',
  'full grid',
  'useful',
  'executed',
  'of peak',
  '× slower',
  'on what',
] as const;

/** Columns whose cells are words. */
export const WORDS: ReadonlySet<string> = new Set<string>(['case', 'who', 'pass', 'on what']);

/** A row's cells in the order of `HEADINGS`; `first` is the one that others are so many times slower than. */
export function rowCells(row: Row, first: Row): string[] {
  return [
    row.case,
    row.title,
    row.millisecondsPerPoint.toPrecision(3),
    duration(row.firstPictureSeconds),
    row.goodPictureSeconds === null ? '' : duration(row.goodPictureSeconds),
    `${duration(row.fullGridSeconds)}${row.measuredShare < 1 ? ` (${percent(row.measuredShare)})` : ''}`,
    row.gflops.toFixed(1),
    row.executedGflops?.toFixed(1) ?? '',
    row.shareOfPeak === null ? '' : `${percent(row.shareOfPeak)} of ${row.peakGflops!.toFixed(0)}`,
    (row.millisecondsPerPoint / first.millisecondsPerPoint).toPrecision(3),
    row.adapter,
  ];
}

/** One line for each row; `× slower` is the pace over that of the case's first row. */
export function formatTable(rows: readonly Row[]): string {
  const lines = rows.map((row) =>
    rowCells(
      row,
      rows.find((other) => other.case === row.case)!,
    ),
  );
  return aligned(HEADINGS, lines);
}

/** A table of cells below headings, words to the left and numbers to the right. */
export function aligned(headings: readonly string[], lines: readonly (readonly string[])[]): string {
  const cells = [headings, ...lines];
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line
        .map((cell, i) => (WORDS.has(headings[i]!) ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Below the table on a terminal. */
export const LEGEND = `
ms a point     median of three repetitions, warm, all cores
first picture  from the problem's arrival (libraries loaded, weights and data in memory) to the coarsest lattice,
               Isoloss's of a subset of an eighth of the samples
within 2 %     until the picture differs from the final one by at most 2 % of its colour range (root mean square,
               points not yet computed interpolated between others), every contender in the same order;
               Isoloss's own picture where its whole grid is computed: coarse and on subsets first, then what errs more
full grid      (12 %): extrapolated from that share of the grid
useful         GFLOP/s, two per multiply-add of the network as it stands
executed       GFLOP/s, two per multiply-add that the kernels do, padding not counted
of peak        executed over multiply-adds on registers alone, of the same engine in the same process`;

function percent(share: number): string {
  const value = 100 * share;
  return `${value < 1 ? value.toPrecision(1) : value.toFixed(0)} %`;
}

function duration(seconds: number): string {
  if (seconds < 0.9995) return `${(1000 * seconds).toFixed(0)} ms`;
  if (seconds < 99.5) return `${seconds.toPrecision(3)} s`;
  return `${(seconds / 60).toPrecision(3)} min`;
}
