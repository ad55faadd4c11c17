/** Dense layers and convolutions of the centre in float64, and the second-order part of their differences. */
import { elements, type Shape } from '../../model/graph.js';
import { stridedIndices } from '../../model/ops/strided.js';
import type { Problem } from '../engine.js';
import type { Arena, Placed } from './arena.js';
import { convolution } from './convolution.js';
import type { Kernels } from './kernels.js';
import type { Bind, Of } from './machine.js';
import { groupSamples, pack, packedLength, rowBytes } from './pack.js';
import { scratchOf, type Site, type Storage } from './plan.js';
import type { Plane } from './plane.js';
import { dense } from './products.js';
import { channelsOf } from './wide-vectors.js';

/** Bytes of a row of float64. */
export const wideBytes = 2 * rowBytes;

/** What a step leaves for the points of a window: so many rows of float32 a group, from `offset` bytes a group on. */
export interface Kept {
  readonly offset: number;
  readonly rows: number;
}

/** A step with the memory that it uses; `kept` is where the block's results go. */
export type CentrePlay = (kept: number) => void;

/** What all steps of the centre share. */
export interface CentreSite {
  readonly problem: Problem;
  readonly plane: Plane;
  /** Weights that become float64. */
  readonly arena: Arena;
  /** Directions as the float32 kernels take them. */
  readonly narrow: Arena;
  /** Groups of samples of a block. */
  readonly groups: number;
  /** By a step's output. */
  readonly kept: ReadonlyMap<number, Kept>;
}

/** The memory of the centre. */
export interface CentreMachine {
  readonly kernels: Kernels;
  readonly memory: WebAssembly.Memory;
  readonly wide: Placed;
  readonly narrow: Placed;
  /** Weights of the centre and directions, float64. */
  readonly w: number;
  readonly d1: number;
  readonly d2: number;
  readonly vectors: number;
  readonly scratch: number;
  readonly inputs: number;
  value(index: number): number;
}

/** How a product runs: a dense layer is a convolution of one place. */
interface Geometry {
  /** Groups of channels, each a convolution of its own with so many outputs and taps. */
  readonly parts: number;
  readonly outputs: number;
  readonly taps: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Rows of the input with zeros around it; 0 where it needs none. */
  readonly padded: number;
  readonly paddedSize: readonly [height: number, width: number];
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly columnStep: number;
  /** Bytes from a window's first element to each tap. */
  readonly offsets: Uint32Array;
}

export interface Product extends Geometry {
  readonly packed: number;
  readonly slot: { readonly offset: number };
  readonly table: Parameters<Placed['address']>[0];
  /** Bytes of scratch memory a group. */
  readonly scratch: number;
  readonly second: { readonly bind: Bind; readonly source: Storage } | null;
}

function geometryOf({ node }: Of<'product'>, input: Shape, output: Shape, weight: Shape): Geometry {
  if (node.op === 'dense') {
    const taps = elements(input);
    return {
      parts: 1,
      outputs: output[0]!,
      taps,
      channels: taps,
      height: 1,
      width: 1,
      padded: 0,
      paddedSize: [1, 1],
      top: 0,
      left: 0,
      rows: 1,
      columns: 1,
      rowStep: 0,
      columnStep: 0,
      offsets: Uint32Array.from({ length: taps }, (_, k) => k * wideBytes),
    };
  }
  const [channels, height, width] = input as [number, number, number];
  const [outputs, own, kernelHeight, kernelWidth] = weight as [number, number, number, number];
  const [top, left, bottom, right] = node.padding;
  const [tall, broad] = [height + top + bottom, width + left + right];
  const pads = tall !== height || broad !== width;
  const steps = [tall * broad, node.dilation[0] * broad, node.dilation[1]];
  return {
    parts: node.groups,
    outputs: outputs / node.groups,
    taps: own * kernelHeight * kernelWidth,
    channels,
    height,
    width,
    padded: pads ? channels * tall * broad : 0,
    paddedSize: [tall, broad],
    top,
    left,
    rows: output[1]!,
    columns: output[2]!,
    rowStep: node.stride[0] * broad * wideBytes,
    columnStep: node.stride[1] * wideBytes,
    offsets: stridedIndices([own, kernelHeight, kernelWidth], steps, 0).map((row) => row * wideBytes),
  };
}

/** Whether both weights and input of a product move. */
export function hasSecond({ node, inputs }: Of<'product'>, plane: Plane): boolean {
  return inputs[0] !== 0 && plane.moves(node.weight);
}

/** Call it before the arenas are laid out. */
export function prepareProduct(step: Of<'product'>, site: CentreSite): Product {
  const { problem, plane, arena, narrow: directions, groups } = site;
  const { node, inputs, out } = step;
  const { model } = problem;
  const [input, output] = [model.shapes[inputs[0]!]!, model.shapes[out]!];
  const weight = model.parameters.get(node.weight)!.shape;
  const { base, d1, d2 } = plane.values(node.weight);
  const geometry = geometryOf(step, input, output, weight);
  const { parts, outputs, taps } = geometry;
  const packed = packedLength(outputs, taps);
  const arrange = (data: Float32Array): Float32Array => {
    const all = new Float32Array(packed * parts);
    for (let g = 0; g < parts; g++) {
      all.set(pack(data.subarray(g * outputs * taps, (g + 1) * outputs * taps), outputs, taps), g * packed);
    }
    return all;
  };
  const slot = arena.plane({ base: arrange(base), d1: arrange(d1), d2: arrange(d2) });
  const table = arena.table(geometry.offsets);
  const wide = 5 * elements(output) * wideBytes + 3 * geometry.padded * wideBytes;
  if (!hasSecond(step, plane)) return { ...geometry, packed, slot, table, scratch: wide, second: null };
  const storages = [inputs[0]!, out].map((value): [number, Storage] => [
    value,
    { kind: 'block', offset: 0, stride: elements(model.shapes[value]!) * rowBytes },
  ]);
  const own: Site = {
    problem,
    plane,
    arena: directions,
    storage: new Map(storages),
    blockGroups: groups,
  };
  const bare: Of<'product'> = {
    ...step,
    node: { ...node, bias: null },
    epilogue: { norm: null, residual: null, activation: null, slope: 0 },
  };
  const bind = node.op === 'dense' ? dense(bare, own) : convolution(bare, 0, own);
  const narrow = (2 * elements(input) + elements(output)) * rowBytes + scratchOf(step, model.shapes, plane);
  const second = { bind, source: storages[0]![1] };
  return { ...geometry, packed, slot, table, scratch: Math.max(wide, narrow), second };
}

