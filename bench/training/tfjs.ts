/** TensorFlow.js on the training that is timed: its own optimizer, everything resident. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import * as tf from '@tensorflow/tfjs-core';
import { benchCase, caseProblem } from '../../src/cli/bench-cases.js';
import { layersOf, oneHot, transposed } from '../page/layers.js';
import { BATCH, batches, RATE, type Stepper, trainingProblem } from './work.js';

/** The two ways to write a layer and the loss. */
export function tfSteppers(): Stepper[] {
  return [false, true].flatMap((fused) => [false, true].map((ownLoss) => stepper(fused, ownLoss)));
}

function stepper(fused: boolean, ownLoss: boolean): Stepper {
  const problem = trainingProblem();
  const { data } = problem;
  const width = data.shape[0]!;
  const layers = layersOf(caseProblem(benchCase('b'))).filter((layer) => 'weights' in layer);
  const classes = layers.at(-1)!.bias.length;
  const variables = layers.map(({ weights: [values], shape, bias }) => {
    const [outputs, inputs] = shape as [number, number];
    const start = tf.tensor(transposed(values, outputs, inputs), [inputs, outputs]);
    const startBias = tf.tensor(bias, [outputs]);
    return { w: tf.variable(start), b: tf.variable(startBias), start, startBias };
  });
  const hot = oneHot(data.labels!, classes);
  const parts = Array.from({ length: batches(problem) }, (_, k) => ({
    x: tf.tensor(data.inputs.slice(k * BATCH * width, (k + 1) * BATCH * width), [BATCH, width]),
    y: tf.tensor(hot.slice(k * BATCH * classes, (k + 1) * BATCH * classes), [BATCH, classes]),
  }));
  const optimizer = tf.train.sgd(RATE);
  let next = 0;
  const step = (): tf.Tensor => {
    const { x, y } = parts[next++ % parts.length]!;
    const loss = optimizer.minimize(() => {
      let h: tf.Tensor = x;
      for (const [i, { w, b }] of variables.entries()) {
        const activation = layers[i]!.relu ? 'relu' : 'linear';
        if (fused) h = tf.fused.matMul({ a: h, b: w, bias: b, activation });
        else {
          const sum = tf.add(tf.matMul(h, w), b);
          h = activation === 'relu' ? tf.relu(sum) : sum;
        }
      }
      if (ownLoss) return tf.mean(tf.sub(tf.logSumExp(h, [1]), tf.sum(tf.mul(h, y), [1])));
      return tf.losses.softmaxCrossEntropy(y, h);
    }, true);
    return loss!;
  };
  return {
    name: `${fused ? 'fused layers' : 'plain layers'}, ${ownLoss ? 'logSumExp' : 'softmaxCrossEntropy'}`,
    async losses(steps) {
      for (const { w, b, start, startBias } of variables) {
        w.assign(start);
        b.assign(startBias);
      }
      next = 0;
      const found: number[] = [];
      for (let k = 0; k < steps; k++) {
        const loss = step();
        found.push((await loss.data())[0]!);
        loss.dispose();
      }
      return found;
    },
    async take(steps) {
      for (let k = 0; k < steps; k++) {
        const loss = step();
        // The last one waits for all before it.
        if (k + 1 === steps) await loss.data();
        loss.dispose();
      }
    },
  };
}
