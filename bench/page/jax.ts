/** jax-js on the same work: compiled by `jit`, data resident, losses of many points read back at once. */
import * as jax from '@jax-js/jax';
import type { Problem } from '../../src/engine/engine.js';
import { elements } from '../../src/model/graph.js';
import type { Way } from '../measurement.js';
import { type Layer, layersOf, oneHot, transposed } from './layers.js';

const { numpy: np, nn, lax } = jax;

export async function openJax(device: 'wasm' | 'webgpu'): Promise<string> {
  if (!(await jax.init(device)).includes(device)) throw new Error(`jax-js has no device ${device} here`);
  jax.defaultDevice(device);
  if (device === 'webgpu') return 'the same adapter';
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : navigator.hardwareConcurrency;
  return `${threads} threads`;
}

/** Losses that are read back together. */
const CHUNK = 64;
/** Points of one call of the vectorised way. */
const TOGETHER = 4;

type Arrays = jax.Array[];

/** Everything of a problem that stays on the device. */
interface Resident {
  readonly base: Arrays;
  readonly d1: Arrays;
  readonly d2: Arrays;
  readonly biases: Arrays;
  readonly inputs: jax.Array;
  readonly truth: jax.Array;
}

const again = (arrays: Arrays): Arrays => arrays.map((array) => array.ref);

/** Uploads the problem and gives the ways to compute it. */
export function jaxWays(problem: Problem): Way[] {
  return [false, true].flatMap((outputsFirst) => ways(problem, outputsFirst));
}

/** `outputsFirst`: dense weights as `[out, in]`, transposed when used, instead of `[in, out]`. */
function ways(problem: Problem, outputsFirst: boolean): Way[] {
  const layers = layersOf(problem);
  const { base, d1, d2, biases, inputs, truth } = upload(problem, layers, outputsFirst);

  const form = (a: jax.Array, b: jax.Array, w: Arrays, v1: Arrays, v2: Arrays): Arrays => {
    const formed = w.map((values, i) => values.add(v1[i]!.mul(a.ref)).add(v2[i]!.mul(b.ref)));
    a.dispose();
    b.dispose();
    return formed;
  };
  const loss = (weights: Arrays, bias: Arrays, x: jax.Array, y: jax.Array): jax.Array => {
    const logits = forward(layers, weights, bias, x, outputsFirst);
    return np.mean(nn.logsumexp(logits.ref, -1).sub(np.sum(logits.mul(y), -1)));
  };
  const at = (
    a: jax.Array,
    b: jax.Array,
    w: Arrays,
    v1: Arrays,
    v2: Arrays,
    bias: Arrays,
    x: jax.Array,
    y: jax.Array,
  ): jax.Array => loss(form(a, b, w, v1, v2), bias, x, y);

  const formed = jax.jit(form);
  const lossOf = jax.jit(loss);
  const whole = jax.jit(at);
  const several = jax.jit(jax.vmap(at, [0, 0, null, null, null, null, null, null]));

  const one = (value: number): jax.Array => np.array([value], { shape: [] });
  const layout = outputsFirst ? 'out × in' : 'in × out';
  const single = (name: string, compute: (a: number, b: number) => jax.Array): Way => ({
    name: `${name}, ${layout}`,
    evaluate: (a, b) =>
      inChunks(a.length, CHUNK, (first, end) =>
        np.stack(Array.from({ length: end - first }, (_, i) => compute(a[first + i]!, b[first + i]!))),
      ),
  });
  return [
    single('weights first', (a, b) =>
      lossOf(formed(one(a), one(b), again(base), again(d1), again(d2)), again(biases), inputs.ref, truth.ref),
    ),
    single('all in one', (a, b) =>
      whole(one(a), one(b), again(base), again(d1), again(d2), again(biases), inputs.ref, truth.ref),
    ),
    {
      name: `vmap over ${TOGETHER} points, ${layout}`,
      evaluate: (a, b) =>
        inChunks(a.length, TOGETHER, (first) => {
          // Always as many, so that there is one compiled kernel; what is too much is dropped.
          const take = (values: Float64Array): jax.Array =>
            np.array(Float32Array.from({ length: TOGETHER }, (_, i) => values[first + i] ?? 0));
          const arrays = [again(base), again(d1), again(d2), again(biases)] as const;
          return several(take(a), take(b), ...arrays, inputs.ref, truth.ref);
        }),
    },
  ];
}

async function inChunks(
  count: number,
  size: number,
  compute: (first: number, end: number) => jax.Array,
): Promise<Float32Array> {
  const result = new Float32Array(count);
  for (let first = 0; first < count; first += size) {
    const end = Math.min(count, first + size);
    const losses = await compute(first, end).data();
    result.set(losses.subarray(0, end - first), first);
  }
  return result;
}

function upload(problem: Problem, layers: readonly Layer[], outputsFirst: boolean): Resident {
  const { data, model } = problem;
  const linear = layers.filter((layer) => 'weights' in layer);
  const arrays = (which: 0 | 1 | 2): Arrays =>
    linear.map(({ kind, weights, shape }) => {
      const [outputs, inputs] = shape as [number, number];
      if (kind === 'conv' || outputsFirst) return np.array(weights[which], { shape });
      return np.array(transposed(weights[which], outputs, inputs), { shape: [inputs, outputs] });
    });
  const classes = elements(model.shapes.at(-1)!);
  return {
    base: arrays(0),
    d1: arrays(1),
    d2: arrays(2),
    biases: linear.map(({ kind, bias }) =>
      np.array(bias, { shape: kind === 'conv' ? [bias.length, 1, 1] : [bias.length] }),
    ),
    inputs: np.array(data.inputs, { shape: [data.samples, ...data.shape] }),
    truth: np.array(oneHot(data.labels!, classes), { shape: [data.samples, classes] }),
  };
}

/** Takes one count of every array it is given. */
function forward(
  layers: readonly Layer[],
  weights: Arrays,
  biases: Arrays,
  inputs: jax.Array,
  outputsFirst: boolean,
): jax.Array {
  const uses = new Map<number, number>();
  for (const layer of layers) {
    for (const input of layer.inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  }
  const values = new Map([[0, inputs]]);
  const take = (value: number): jax.Array => {
    const left = uses.get(value)! - 1;
    uses.set(value, left);
    const array = values.get(value)!;
    return left > 0 ? array.ref : array;
  };
  let next = 0;
  let last = inputs;
  for (const layer of layers) {
    const x = take(layer.inputs[0]!);
    let y: jax.Array;
    if (layer.kind === 'dense' || layer.kind === 'conv') {
      const [w, bias] = [weights[next]!, biases[next]!];
      next++;
      const strides = [layer.stride, layer.stride];
      const padding = Array(2).fill([layer.padding, layer.padding]);
      const product =
        layer.kind === 'conv'
          ? lax.conv(x, w, strides, padding)
          : np.matmul(x, outputsFirst ? np.transpose(w) : w);
      y = product.add(bias);
    } else y = layer.kind === 'add' ? x.add(take(layer.inputs[1]!)) : np.mean(x, [2, 3]);
    last = layer.relu ? nn.relu(y) : y;
    values.set(layer.output, last);
  }
  return last;
}
