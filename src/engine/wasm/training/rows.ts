/** Layers without weights: activations, sums, products, scaling, pools, means and what moves rows. */
import {
  elements,
  type ActivationNode,
  type AddNode,
  type ConcatNode,
  type MeanNode,
  type MultiplyNode,
  type PadNode,
  type PoolNode,
  type ScaleNode,
  type SliceNode,
} from '../../../model/graph.js';
import type { Kernels } from '../kernels.js';
import { rowBytes } from '../pack.js';
import { copyTables, meanTable, poolTable, repeatedRows } from '../tables.js';
import type { Batch, Layer, Site, Target } from './layer.js';

/** Bytes of a group of a value. */
const strideOf = (site: Site, value: number): number => elements(site.shapeOf(value)) * rowBytes;

/** Zeros where a gradient that is only ever added to is new. */
function clear({ kernels }: { kernels: Kernels }, { groups }: Batch, target: Target, stride: number): void {
  if (!target.added) kernels.fill(target.at, stride * groups, 0);
}

export function activation(node: ActivationNode, out: number, site: Site): Layer {
  const { fn, slope } = node;
  if (fn === 'identity') throw new TypeError('identity renames its input and has no layer');
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  const stride = strideOf(site, out);
  return {
    forward: ({ kernels }, { groups }) => kernels[fn](x, y, stride * groups, slope),
    backward({ kernels }, { groups }, gradient, [target]) {
      const { at, added } = target!;
      if (at > 0) kernels[`${fn}_backward`](x, gradient, at, stride * groups, added, slope);
    },
  };
}

export function add(node: AddNode, out: number, site: Site): Layer {
  const [x, y] = node.inputs.map((value) => site.value(value)) as [number, number];
  const z = site.value(out);
  const stride = strideOf(site, out);
  return {
    forward: ({ kernels }, { groups }) => kernels.add(x, y, z, stride * groups),
    backward({ kernels }, { groups }, gradient, targets) {
      for (const { at, added } of targets) {
        // What has taken the gradient over has it already.
        if (at > 0 && at !== gradient) kernels.scaled(gradient, at, stride * groups, 1, added);
      }
    },
  };
}

export function scale(node: ScaleNode, out: number, site: Site): Layer {
  const constant = (value: number): number => site.layout.floats(Float32Array.of(value));
  const [centre, factor, shift] = [constant(0), constant(node.factor), constant(node.offset)];
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  const units = elements(site.shapeOf(out));
  return {
    forward: ({ kernels }, { groups }) => kernels.affine(x, centre, factor, shift, y, 1, units, groups),
    backward({ kernels }, { groups }, gradient, [target]) {
      const { at, added } = target!;
      if (at > 0) kernels.scaled(gradient, at, units * rowBytes * groups, node.factor, added);
    },
  };
}

export function multiply(node: MultiplyNode, out: number, site: Site): Layer {
  const shape = site.shapeOf(out);
  const count = elements(shape);
  const z = site.value(out);
  const factors = node.inputs.map((value) => {
    const rows = site.layout.table(repeatedRows(site.shapeOf(value), shape));
    return { at: site.value(value), rows, stride: strideOf(site, value) };
  });
  const [x, y] = factors as [(typeof factors)[0], (typeof factors)[0]];
  return {
    forward({ kernels }, { groups }) {
      kernels.multiply_rows(x.at, y.at, z, x.rows, y.rows, count, groups, x.stride, y.stride);
    },
    backward(machine, batch, gradient, targets) {
      for (const [k, target] of targets.entries()) {
        if (target.at === 0) continue;
        const [own, other] = k === 0 ? [x, y] : [y, x];
        clear(machine, batch, target, own.stride);
        machine.kernels.multiply_rows_backward(
          gradient,
          other.at,
          target.at,
          other.rows,
          own.rows,
          count,
          batch.groups,
          other.stride,
          own.stride,
        );
      }
    },
  };
}

export function copy(node: ConcatNode | PadNode | SliceNode, out: number, site: Site): Layer {
  const shapes = node.inputs.map((value) => site.shapeOf(value));
  const y = site.value(out);
  const yStride = strideOf(site, out);
  const parts = copyTables(node, shapes, site.shapeOf(out)).map(({ from, to }, k) => ({
    x: site.value(node.inputs[k]!),
    stride: strideOf(site, node.inputs[k]!),
    from: site.layout.table(from),
    to: site.layout.table(to),
    count: from.length,
  }));
  return {
    forward({ kernels }, { groups }) {
      if (node.op === 'pad') kernels.fill(y, yStride * groups, node.value);
      for (const { x, stride, from, to, count } of parts) {
        kernels.copy_rows(x, y, from, to, count, groups, stride, yStride);
      }
    },
    backward(machine, batch, gradient, targets) {
      for (const [k, target] of targets.entries()) {
        if (target.at === 0) continue;
        const { stride, from, to, count } = parts[k]!;
        clear(machine, batch, target, stride);
        machine.kernels.add_rows(gradient, target.at, to, from, count, batch.groups, yStride, stride);
      }
    },
  };
}

export function reduce(node: PoolNode | MeanNode, out: number, site: Site): Layer {
  const input = site.shapeOf(node.inputs[0]!);
  const shape = site.shapeOf(out);
  const table = node.op === 'mean' ? meanTable(node, input) : poolTable(node, input, shape);
  const starts = site.layout.table(table.starts);
  const taps = site.layout.table(table.taps);
  const factors = site.layout.floats(table.factors);
  const isMaximum = node.op === 'pool' && node.mode === 'max';
  const count = elements(shape);
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  const xStride = strideOf(site, node.inputs[0]!);
  return {
    forward({ kernels }, { groups }) {
      if (isMaximum) kernels.max_rows(x, y, starts, taps, count, groups, xStride);
      else kernels.sum_rows(x, y, starts, taps, factors, count, groups, xStride);
    },
    backward(machine, batch, gradient, [target]) {
      const { at } = target!;
      if (at === 0) return;
      clear(machine, batch, target!, xStride);
      const { kernels } = machine;
      const { groups } = batch;
      if (isMaximum) kernels.max_rows_backward(x, gradient, at, starts, taps, count, groups, xStride);
      else kernels.sum_rows_backward(gradient, at, starts, taps, factors, count, groups, xStride);
    },
  };
}
