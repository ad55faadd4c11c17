/** Batch normalisation: in training by the batch's statistics, in evaluation by the running ones. */
import { elements, type BatchNormNode } from '../../../model/graph.js';
import { checkCount, defaultMomentum } from '../../../model/ops/batchnorm-training.js';
import type { Layer, Site } from './layer.js';

export function batchnorm(node: BatchNormNode, out: number, site: Site): Layer {
  const shape = site.shapeOf(out);
  const channels = shape[0]!;
  const area = elements(shape) / channels;
  const { layout } = site;
  const scale = site.parameter(node.scale);
  const shift = site.parameter(node.shift);
  const byScale = site.gradientOf(node.scale);
  const byShift = site.gradientOf(node.shift);
  const runningMean = site.parameter(node.mean);
  const runningVariance = site.parameter(node.variance);
  // In training mean and inverse root of the batch; in evaluation the vectors of `affine`.
  const [first, second, third] = [0, 1, 2].map(() => layout.take(4 * channels)) as [number, number, number];
  const x = site.value(node.inputs[0]!);
  const y = site.value(out);
  return {
    forward({ kernels, floats }, { samples, groups }, mode) {
      if (mode === 'training') {
        checkCount(node, samples * area);
        kernels.batchnorm_forward(
          x,
          scale,
          shift,
          first,
          second,
          runningMean,
          runningVariance,
          y,
          channels,
          area,
          groups,
          samples,
          node.epsilon,
          node.momentum ?? defaultMomentum,
        );
        return;
      }
      for (let c = 0; c < channels; c++) {
        const factor = scale === 0 ? 1 : floats[scale / 4 + c]!;
        floats[first / 4 + c] = -floats[runningMean / 4 + c]!;
        floats[second / 4 + c] = factor / Math.sqrt(floats[runningVariance / 4 + c]! + node.epsilon);
        floats[third / 4 + c] = shift === 0 ? 0 : floats[shift / 4 + c]!;
      }
      kernels.affine(x, first, second, third, y, channels, area, groups);
    },
    backward({ kernels }, { samples, groups }, gradient, [target]) {
      const { at, added } = target!;
      kernels.batchnorm_backward(
        x,
        gradient,
        scale,
        first,
        second,
        byScale,
        byShift,
        at,
        added,
        channels,
        area,
        groups,
        samples,
      );
    },
  };
}
