/** Recipes of the stages that work element by element. */
import type { GatherStep, MeanStep, MultiplyStep, PointwiseStep, PoolStep, Triple } from './program.js';
import { flatOf, packer, residualOf, windowFields, type Place, type Recipe } from './recipe.js';
import { gatherShape, meanShape, multiplyShape, pointwiseShape, poolShape } from './stages.js';

/** Bits of −∞, which WGSL cannot spell. */
const MINUS_INFINITY_BITS = 0xff800000;

export function pointwiseRecipe(place: Place, step: PointwiseStep): Recipe {
  const { plane, channel, scale, slope } = step;
  const residual = residualOf(place, step);
  const [factor, offset] = scale ?? [1, 0];
  const channels = { channel: channel ?? 0, channels: place.program.channelCount };
  const { buffers, fields, workgroups } = flatOf(place, step, place.program.sizes[step.output]!);
  const [source, output] = buffers;
  return {
    stage: 'pointwise',
    constants: {
      RESIDUAL: residual.constant,
      AFFINE: channel === null ? 0 : 1,
      SCALE: scale === null ? 0 : 1,
    },
    choices: { activation: step.activation },
    buffers: [place.arena.affine, source, residual.buffer, output],
    pack: packer(pointwiseShape, (e) => ({
      ...fields(e),
      ...residual.fields(e),
      ...channels,
      plane,
      slope,
      factor,
      offset,
    })),
    workgroups,
  };
}

export function poolRecipe(place: Place, step: PoolStep): Recipe {
  const { node, windows } = step;
  const { fields, ...flat } = flatOf(place, step, place.program.sizes[step.output]!);
  const [, , bottom, right] = node.padding;
  return {
    stage: 'pool',
    constants: { MAXIMUM: node.mode === 'max' ? 1 : 0, COUNT_PADDING: node.countPadding ? 1 : 0 },
    choices: {},
    ...flat,
    pack: packer(poolShape, (e) => ({
      ...fields(e),
      ...windowFields(windows),
      out_height: windows.output[0],
      out_width: windows.output[1],
      pad_bottom: bottom,
      pad_right: right,
      minus_infinity_bits: MINUS_INFINITY_BITS,
    })),
  };
}

export function meanRecipe(place: Place, step: MeanStep): Recipe {
  const { kept, summed } = step;
  const { fields, ...flat } = flatOf(place, step, place.program.sizes[step.output]!);
  const size = kept.map((n, axis) => n * summed[axis]!);
  return {
    stage: 'mean',
    constants: {},
    choices: {},
    ...flat,
    pack: packer(meanShape, (e) => ({
      ...fields(e),
      ...named('kept', kept),
      ...named('sum', summed),
      stride_0: size[1]! * size[2]!,
      stride_1: size[2]!,
    })),
  };
}

export function gatherRecipe(place: Place, step: GatherStep): Recipe {
  const { size, outputSize, first, fill } = step;
  const { fields, ...flat } = flatOf(place, step, size[0] * size[1] * size[2]);
  return {
    stage: 'gather',
    constants: {},
    choices: {},
    ...flat,
    pack: packer(gatherShape, (e) => ({
      ...fields(e),
      ...named('size', size),
      ...named('start', step.start),
      ...named('step', step.step),
      ...named('source_size', step.sourceSize),
      out_first: first,
      out_size_1: outputSize[1],
      out_size_2: outputSize[2],
      fill,
    })),
  };
}

export function multiplyRecipe(place: Place, step: MultiplyStep): Recipe {
  const residual = residualOf(place, step);
  const { buffers, fields, workgroups } = flatOf(place, step, place.program.sizes[step.output]!);
  const [source, output] = buffers;
  return {
    stage: 'multiply',
    constants: {},
    choices: {},
    buffers: [source, residual.buffer, output],
    pack: packer(multiplyShape, (e) => ({
      ...fields(e),
      ...residual.fields(e),
      ...named('size', step.size),
      ...named('one', step.sourceStride),
      ...named('other', step.residualStride),
    })),
    workgroups,
  };
}

/** Three values as fields `prefix_0` to `prefix_2`. */
export function named<P extends string>(prefix: P, [a, b, c]: Triple) {
  return { [`${prefix}_0`]: a, [`${prefix}_1`]: b, [`${prefix}_2`]: c } as Record<
    `${P}_${0 | 1 | 2}`,
    number
  >;
}
