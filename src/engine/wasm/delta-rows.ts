/** Differences of steps that have kernels of their own instead of the plan's: maxima, products of two values, moving norms. */
import { elements } from '../../model/graph.js';
import type { Slot } from './arena.js';
import type { Centre } from './centre.js';
import { type Machine, type Of, shapeOf, storageOf } from './machine.js';
import { rowBytes } from './pack.js';
import type { Plan } from './plan.js';
import { repeatedRows, type ReduceTable } from './tables.js';
import { factorAt } from './wide-vectors.js';

/** Offset over ρ, and ρ. */
export interface Scaled {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
}

/** Makes the kernel calls of a step for a block whose centre is at `kept`, at an offset. */
export type DeltaPlay = (kept: number, at: Scaled, used: number) => void;

type Prepared = (machine: Machine, memory: WebAssembly.Memory) => DeltaPlay;

export function maximum(
  { inputs, out }: Of<'reduce'>,
  { starts, taps }: ReduceTable,
  plan: Plan,
  centre: Centre,
): Prepared {
  const [startsSlot, tapsSlot] = [plan.arena.table(starts), plan.arena.table(taps)];
  const { groups } = plan;
  const { offset, rows } = centre.kept.get(out)!;
  return ({ kernels, value, slot }) => {
    const [first, from] = [slot(startsSlot), slot(tapsSlot)];
    const { start: x, stride } = value(storageOf(plan, inputs[0]!));
    const { start: y } = value(storageOf(plan, out));
    const part = (rows / 3) * rowBytes * groups;
    const count = starts.length - 1;
    return (kept, { a, b, rho }) => {
      const own = kept + offset * groups;
      kernels.delta_max(x, own, part, y, first, from, count, groups, stride, a, b, rho);
    };
  };
}

export function multiply({ node, inputs, out }: Of<'multiply'>, plan: Plan, centre: Centre): Prepared {
  const shape = shapeOf(plan, out);
  const tables = node.inputs.map((value) => plan.arena.table(repeatedRows(shapeOf(plan, value), shape)));
  const [left, right] = tables as [Slot, Slot];
  const count = elements(shape);
  const { groups } = plan;
  const { offset } = centre.kept.get(out)!;
  return ({ kernels, value, slot }) => {
    const [xRows, yRows] = [slot(left), slot(right)];
    const [x, y] = [value(storageOf(plan, inputs[0]!)), value(storageOf(plan, inputs[1]!))];
    const { start: z } = value(storageOf(plan, out));
    return (kept, { a, b, rho }) => {
      const own = kept + offset * groups;
      const other = own + 3 * x.stride * groups;
      kernels.delta_multiply(
        x.start,
        y.start,
        own,
        other,
        z,
        xRows,
        yRows,
        count,
        groups,
        x.stride,
        y.stride,
        a,
        b,
        rho,
      );
    };
  };
}

/** Batch normalisation whose scale or variance a direction moves. */
export function normalisation(
  { inputs, out }: Pick<Of<'affine'>, 'inputs' | 'out'>,
  plan: Plan,
  centre: Centre,
): Prepared {
  const shape = shapeOf(plan, out);
  const channels = shape[0]!;
  const area = elements(shape) / channels;
  const vectors = plan.arena.constant(new Float32Array(3 * channels));
  const { groups } = plan;
  const { offset } = centre.kept.get(out)!;
  return ({ kernels, value, slot }, memory) => {
    const { start: x } = value(storageOf(plan, inputs[0]!));
    const { start: y } = value(storageOf(plan, out));
    const at = slot(vectors);
    return (kept, offsetOf) => {
      const factors = new Float32Array(memory.buffer, at, 3 * channels);
      const factor = centre.factors.get(out)!;
      for (let c = 0; c < channels; c++) {
        const { moved, rate, bend } = factorAt(factor, c, offsetOf);
        factors[c] = moved;
        factors[channels + c] = rate;
        factors[2 * channels + c] = bend;
      }
      const own = kept + offset * groups;
      kernels.delta_affine(x, own, at, y, channels, area, groups, offsetOf.a, offsetOf.b);
    };
  };
}
