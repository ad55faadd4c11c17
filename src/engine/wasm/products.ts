/** Calls of dense and combine, and what all kernels with an epilogue need. */
import { elements } from '../../model/graph.js';
import type { Slot } from './arena.js';
import type { Epilogue } from './lower.js';
import { at, type Bind, type Machine, nowhere, type Of, type Region, shapeOf, storageOf } from './machine.js';
import { pack } from './pack.js';
import type { Plan, Site } from './plan.js';
import type { Vectors } from './plane.js';

/** What every epilogue needs besides its vectors. */
export function epilogueOf(
  epilogue: Epilogue,
  plan: Site,
): {
  readonly code: number;
  readonly slope: number;
  residual(machine: Machine): Region;
} {
  const { residual, activation: fn, slope } = epilogue;
  return {
    code: fn === 'relu' ? 1 : fn === 'leaky_relu' ? 2 : 0,
    slope,
    residual: (machine) => (residual === null ? nowhere : machine.value(storageOf(plan, residual))),
  };
}

/** Addresses of an epilogue's vectors from output `first` on. */
export function vectorsAt(machine: Machine, { centre, scale, shift }: Vectors, first: number) {
  const address = (slot: Slot | null): number => (slot === null ? 0 : machine.slot(slot) + 4 * first);
  return { centre: address(centre), scale: address(scale), shift: address(shift) };
}

export function dense(step: Of<'product'>, plan: Site): Bind {
  const { node, epilogue, inputs, out } = step;
  const { arena, plane } = plan;
  const features = elements(shapeOf(plan, inputs[0]!));
  const [outputs] = shapeOf(plan, out) as [number];
  const weights = plane.place(arena, node.weight, (data) => pack(data, outputs, features));
  const vectors = plane.vectors(arena, outputs, node.bias, epilogue.norm);
  const { code, slope, residual } = epilogueOf(epilogue, plan);
  return (machine) => {
    const { kernels } = machine;
    const w = machine.slot(weights);
    const { centre, scale, shift } = vectorsAt(machine, vectors, 0);
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    const r = residual(machine);
    return (block) =>
      kernels.dense(
        at(x, block),
        w,
        0,
        centre,
        scale,
        shift,
        at(r, block),
        at(y, block),
        features,
        outputs,
        block.groups,
        x.stride,
        r.stride,
        y.stride,
        code,
        slope,
      );
  };
}

/** x·W, x·D1 and x·D2 of a first layer. */
export function products({ node, inputs, out }: Of<'product'>, plan: Plan): Bind {
  const features = elements(shapeOf(plan, inputs[0]!));
  const [outputs] = shapeOf(plan, out) as [number];
  const { base, d1, d2 } = plan.plane.values(node.weight);
  const slots = [base, d1, d2].map((data) => plan.arena.constant(pack(data, outputs, features)));
  return (machine) => {
    const { kernels } = machine;
    const x = machine.value(storageOf(plan, inputs[0]!));
    const pairs = plan.products.get(out)!.map((storage, k) => {
      return { weights: machine.slot(slots[k]!), y: machine.value(storage) };
    });
    return (block) => {
      for (const { weights, y } of pairs) {
        const [from, to] = [at(x, block), at(y, block)];
        const { groups } = block;
        kernels.dense(
          from,
          weights,
          0,
          0,
          0,
          0,
          0,
          to,
          features,
          outputs,
          groups,
          x.stride,
          0,
          y.stride,
          0,
          0,
        );
      }
    };
  };
}

export function combination({ node, epilogue, out }: Of<'product'>, plan: Plan): Bind {
  const [outputs] = shapeOf(plan, out) as [number];
  const vectors = plan.plane.vectors(plan.arena, outputs, node.bias, epilogue.norm);
  const { code, slope, residual } = epilogueOf(epilogue, plan);
  return (machine) => {
    const { kernels } = machine;
    const { centre, scale, shift } = vectorsAt(machine, vectors, 0);
    const [w, u, v] = plan.products.get(out)!.map((storage) => machine.value(storage)) as [
      Region,
      Region,
      Region,
    ];
    const y = machine.value(storageOf(plan, out));
    const r = residual(machine);
    return (block, { a, aLow, b, bLow }) =>
      kernels.combine(
        at(w, block),
        at(u, block),
        at(v, block),
        centre,
        scale,
        shift,
        at(r, block),
        at(y, block),
        outputs,
        block.groups,
        w.stride,
        r.stride,
        y.stride,
        a,
        aLow,
        b,
        bLow,
        code,
        slope,
      );
  };
}
