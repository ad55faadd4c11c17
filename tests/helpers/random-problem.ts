import type { Direction, Problem } from '../../src/engine/engine.js';
import { normals } from '../../src/math/normal.js';
import { buildModel } from '../../src/model/build.js';
import type { Dataset, LossName } from '../../src/model/data.js';
import { elements, type Model, type Node, type Parameter, type Shape } from '../../src/model/graph.js';

/** What a random problem is made of; numbers follow from `seed` alone. */
export interface Sketch {
  readonly input: Shape;
  readonly nodes: readonly Node[];
  /** Shapes of the parameters that the nodes name. */
  readonly parameters: Readonly<Record<string, Shape>>;
  readonly samples: number;
  readonly loss?: LossName;
  /** Real targets instead of labels. */
  readonly targets?: boolean;
  /** Which parameters the directions move; by default all but running statistics. */
  readonly moves?: (name: string) => boolean;
  readonly seed?: number;
}

const isStatistic = (name: string): boolean => /running_(mean|var)$/.test(name);

/** A problem with parameters, directions and data of the sizes that training gives. */
export function randomProblem(sketch: Sketch): Problem {
  const { seed = 1, loss = 'ce', samples, input, nodes } = sketch;
  let stream = 0;
  const draw = (count: number): Float32Array => normals([seed, 0], [++stream, 0, 0], count);
  const parameters: Parameter[] = Object.entries(sketch.parameters).map(([name, shape]) => ({
    name,
    shape,
    data: draw(elements(shape)).map((z) => start(name, shape, z)),
    kind: isStatistic(name) ? 'statistic' : 'weight',
  }));
  const model = buildModel('random', input, nodes, parameters);
  const moves = sketch.moves ?? ((name) => !isStatistic(name));
  const direction = (): Direction =>
    new Map(
      parameters
        .filter(({ name }) => moves(name))
        // A running variance has to stay positive.
        .map(({ name, data }) => [
          name,
          draw(data.length).map(
            (z, i) => (isStatistic(name) ? 0.1 * Math.tanh(z) : 0.5 * z) * Math.abs(data[i]!),
          ),
        ]),
    );
  const [d1, d2] = [direction(), direction()];
  return { model, d1, d2, data: randomData(model, samples, draw, loss, sketch.targets === true), loss };
}

function start(name: string, shape: Shape, z: number): number {
  if (name.endsWith('running_var')) return 0.5 + z * z;
  // γ of a normalisation is the one weight with a single axis.
  if (name.endsWith('.weight') && shape.length === 1) return 1 + 0.2 * z;
  return shape.length > 1 ? (1.5 * z) / Math.sqrt(elements(shape.slice(1))) : 0.3 * z;
}

function randomData(
  model: Model,
  samples: number,
  draw: (count: number) => Float32Array,
  loss: LossName,
  real: boolean,
): Dataset {
  const shape = model.shapes[0]!;
  const outputs = elements(model.shapes.at(-1)!);
  const inputs = draw(samples * elements(shape));
  // One output answers yes or no, unless it is the only class.
  const classes = outputs === 1 && loss !== 'ce' ? 2 : outputs;
  const labels = Int32Array.from(draw(samples), (z) => Math.floor(Math.abs(z) * 1000) % classes);
  return {
    name: 'random',
    samples,
    shape,
    inputs,
    labels: real ? null : labels,
    targets: real ? draw(samples * outputs) : null,
  };
}
