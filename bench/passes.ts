/** The other passes of Isoloss's own engines, below the table of losses. */
import type { PassResult } from '../src/cli/bench-passes.js';
import { aligned, type Row } from './table.js';

const HEADINGS = ['case', 'who', 'pass', 'ms a point', '× the plain pass', 'new centre', 'arithmetic'];

/** One line for each pass that was measured, and what it means; nothing without. */
export function formatPasses(rows: readonly Row[]): string {
  const lines = rows.flatMap((row) => (row.passes ?? []).map((pass) => passCells(row, pass)));
  if (lines.length === 0) return '';
  return `
${aligned(HEADINGS, lines)}

delta          L − L(centre of a window) at offsets of up to 0.001; a new centre costs once for all samples
gradient       first derivatives of the loss along both directions
curvature      first and second derivatives
`;
}

function passCells({ case: name, title }: Row, result: PassResult): string[] {
  const { pass, precision, millisecondsPerPoint, ratio, centreMilliseconds } = result;
  const centre = centreMilliseconds === null ? '' : `${centreMilliseconds.toPrecision(3)} ms`;
  return [name, title, pass, millisecondsPerPoint.toPrecision(3), ratio.toFixed(2), centre, precision];
}
