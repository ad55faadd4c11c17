/** Dense layers: three products, each by a kernel that keeps its sums in registers. */
import type { DenseNode } from '../../../model/graph.js';
import { packedLength, rowBytes } from '../pack.js';
import type { Layer, Site } from './layer.js';

export function dense(node: DenseNode, out: number, site: Site): Layer {
  const [inputs] = site.shapeOf(node.inputs[0]!) as [number];
  const [outputs] = site.shapeOf(out) as [number];
  const { layout } = site;
  const weights = site.parameter(node.weight);
  const bias = site.parameter(node.bias);
  const byWeights = site.gradientOf(node.weight);
  const byBias = site.gradientOf(node.bias);
  const packed = layout.take(4 * packedLength(outputs, inputs));
  const transposed = layout.take(4 * packedLength(inputs, outputs));
  const offsets = layout.table(Uint32Array.from({ length: inputs }, (_, k) => k * rowBytes));
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  const xStride = inputs * rowBytes;
  const yStride = outputs * rowBytes;
  return {
    forward({ kernels }, { groups }) {
      kernels.pack(weights, packed, outputs, inputs);
      kernels.dense(x, packed, 0, bias, 0, 0, 0, y, inputs, outputs, groups, xStride, 0, yStride, 0, 0);
    },
    backward({ kernels }, { groups }, gradient, [target]) {
      kernels.outer(
        gradient,
        rowBytes,
        x,
        offsets,
        byWeights,
        outputs,
        inputs,
        1,
        groups,
        0,
        yStride,
        0,
        xStride,
      );
      if (byBias > 0) kernels.channel_sums(gradient, byBias, outputs, 1, groups);
      const { at, added } = target!;
      if (at === 0) return;
      kernels.pack_transposed(weights, transposed, outputs, inputs);
      const residual = added ? at : 0;
      kernels.dense(
        gradient,
        transposed,
        0,
        0,
        0,
        0,
        residual,
        at,
        outputs,
        inputs,
        groups,
        yStride,
        xStride,
        xStride,
        0,
        0,
      );
    },
  };
}
