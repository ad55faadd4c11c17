/** Curves of trainings as they are drawn. */
import type { Curve } from '../../plot/curves.js';
import type { Measurement, Series } from '../../train/curves.js';
import type { Run } from './runs.js';

/** Decades that the loss shows on its log axis at most. */
export const LOSS_DECADES = 7;

/** Of every run: its batches faintly, all samples as a line, held-out ones dashed. Accuracies in percent. */
export function curvesOf(
  runs: readonly Run[],
  colours: readonly string[],
): { readonly loss: readonly Curve[]; readonly accuracy: readonly Curve[] } {
  const loss: Curve[] = [];
  const accuracy: Curve[] = [];
  for (const [i, { standing }] of runs.entries()) {
    if (standing === null) continue;
    const colour = colours[i % colours.length]!;
    const { batch, train, heldOut } = standing.curves;
    loss.push(
      faint(batch.loss, colour),
      line(train, 'loss', colour),
      line(heldOut, 'loss', colour, 'dashed'),
    );
    const inPercent = { ...batch.accuracy, values: batch.accuracy.values.map((share) => 100 * share) };
    accuracy.push(faint(inPercent, colour));
    for (const [list, style] of [
      [train, 'solid'],
      [heldOut, 'dashed'],
    ] as const) {
      const drawn = line(list, 'accuracy', colour, style);
      accuracy.push({ ...drawn, values: drawn.values.map((share) => 100 * share) });
    }
  }
  return { loss, accuracy };
}

function faint({ steps, values }: Series, colour: string): Curve {
  return { values, at: steps, steps: values.length - 1, colour, style: 'faint' };
}

function line(
  measured: readonly Measurement[],
  what: 'loss' | 'accuracy',
  colour: string,
  style: 'solid' | 'dashed' = 'solid',
): Curve {
  const values = Float64Array.from(measured, (found) => found[what]);
  return {
    values,
    at: Float64Array.from(measured, ({ step }) => step),
    steps: values.length - 1,
    colour,
    style,
  };
}
