/** What the engines that train are compared on. */
import type { TrainingProblem, TrainingSession, Vector } from '../../src/engine/training.js';
import { normals } from '../../src/math/normal.js';
import { buildModel } from '../../src/model/build.js';
import type { LossName } from '../../src/model/data.js';
import { elements, type Model, type Node } from '../../src/model/graph.js';
import { constantSchedule } from '../../src/train/schedule.js';
import type { TrainingPlan } from '../../src/train/trainer.js';
import { loadOpCase } from './op-cases.js';

/** Adam in small batches. */
export const adamPlan: TrainingPlan = {
  optimizer: 'adam',
  options: {},
  learningRate: 0.01,
  schedule: constantSchedule,
  batch: 16,
  seed: 3,
  order: null,
};

const draw = (stream: number, count: number): Float32Array => normals([5, 0], [stream, 0, 0], count);

/** An op's case behind a layer with weights, whose gradient is made of that by the op's input. */
export function behindWeights(name: string): Model {
  const { model } = loadOpCase(name);
  const shape = model.shapes[0]!;
  const width = shape[0]!;
  const isVector = shape.length === 1;
  const first: Node = isVector
    ? { op: 'dense', name: 'before', inputs: [0], weight: 'w', bias: 'b' }
    : {
        op: 'conv2d',
        name: 'before',
        inputs: [0],
        weight: 'w',
        bias: 'b',
        stride: [1, 1],
        padding: [0, 0, 0, 0],
        dilation: [1, 1],
        groups: 1,
      };
  const nodes = model.nodes.map((node) => ({ ...node, inputs: node.inputs.map((value) => value + 1) }));
  const weight = draw(1, width * width).map((z) => z / Math.sqrt(width));
  return buildModel(
    name,
    shape,
    [first, ...nodes],
    [
      { name: 'w', shape: isVector ? [width, width] : [width, width, 1, 1], data: weight, kind: 'weight' },
      { name: 'b', shape: [width], data: draw(2, width), kind: 'weight' },
      ...model.parameters.values(),
    ],
  );
}

/** Random data for a model; labels for cross-entropy, real targets otherwise. */
export function randomTraining(model: Model, loss: LossName, samples: number): TrainingProblem {
  const shape = model.shapes[0]!;
  const outputs = elements(model.shapes.at(-1)!);
  const labels = loss === 'ce' ? Int32Array.from({ length: samples }, (_, i) => (i * 3) % outputs) : null;
  const real = draw(3, samples * outputs);
  const targets = loss === 'bce' ? real.map((z) => 1 / (1 + Math.exp(z))) : real;
  const data = {
    name: 'random',
    samples,
    shape,
    inputs: draw(4, samples * elements(shape)),
    labels,
    targets: labels === null ? targets : null,
  };
  return { model, loss, data };
}

/** √Σx², of vectors too long to be a call's arguments. */
export function norm(x: Vector): number {
  let sum = 0;
  for (const value of x) sum += value * value;
  return Math.sqrt(sum);
}

/** ‖actual − expected‖ of every weight, relative to its norm or to a tenth of the whole gradient's, whichever is larger. */
export function gradientErrors(
  { places }: TrainingSession,
  actual: Vector,
  expected: Vector,
): Map<string, number> {
  const whole = norm(expected);
  const errors = places
    .filter(({ kind }) => kind === 'weight')
    .map(({ name, offset, length }) => {
      const truth = expected.subarray(offset, offset + length);
      const error = norm(truth.map((g, i) => g - actual[offset + i]!));
      return [name, error / Math.max(norm(truth), whole / 10)] as const;
    });
  return new Map(errors);
}

/** The largest of them, NaN if one is. */
export const worst = (errors: ReadonlyMap<string, number>): number => Math.max(...errors.values());
