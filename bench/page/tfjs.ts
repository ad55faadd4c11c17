/** TensorFlow.js on the same work: data resident, no read-back but the losses of many points at once. */
import * as tf from '@tensorflow/tfjs-core';
import type { Problem } from '../../src/engine/engine.js';
import { elements } from '../../src/model/graph.js';
import type { Way } from '../measurement.js';
import { type Layer, layersOf, type LinearLayer, oneHot, transposed } from './layers.js';

export type TfBackend = 'wasm' | 'webgpu';

/** Chooses the backend, on the CPU with SIMD and so many threads; gives its description. */
export async function openTf(backend: TfBackend, threads: number): Promise<string> {
  if (backend === 'webgpu') await import('@tensorflow/tfjs-backend-webgpu');
  else {
    const wasm = await import('@tensorflow/tfjs-backend-wasm');
    const [plain, simd, threaded] = await Promise.all([
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
      import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
    ]);
    wasm.setWasmPaths({
      'tfjs-backend-wasm.wasm': plain.default,
      'tfjs-backend-wasm-simd.wasm': simd.default,
      'tfjs-backend-wasm-threaded-simd.wasm': threaded.default,
    });
    wasm.setThreadsCount(threads);
  }
  if (!(await tf.setBackend(backend))) throw new Error(`TF.js has no backend ${backend} here`);
  await tf.ready();
  if (backend === 'webgpu') return 'the same adapter';
  const [simd, threaded] = await Promise.all([
    tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'),
    tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT'),
  ]);
  const count = threaded ? threads : 1;
  return `${simd ? 'SIMD' : 'no SIMD'}, ${count} ${count === 1 ? 'thread' : 'threads'}`;
}

/** Losses that are read back together. */
const CHUNK = 64;

/** A linear layer's tensors. */
interface Resident {
  readonly base: tf.Tensor;
  readonly d1: tf.Tensor;
  readonly d2: tf.Tensor;
  /** `[3, elements]`: all three at once, for one product with (1, α, β). */
  readonly stacked: tf.Tensor;
  readonly bias: tf.Tensor;
  readonly shape: readonly number[];
}

/** Makes W + α·D1 + β·D2 of a layer. */
type Form = (layer: Resident, coordinates: Coordinates) => tf.Tensor;

interface Coordinates {
  readonly row: tf.Tensor;
  readonly a: tf.Tensor;
  readonly b: tf.Tensor;
}

/** Uploads the problem and gives the ways to compute it. */
export function tfWays(problem: Problem): Way[] {
  const layers = layersOf(problem);
  const { data, model } = problem;
  const classes = elements(model.shapes.at(-1)!);
  const [channels, height, width] = data.shape;
  // One channel: N,C,H,W and N,H,W,C are the same bytes.
  if (data.shape.length === 3 && channels !== 1) throw new Error('the benchmark has images of one channel');
  const shape = data.shape.length === 3 ? [height!, width!, 1] : data.shape;
  const inputs = tf.tensor(data.inputs, [data.samples, ...shape]);
  const truth = tf.tensor(oneHot(data.labels!, classes), [data.samples, classes]);
  const residents = layers.map((layer) => ('weights' in layer ? upload(layer) : null));

  const loss = (form: Form, a: number, b: number): tf.Tensor =>
    tf.tidy(() => {
      const coordinates = { row: tf.tensor([1, a, b], [1, 3]), a: tf.scalar(a), b: tf.scalar(b) };
      const values = new Map<number, tf.Tensor>([[0, inputs]]);
      let last = inputs;
      for (const [i, layer] of layers.entries()) {
        last = run(layer, residents[i]!, values, (resident) => form(resident, coordinates));
        values.set(layer.output, last);
      }
      return tf.mean(tf.sub(tf.logSumExp(last, [1]), tf.sum(tf.mul(last, truth), [1])));
    });

  const way = (name: string, form: Form): Way => ({
    name,
    async evaluate(a, b) {
      const result = new Float32Array(a.length);
      for (let first = 0; first < a.length; first += CHUNK) {
        const losses: tf.Tensor[] = [];
        for (let i = first; i < Math.min(a.length, first + CHUNK); i++) losses.push(loss(form, a[i]!, b[i]!));
        const all = tf.stack(losses);
        result.set(await all.data(), first);
        for (const tensor of [all, ...losses]) tensor.dispose();
      }
      return result;
    },
  });
  return [way('weights by products', byProduct), way('weights by sums', bySums)];
}

const byProduct: Form = ({ stacked, shape }, { row }) => tf.matMul(row, stacked).reshape(shape);
const bySums: Form = ({ base, d1, d2 }, { a, b }) => tf.add(tf.add(base, tf.mul(d1, a)), tf.mul(d2, b));

function run(
  layer: Layer,
  resident: Resident,
  values: ReadonlyMap<number, tf.Tensor>,
  form: (resident: Resident) => tf.Tensor,
): tf.Tensor {
  const x = values.get(layer.inputs[0]!)!;
  const activation = layer.relu ? 'relu' : 'linear';
  switch (layer.kind) {
    case 'dense':
      return tf.fused.matMul({ a: x, b: form(resident), bias: resident.bias, activation });
    case 'conv': {
      const { stride: strides, padding: pad } = layer;
      const filter = form(resident);
      const { bias } = resident;
      return tf.fused.conv2d({ x, filter, strides, pad, dimRoundingMode: 'floor', bias, activation });
    }
    case 'add': {
      const sum = tf.add(x, values.get(layer.inputs[1]!)!);
      return layer.relu ? tf.relu(sum) : sum;
    }
    case 'mean':
      return tf.mean(x, [1, 2]);
  }
}

/** Weights as TF.js likes them: dense `[in, out]`, filters `[kh, kw, in, out]`. */
function upload({ weights, shape, bias }: LinearLayer): Resident {
  const [outputs, ...rest] = shape as [number, ...number[]];
  const [inputs, height, width] = rest as [number, number?, number?];
  const turned = weights.map((values) => {
    const channelsLast = height === undefined ? values : filterRows(values, outputs, inputs, height * width!);
    return transposed(channelsLast, outputs, values.length / outputs);
  }) as [Float32Array, Float32Array, Float32Array];
  const target = height === undefined ? [inputs, outputs] : [height, width!, inputs, outputs];
  const size = turned[0].length;
  const stacked = new Float32Array(3 * size);
  turned.forEach((values, i) => stacked.set(values, i * size));
  const [base, d1, d2] = turned.map((values) => tf.tensor(values, target)) as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
  return { base, d1, d2, stacked: tf.tensor(stacked, [3, size]), bias: tf.tensor(bias), shape: target };
}

/** `[out, in, area]` → `[out, area, in]`. */
function filterRows(values: Float32Array, outputs: number, inputs: number, area: number): Float32Array {
  const result = new Float32Array(values.length);
  const size = inputs * area;
  for (let o = 0; o < outputs; o++) {
    result.set(transposed(values.subarray(o * size, (o + 1) * size), inputs, area), o * size);
  }
  return result;
}
