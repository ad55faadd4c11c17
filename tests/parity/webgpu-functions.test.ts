import { beforeAll, describe, expect, it } from 'vitest';
import { assemble, shaderText } from '../../src/engine/webgpu/assemble.js';
import { compile } from '../../src/engine/webgpu/pipelines.js';
import { activations } from '../../src/model/activations.js';
import type { ActivationName } from '../../src/model/graph.js';
import { logistic, normalDistribution } from '../../src/math/special.js';
import { expectClose, type Tolerance } from '../helpers/compare.js';
import { inScopes, openDevice, requireGpu } from '../helpers/gpu.js';

/** Applies a shared function of vec4f, and of what `others` says after it, to every x. */
async function apply(
  device: GPUDevice,
  file: string,
  call: string,
  x: Float32Array<ArrayBuffer>,
  others = '',
) {
  const stage = `#import ${file}
@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> output: array<vec4f>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x < arrayLength(&source)) {
    output[id.x] = ${call}(source[id.x]${others});
  }
}`;
  const code = assemble('stage', [], {}, (name) => (name === 'stage' ? stage : shaderText(name)));
  const module = await compile(device, call, code);
  return inScopes(device, async () => {
    const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module } });
    const source = device.createBuffer({ size: x.byteLength, usage: 128 | 8 });
    const output = device.createBuffer({ size: x.byteLength, usage: 128 | 4 });
    const staging = device.createBuffer({ size: x.byteLength, usage: 1 | 8 });
    device.queue.writeBuffer(source, 0, x);
    const entries = [source, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(Math.ceil(x.length / 256));
    pass.end();
    encoder.copyBufferToBuffer(output, 0, staging, 0, x.byteLength);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(1);
    return Float64Array.from(new Float32Array(staging.getMappedRange()));
  });
}

/** Equally spaced float32 numbers, a multiple of 4 of them, with finer steps towards 0. */
function range(from: number, to: number): Float32Array<ArrayBuffer> {
  const count = 20_000;
  const even = Float32Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
  const near = even.map((x, i) => x * 10 ** (-6 * (i / count)));
  const all = new Float32Array(2 * count);
  all.set(even);
  all.set(near, count);
  return all;
}

const gelu = (x: number): number => x * normalDistribution(x);

const functions: readonly (readonly [
  call: string,
  file: string,
  range: readonly [number, number],
  truth: (x: number) => number,
  tolerance: Tolerance,
])[] = [
  ['exponential', 'exponential', [-87, 88], Math.exp, { relative: 2e-7, absolute: 0 }],
  ['expm1_negative', 'exponential', [-87, 0], Math.expm1, { relative: 4e-7, absolute: 0 }],
  ['log1p_positive', 'exponential', [0, 3], Math.log1p, { relative: 5e-7, absolute: 0 }],
  ['log1p_positive', 'exponential', [0, 3e38], Math.log1p, { relative: 5e-7, absolute: 0 }],
  ['hyperbolic_tangent', 'sigmoid', [-1, 1], Math.tanh, { relative: 4e-7, absolute: 0 }],
  ['hyperbolic_tangent', 'sigmoid', [-200, 200], Math.tanh, { relative: 4e-7, absolute: 0 }],
  ['logistic', 'sigmoid', [-86, 86], logistic, { relative: 4e-7, absolute: 0 }],
  ['gelu_erf', 'gelu', [-2, 2], gelu, { relative: 0, absolute: 6e-7 }],
  ['gelu_erf', 'gelu', [-20, 0], gelu, { relative: 0, absolute: 6e-7 }],
  ['gelu_erf', 'gelu', [0, 20], gelu, { relative: 3e-7, absolute: 0 }],
];

describe('webgpu', () => {
  let device: GPUDevice;
  let check: () => void;
  beforeAll(async () => {
    ({ device, check } = await openDevice(await requireGpu()));
    return () => device.destroy();
  });

  for (const [call, file, [from, to], truth, tolerance] of functions) {
    const { relative, absolute } = tolerance;
    const bound = relative > 0 ? `${relative} relative` : `${absolute} absolute`;
    it(`${call} is within ${bound} of float64 on [${from}, ${to}]`, async () => {
      const x = range(from, to);
      const actual = await apply(device, file, call, x);
      const expected = Float64Array.from(x, truth);
      expectClose(actual, expected, tolerance, call);
      // The twin: numbers off by a ten-thousandth.
      const off = await apply(
        device,
        file,
        call,
        x.map((value) => value * 1.0001),
      );
      expect(() => expectClose(off, expected, tolerance)).toThrow('elements differ');
      check();
    });
  }

  /** In each of a vector's four places in turn. */
  const extremes = [0, -0, Infinity, -Infinity, NaN, 3e38, -3e38, NaN];
  const limits = Float32Array.from({ length: 32 }, (_, i) => extremes[(i + Math.floor(i / 8)) % 8]!);
  // The last of them with its sign bit set, as x86 makes it.
  for (const [i, x] of limits.entries()) {
    if (Number.isNaN(x) && i % 8 > 4) new Uint32Array(limits.buffer)[i] = 0xffc00000;
  }

  const names = Object.keys(activations) as ActivationName[];
  it.each(names)('%s has the limits of the reference at ±0, ±∞, NaN and the largest numbers', async (fn) => {
    const slope = 0.5;
    const actual = await apply(device, `activation_${fn}`, 'activate', limits, `, ${slope}`);
    const truth = Float32Array.from(limits, (x) => activations[fn].value(x, slope));
    expect(Array.from(actual, Math.abs)).toEqual(Array.from(truth, Math.abs));
    check();
  });
});
