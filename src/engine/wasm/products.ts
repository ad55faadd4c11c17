/** Calls of the kernels with an epilogue: dense, combine, conv2d. */
import { elements } from '../../model/graph.js';
import type { Slot } from './arena.js';
import type { Epilogue } from './lower.js';
import { at, type Bind, type Machine, nowhere, type Of, type Region, shapeOf, storageOf } from './machine.js';
import { pack, packedLength, rowBytes } from './pack.js';
import type { Plan } from './plan.js';
import type { Vectors } from './plane.js';
import { convolutionTable } from './tables.js';

/** What every epilogue needs besides its vectors. */
function epilogueOf(
  epilogue: Epilogue,
  plan: Plan,
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
function vectorsAt(machine: Machine, { centre, scale, shift }: Vectors, first: number) {
  const address = (slot: Slot | null): number => (slot === null ? 0 : machine.slot(slot) + 4 * first);
  return { centre: address(centre), scale: address(scale), shift: address(shift) };
}

export function dense(step: Of<'product'>, plan: Plan): Bind {
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
        kernels.dense(from, weights, 0, 0, 0, 0, to, features, outputs, groups, x.stride, 0, y.stride, 0, 0);
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

export function convolution(
  { node, epilogue, inputs, out }: Of<'product'>,
  scratch: number,
  plan: Plan,
): Bind {
  if (node.op !== 'conv2d') throw new TypeError(`${node.name} is no convolution`);
  const { arena, plane } = plan;
  const input = shapeOf(plan, inputs[0]!);
  const [channels, height, width] = input as [number, number, number];
  const [outChannels, rows, columns] = shapeOf(plan, out) as [number, number, number];
  const table = convolutionTable(node, input, plane.parameter(node.weight).shape);
  const [paddedHeight, paddedWidth] = table.padded;
  const taps = table.offsets.length;
  const outputs = outChannels / node.groups;
  const packed = packedLength(outputs, taps);
  const weights = plane.place(arena, node.weight, (data) => {
    const all = new Float32Array(packed * node.groups);
    for (let g = 0; g < node.groups; g++) {
      const own = data.subarray(g * outputs * taps, (g + 1) * outputs * taps);
      all.set(pack(own, outputs, taps), g * packed);
    }
    return all;
  });
  const vectors = plane.vectors(arena, outChannels, node.bias, epilogue.norm);
  const offsets = arena.table(table.offsets.map((row) => row * rowBytes));
  const { code, slope, residual } = epilogueOf(epilogue, plan);
  return (machine) => {
    const { kernels } = machine;
    const offsetsAt = machine.slot(offsets);
    const x = machine.value(storageOf(plan, inputs[0]!));
    const y = machine.value(storageOf(plan, out));
    const r = residual(machine);
    const padded = table.pads ? machine.scratch(scratch) : 0;
    const paddedStride = channels * paddedHeight * paddedWidth * rowBytes;
    const parts = Array.from({ length: node.groups }, (_, g) => ({
      weights: machine.slot(weights) + 4 * packed * g,
      vectors: vectorsAt(machine, vectors, g * outputs),
      from: (paddedStride / node.groups) * g,
      to: outputs * rows * columns * rowBytes * g,
    }));
    return (block) => {
      const { groups } = block;
      let source = at(x, block);
      if (table.pads) {
        const [top, left] = node.padding;
        kernels.pad_image(
          source,
          padded,
          channels,
          height,
          width,
          top,
          left,
          paddedHeight,
          paddedWidth,
          groups,
        );
        source = padded;
      }
      for (const part of parts) {
        kernels.conv2d(
          source + part.from,
          part.weights,
          offsetsAt,
          part.vectors.centre,
          part.vectors.scale,
          part.vectors.shift,
          r === nowhere ? 0 : at(r, block) + part.to,
          at(y, block) + part.to,
          taps,
          outputs,
          groups,
          rows,
          columns,
          node.stride[0] * paddedWidth * rowBytes,
          node.stride[1] * rowBytes,
          paddedStride,
          r.stride,
          y.stride,
          code,
          slope,
        );
      }
    };
  };
}
