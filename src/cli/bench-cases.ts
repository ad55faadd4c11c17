/**
 * The five pieces of work that are timed, here and in alternatives. Weights, data and directions are random
 * but the same everywhere: Gaussian draws by name, as directions are. No Node, so that pages can import it.
 */
import type { Direction, Problem } from '../engine/engine.js';
import { drawDirection } from '../landscape/directions.js';
import type { Grid } from '../landscape/grid.js';
import { fnv1a32 } from '../math/hash.js';
import { normals } from '../math/normal.js';
import { buildModel } from '../model/build.js';
import type { Dataset } from '../model/data.js';
import { elements, type Model, type Parameter, type Shape } from '../model/graph.js';
import { presetModel } from '../model/presets.js';
import { Wiring } from '../model/wiring.js';

export const caseNames = ['a', 'b', 'c', 'd', 'e'] as const;
export type CaseName = (typeof caseNames)[number];

export interface BenchCase {
  readonly name: CaseName;
  /** For tables, e.g. `MLP 784-128-128-10, 1,000 samples, 101²`. */
  readonly title: string;
  readonly model: Model;
  readonly samples: number;
  /** Points along each side of its grid, from −1 to 1. */
  readonly side: number;
}

/** Shapes by parameter name. */
type Shapes = Iterable<readonly [name: string, shape: Shape]>;

interface Recipe {
  readonly title: string;
  readonly samples: number;
  readonly side: number;
  make(): Model;
}

const recipes: Readonly<Record<CaseName, Recipe>> = {
  a: { title: 'MLP 784-128-128-10', samples: 1000, side: 101, make: () => mlp([784, 128, 128, 10]) },
  b: { title: 'MLP 64-64-64-64-10', samples: 1797, side: 256, make: () => mlp([64, 64, 64, 64, 10]) },
  c: { title: 'ResNet-20', samples: 100, side: 7, make: () => randomPreset('resnet20-fashion', resnet20()) },
  d: {
    title: '20 residual blocks, batch norm',
    samples: 1400,
    side: 51,
    make: () => randomPreset('bnmlp20-residual', bnmlp20()),
  },
  e: { title: 'MLP 2-32-32-2', samples: 1000, side: 256, make: () => mlp([2, 32, 32, 2]) },
};

/** Part of every key, so that no draw coincides with a direction's. */
const SEED = 1;
/** Streams: 0 and 1 are the directions'. */
const WEIGHTS = 2;
const INPUTS = 3;

export function benchCase(name: CaseName): BenchCase {
  const { title, samples, side, make } = recipes[name];
  const full = `${title}, ${samples.toLocaleString('en-US')} samples, ${side}²`;
  return { name, title: full, model: make(), samples, side };
}

/** The case's whole grid. */
export function caseGrid({ side }: Pick<BenchCase, 'side'>): Grid {
  const axis = { from: -1, to: 1, count: side };
  return { columns: axis, rows: axis };
}

/** Random data and filter-normalised directions for it; cross-entropy, labels 0, 1, … in turn. */
export function caseProblem({ name, model, samples }: BenchCase): Problem {
  const direction = (index: 0 | 1): Direction =>
    drawDirection(model, { seed: SEED, index, normalise: 'filter', bias: 'ignore' });
  const shape = model.shapes[0]!;
  const classes = elements(model.shapes.at(-1)!);
  const data: Dataset = {
    name: `case ${name}`,
    samples,
    shape,
    inputs: draw('inputs', INPUTS, samples * elements(shape)),
    labels: Int32Array.from({ length: samples }, (_, i) => i % classes),
    targets: null,
  };
  return { model, d1: direction(0), d2: direction(1), data, loss: 'ce' };
}

function draw(name: string, stream: number, count: number): Float32Array {
  return normals([SEED, fnv1a32(name)], [stream, 0, 0], count);
}

/** Dense layers with biases and relu between them. */
function mlp(widths: readonly number[]): Model {
  const net = new Wiring();
  const shapes: (readonly [string, Shape])[] = [];
  let value = 0;
  for (const [i, width] of widths.slice(1).entries()) {
    const name = `layers.${i}`;
    shapes.push([`${name}.weight`, [width, widths[i]!]], [`${name}.bias`, [width]]);
    value = net.dense(name, value, true);
    if (i + 2 < widths.length) value = net.activation(`${name}.relu`, value, 'relu');
  }
  const parameters = shapes.map(([name, shape]): Parameter => {
    return { name, shape, data: randomParameter(name, shape), kind: 'weight' };
  });
  return buildModel(`mlp-${widths.join('-')}`, [widths[0]!], net.nodes, parameters);
}

function randomPreset(name: string, shapes: Shapes): Model {
  const tensors = [...shapes].map(
    ([key, shape]) => [key, { shape, data: randomParameter(key, shape) }] as const,
  );
  return presetModel(name, new Map(tensors));
}

/**
 * He's Gaussian for weights (variance 2 / inputs), batch norms near the identity, the last one of a residual
 * block scaled down so that twenty blocks neither explode nor vanish.
 */
function randomParameter(name: string, shape: Shape): Float32Array {
  const z = draw(name, WEIGHTS, elements(shape));
  if (shape.length > 1) return z.map((x) => x * Math.sqrt(2 / (z.length / shape[0]!)));
  if (name.endsWith('running_var')) return z.map((x) => Math.exp(0.2 * x));
  if (/bn2?\.weight$|bn1\.weight$|short\.1\.weight$/.test(name)) {
    const scale = name.endsWith('bn2.weight') ? 0.3 : 1;
    return z.map((x) => scale * (1 + 0.1 * x));
  }
  return z.map((x) => 0.1 * x);
}

function* bnmlp20(): Shapes {
  yield ['stem.weight', [32, 64]];
  yield ['stem.bias', [32]];
  for (let i = 0; i < 20; i++) {
    for (const half of [1, 2]) {
      yield [`blocks.${i}.fc${half}.weight`, [32, 32]];
      yield* batchnorm(`blocks.${i}.bn${half}`, 32);
    }
  }
  yield ['head.weight', [10, 32]];
  yield ['head.bias', [10]];
}

function* resnet20(): Shapes {
  yield ['conv.weight', [16, 1, 3, 3]];
  yield* batchnorm('bn', 16);
  for (let i = 0; i < 9; i++) {
    const width = 16 * 2 ** Math.floor(i / 3);
    const halves = i === 3 || i === 6;
    const before = halves ? width / 2 : width;
    yield [`blocks.${i}.conv1.weight`, [width, before, 3, 3]];
    yield* batchnorm(`blocks.${i}.bn1`, width);
    yield [`blocks.${i}.conv2.weight`, [width, width, 3, 3]];
    yield* batchnorm(`blocks.${i}.bn2`, width);
    if (!halves) continue;
    yield [`blocks.${i}.short.0.weight`, [width, before, 1, 1]];
    yield* batchnorm(`blocks.${i}.short.1`, width);
  }
  yield ['fc.weight', [10, 64]];
  yield ['fc.bias', [10]];
}

function* batchnorm(name: string, channels: number): Shapes {
  for (const part of ['weight', 'bias', 'running_mean', 'running_var']) yield [`${name}.${part}`, [channels]];
}
