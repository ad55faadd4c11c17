import type { Conv2dNode, DenseNode } from '../graph.js';
import { secondParts } from '../jet.js';
import type { Backward, Difference, Forward, Op, Tangent } from './op.js';

/** out = weight · x for the samples of a call; written entirely. */
export type Product<N extends DenseNode | Conv2dNode> = (
  call: Forward<N>,
  weight: Float64Array,
  x: Float64Array,
  out: Float64Array,
) => void;

/**
 * The product's way back: adds to the gradient by x and to that by the weight what belongs to `call.gradient`;
 * either is null where nobody asks.
 */
export type Adjoint<N extends DenseNode | Conv2dNode> = (
  call: Backward<N>,
  weight: Float64Array,
  byInput: Float64Array | null,
  byWeight: Float64Array | null,
) => void;

/** Forward, tangent, difference and backward of W·x + bias, with both W and x depending on the point. */
export function bilinear<N extends DenseNode | Conv2dNode>(
  product: Product<N>,
  adjoint: Adjoint<N>,
): Pick<Op<N>, 'forward' | 'tangent' | 'difference' | 'backward'> {
  return {
    forward(call) {
      const { node, inputs, output, parameter } = call;
      product(call, parameter(node.weight).data, inputs[0]!, output);
      if (node.bias !== null) addBias(call, parameter(node.bias).data, output);
    },

    // (Wx)ₐ = W·xₐ + Wₐ·x and (Wx)ₐᵦ = W·xₐᵦ + Wₐ·xᵦ + Wᵦ·xₐ, as W itself is linear in α and β.
    tangent(call: Tangent<N>) {
      const { node, inputs, tangents, tangent, parameter, along } = call;
      const weight = parameter(node.weight).data;
      const moving = along(node.weight);
      const biases = node.bias === null ? [null, null] : along(node.bias);
      const jet = tangents[0]!;
      for (const [part, out] of tangent.entries()) product(call, weight, jet[part]!, out);
      const more = new Float64Array(call.output.length);
      const add = (direction: Float64Array | null | undefined, x: Float64Array, part: number): void => {
        if (!direction) return;
        product(call, direction, x, more);
        const out = tangent[part]!;
        for (let i = 0; i < out.length; i++) out[i]! += more[i]!;
      };
      for (const part of [0, 1]) {
        add(moving[part], inputs[0]!, part);
        const bias = biases[part];
        if (bias) addBias(call, bias, tangent[part]!);
      }
      if (tangent.length === 2) return;
      for (const [part, left, right] of secondParts) {
        add(moving[left], jet[right]!, part);
        add(moving[right], jet[left]!, part);
      }
    },

    // (W + ΔW)(x + Δx) − W·x = W·Δx + ΔW·(x + Δx).
    difference(call: Difference<N>) {
      const { node, inputs, differences, difference, parameter, change } = call;
      const x = inputs[0]!;
      const dx = differences[0]!;
      product(call, parameter(node.weight).data, dx, difference);
      const dw = change(node.weight);
      if (dw !== null) {
        const more = new Float64Array(difference.length);
        product(
          call,
          dw,
          x.map((value, i) => value + dx[i]!),
          more,
        );
        for (let i = 0; i < difference.length; i++) difference[i]! += more[i]!;
      }
      const db = node.bias === null ? null : change(node.bias);
      if (db !== null) addBias(call, db, difference);
    },

    backward(call: Backward<N>) {
      const { node, parameter, gradient, gradients, gradientOf } = call;
      adjoint(call, parameter(node.weight).data, gradients[0] ?? null, gradientOf(node.weight));
      const byBias = node.bias === null ? null : gradientOf(node.bias);
      if (byBias === null) return;
      eachBias(call, byBias.length, gradient.length, (c, start, end) => {
        for (let i = start; i < end; i++) byBias[c]! += gradient[i]!;
      });
    },
  };
}

/** Adds a number for each element of axis 0 of a sample. */
function addBias(call: Forward<DenseNode | Conv2dNode>, bias: Float64Array, out: Float64Array): void {
  eachBias(call, bias.length, out.length, (c, start, end) => {
    const value = bias[c]!;
    for (let i = start; i < end; i++) out[i]! += value;
  });
}

/** Visits the elements of an output of `size` that share a bias. */
function eachBias(
  { shape }: Forward<DenseNode | Conv2dNode>,
  count: number,
  size: number,
  visit: (bias: number, start: number, end: number) => void,
): void {
  const area = shape.slice(1).reduce((product, length) => product * length, 1);
  for (let i = 0, c = 0; i < size; i += area, c = (c + 1) % count) visit(c, i, i + area);
}
