import { spell } from '../errors.js';
import { elements, type BatchNormNode } from '../graph.js';
import { secondParts } from '../jet.js';
import { eachChannel, training } from './batchnorm-training.js';
import { refuse, type Op, type Tangent } from './op.js';

/** Batch normalisation, in evaluation mode unless it says otherwise, per feature or per channel (axis 0 of the sample). */
export const batchnorm: Op<BatchNormNode> = {
  arity: { exactly: 1 },

  parameters: ({ scale, shift, mean, variance }) => ({
    weights: [scale, shift].filter((name) => name !== null),
    statistics: [mean, variance],
  }),

  infer(node, [input], parameter) {
    const { scale, shift, mean, variance, epsilon } = node;
    if (!(epsilon >= 0 && epsilon < Infinity)) throw refuse(node, `epsilon ${epsilon} must be 0 or more`);
    const { momentum = 0 } = node;
    if (!(momentum >= 0 && momentum <= 1)) throw refuse(node, `momentum ${momentum} must be from 0 to 1`);
    for (const name of [scale, shift, mean, variance]) {
      if (name === null) continue;
      const shape = parameter(name).shape;
      if (shape.length !== 1 || shape[0] !== input![0]) {
        throw refuse(
          node,
          `${name} has shape ${spell(shape)}, expected [${input![0]}] as its input has shape ${spell(input!)}`,
        );
      }
    }
    return input!;
  },

  multiplyAdds: (_node, _shapes, shape) => elements(shape),

  forward(call) {
    const { node, inputs, output, parameter } = call;
    const x = inputs[0]!;
    const mean = parameter(node.mean).data;
    const variance = parameter(node.variance).data;
    const scale = node.scale === null ? null : parameter(node.scale).data;
    const shift = node.shift === null ? null : parameter(node.shift).data;
    eachChannel(call, (c, start, end) => {
      const factor = (scale === null ? 1 : scale[c]!) / Math.sqrt(variance[c]! + node.epsilon);
      const offset = shift === null ? 0 : shift[c]!;
      const centre = mean[c]!;
      for (let i = start; i < end; i++) output[i] = (x[i]! - centre) * factor + offset;
    });
  },

  // y = (x − mean)·F + shift; F = γ·(variance + ε)^(−½) has a jet of its own where γ or the variance moves.
  tangent(call) {
    const { node, inputs, tangents, tangent, parameter, along } = call;
    const x = inputs[0]!;
    const jet = tangents[0]!;
    const mean = parameter(node.mean).data;
    const means = along(node.mean);
    const shifts = node.shift === null ? [null, null] : along(node.shift);
    eachChannel(call, (c, start, end) => {
      const factor = factorJet(call, c);
      const F = factor[0]!;
      for (let part = 0; part < tangent.length; part++) {
        const out = tangent[part]!;
        const from = jet[part]!;
        const moved = part < 2 ? (means[part]?.[c] ?? 0) : 0;
        const offset = part < 2 ? (shifts[part]?.[c] ?? 0) : 0;
        const G = factor[part + 1]!;
        for (let i = start; i < end; i++) {
          out[i] = (from[i]! - moved) * F + (x[i]! - mean[c]!) * G + offset;
        }
      }
      if (tangent.length === 2) return;
      for (const [part, left, right] of secondParts) {
        const out = tangent[part]!;
        const [u, v] = [jet[left]!, jet[right]!];
        const [mu, mv] = [means[left]?.[c] ?? 0, means[right]?.[c] ?? 0];
        const [Fu, Fv] = [factor[left + 1]!, factor[right + 1]!];
        for (let i = start; i < end; i++) out[i]! += (u[i]! - mu) * Fv + (v[i]! - mv) * Fu;
      }
    });
  },

  difference(call) {
    const { node, inputs, differences, difference, parameter, change } = call;
    const x = inputs[0]!;
    const dx = differences[0]!;
    const mean = parameter(node.mean).data;
    const means = change(node.mean);
    const shifts = node.shift === null ? null : change(node.shift);
    const variances = change(node.variance);
    const scales = node.scale === null ? null : change(node.scale);
    eachChannel(call, (c, start, end) => {
      const scale = node.scale === null ? 1 : parameter(node.scale).data[c]!;
      const w = parameter(node.variance).data[c]! + node.epsilon;
      const dw = variances?.[c] ?? 0;
      const dScale = scales?.[c] ?? 0;
      const [root, rootAt] = [Math.sqrt(w), Math.sqrt(w + dw)];
      const factorAt = (scale + dScale) / rootAt;
      // 1/√(w + Δw) − 1/√w without cancellation.
      const dFactor = dScale / rootAt - (scale * dw) / (root * rootAt * (root + rootAt));
      const moved = means?.[c] ?? 0;
      const offset = shifts?.[c] ?? 0;
      for (let i = start; i < end; i++) {
        difference[i] = (dx[i]! - moved) * factorAt + (x[i]! - mean[c]!) * dFactor + offset;
      }
    });
  },

  backward(call) {
    const { node, inputs, gradient, gradients, parameter, gradientOf } = call;
    const x = inputs[0]!;
    const into = gradients[0];
    const mean = parameter(node.mean).data;
    const variance = parameter(node.variance).data;
    const scale = node.scale === null ? null : parameter(node.scale).data;
    const byScale = node.scale === null ? null : gradientOf(node.scale);
    const byShift = node.shift === null ? null : gradientOf(node.shift);
    eachChannel(call, (c, start, end) => {
      const inverse = 1 / Math.sqrt(variance[c]! + node.epsilon);
      const factor = (scale === null ? 1 : scale[c]!) * inverse;
      for (let i = start; i < end; i++) {
        const g = gradient[i]!;
        if (into) into[i]! += g * factor;
        if (byScale) byScale[c]! += g * (x[i]! - mean[c]!) * inverse;
        if (byShift) byShift[c]! += g;
      }
    });
  },

  training,
};

/** γ·(variance + ε)^(−½) of a channel and its derivatives [F, ∂α, ∂β, ∂α², ∂α∂β, ∂β²]. */
function factorJet({ node, parameter, along }: Tangent<BatchNormNode>, c: number): number[] {
  const scale = node.scale === null ? 1 : parameter(node.scale).data[c]!;
  const scales = (node.scale === null ? [null, null] : along(node.scale)).map((d) => d?.[c] ?? 0);
  const variances = along(node.variance).map((d) => d?.[c] ?? 0);
  const w = parameter(node.variance).data[c]! + node.epsilon;
  const q = 1 / Math.sqrt(w);
  const first = variances.map((dv) => (-0.5 * q * dv) / w);
  const jet = [scale * q, ...scales.map((dScale, k) => dScale * q + scale * first[k]!)];
  for (const [, left, right] of secondParts) {
    const second = (0.75 * q * variances[left]! * variances[right]!) / (w * w);
    jet.push(scale * second + scales[left]! * first[right]! + scales[right]! * first[left]!);
  }
  return jet;
}