/** `vectors` is the address of the product's (wide-vectors.ts), `partOf` gives the bytes of a part of a value. */
export function playProduct(
  step: Of<'product'>,
  product: Product,
  vectors: number,
  machine: CentreMachine,
  site: CentreSite,
  partOf: (value: number) => number,
): CentrePlay {
  const { kernels, wide, w, d1, d2, scratch, value } = machine;
  const { groups, problem, plane } = site;
  const { inputs, out, node, epilogue } = step;
  const { parts, channels, height, width, padded, top, left, outputs, taps, rows, columns } = product;
  const input = inputs[0]!;
  const moves = plane.moves(node.weight);
  const jets = input === 0 ? 1 : 3;
  const yPart = partOf(out);
  const x = value(input);
  const m = scratch;
  // Zeros around images, all parts of a jet one after the other.
  const area = padded === 0 ? height * width : padded / channels;
  const source = padded === 0 ? x : scratch + 5 * yPart;
  const table = wide.address(product.table);
  const run = (weights: number, to: number, count: number): void => {
    for (let g = 0; g < parts; g++) {
      kernels.wide_product(
        source + (channels / parts) * g * area * wideBytes,
        weights + 8 * (product.slot.offset + product.packed * g),
        table,
        to + outputs * g * rows * columns * wideBytes,
        taps,
        outputs,
        count * groups,
        rows,
        columns,
        product.rowStep,
        product.columnStep,
        channels * area * wideBytes,
        yPart / groups,
      );
    }
  };
  const shape = problem.model.shapes[out]!;
  const count = channelsOf(step, shape);
  const added = epilogue.residual === null ? 0 : value(epilogue.residual);
  const keep = secondOrder(step, product, vectors, machine, site, partOf);
  return (kept) => {
    if (padded > 0) {
      // A row of float64 is two of float32.
      const [tall, broad] = product.paddedSize;
      kernels.pad_image(
        x,
        source,
        channels,
        height,
        2 * width,
        top,
        2 * left,
        tall,
        2 * broad,
        jets * groups,
      );
    }
    run(w, m, jets);
    if (moves) {
      run(d1, m + jets * yPart, 1);
      run(d2, m + (jets + 1) * yPart, 1);
    } else if (jets === 1) kernels.fill(m + yPart, 2 * yPart, 0);
    const five = moves && jets === 3 ? 1 : 0;
    kernels.wide_finish(five, m, added, value(out), vectors, count, elements(shape) / count, groups);
    keep?.(kept);
  };
}

/** Keeps D1·t1, D1·t2 + D2·t1 and D2·t2 of a product's input, normalised as the product is. */
function secondOrder(
  step: Of<'product'>,
  product: Product,
  vectors: number,
  machine: CentreMachine,
  site: CentreSite,
  partOf: (value: number) => number,
): CentrePlay | null {
  if (product.second === null) return null;
  const { kernels, memory, narrow, scratch, value } = machine;
  const { groups, problem } = site;
  const input = step.inputs[0]!;
  const [xPart, yPart] = [partOf(input), partOf(step.out)];
  const [t1, t2, more] = [scratch, scratch + xPart / 2, scratch + xPart] as const;
  const { bind, source } = product.second;
  const run = (direction: number, from: number, to: number) => {
    const play = bind({
      kernels,
      slot: (slot) => (slot === null ? 0 : slot.moves ? direction + 4 * slot.offset : narrow.address(slot)),
      value: (storage) => ({ start: storage === source ? from : to, step: 0, stride: storage.stride }),
      scratch: () => more + yPart / 2,
    });
    play({ first: 0, groups }, { a: 0, aLow: 0, b: 0, bLow: 0 });
  };
  const { offset } = site.kept.get(step.out)!;
  const { norm } = step.epilogue;
  const count = channelsOf(step, problem.model.shapes[step.out]!);
  const area = yPart / wideBytes / groups / count;
  const factors = vectors + 3 * 8 * count;
  return (kept) => {
    const q = kept + offset * groups;
    kernels.wide_narrow(value(input) + xPart, t1, 2 * xPart);
    run(narrow.d1, t1, q);
    run(narrow.d1, t2, q + yPart / 2);
    run(narrow.d2, t1, more);
    kernels.add(q + yPart / 2, more, q + yPart / 2, yPart / 2);
    run(narrow.d2, t2, q + yPart);
    if (norm === null) return;
    const scale = new Float64Array(memory.buffer, factors, count);
    const all = new Float32Array(memory.buffer, q, (3 * yPart) / 8);
    const line = area * groupSamples;
    for (let start = 0, c = 0; start < all.length; start += line, c = (c + 1) % count) {
      const factor = scale[c]!;
      for (let i = start; i < start + line; i++) all[i]! *= factor;
    }
  };
}
