/** New networks: an architecture with weights as an initialisation draws them. */
import { type Architecture, depthOf, draft } from './architecture.js';
import { buildModel } from './build.js';
import type { Model, Parameter, Shape } from './graph.js';
import { drawParameter, type InitialisationName } from './initialisations.js';

/** All that determines a network before its first step. Structured-cloneable. */
export interface Beginning {
  readonly architecture: Architecture;
  readonly initialisation: InitialisationName;
  /** 0 … 2⁵³ − 1. Equal names and shapes get equal weights, so networks with and without skips begin alike. */
  readonly seed: number;
}

/**
 * The network, untrained: weights and biases drawn (initialisations.ts), batchnorm's scale 1, shift 0, mean 0,
 * variance 1. Throws `RangeError` for numbers that make no network, `ModelError` for one that is too large.
 */
export function buildNetwork({ architecture, initialisation, seed }: Beginning): Model {
  check(architecture, seed);
  const { nodes, weights } = draft(architecture);
  const parameters: Parameter[] = [];
  const constant = (name: string | null, shape: Shape, value: number, kind: Parameter['kind']): void => {
    if (name === null) return;
    parameters.push({ name, shape, data: new Float32Array(shape[0]!).fill(value), kind });
  };
  // A batchnorm has as many channels as the layer before it has outputs.
  let channels: Shape = [];
  for (const node of nodes) {
    if (node.op === 'dense' || node.op === 'conv2d') {
      const shape = weights.get(node.weight)!;
      channels = shape.slice(0, 1);
      const draw = (name: string, bias: boolean): Float32Array =>
        drawParameter(initialisation, name, shape, seed, bias);
      parameters.push({ name: node.weight, shape, data: draw(node.weight, false), kind: 'weight' });
      if (node.bias !== null) {
        parameters.push({ name: node.bias, shape: channels, data: draw(node.bias, true), kind: 'weight' });
      }
    } else if (node.op === 'batchnorm') {
      constant(node.scale, channels, 1, 'weight');
      constant(node.shift, channels, 0, 'weight');
      constant(node.mean, channels, 0, 'statistic');
      constant(node.variance, channels, 1, 'statistic');
    }
  }
  return buildModel(titleOf(architecture), architecture.input, nodes, parameters);
}

/** e.g. `20 blocks of 2 with skips, batch norm`. */
export function titleOf({ kind, blocks, layers, skips, batchnorm }: Architecture): string {
  const what = kind === 'conv' ? 'Convolutions, ' : '';
  const counted = `${blocks} ${blocks === 1 ? 'block' : 'blocks'}${layers === 2 ? '' : ` of ${layers}`}`;
  return `${what}${counted} ${skips ? 'with' : 'without'} skips${batchnorm ? ', batch norm' : ''}`;
}

/** Deeper networks than anyone looks at; keeps a hostile file from drawing up millions of nodes. */
const MOST_DEPTH = 1000;

function check(architecture: Architecture, seed: number): void {
  const { kind, input, outputs, blocks, layers, width } = architecture;
  const counts = { outputs, blocks, layers, width };
  for (const [name, count] of Object.entries(counts)) {
    if (!Number.isSafeInteger(count) || count < (name === 'blocks' ? 0 : 1)) {
      throw new RangeError(`${name} is ${count} and should be a whole number of 1 or more`);
    }
  }
  if (depthOf(architecture) > MOST_DEPTH) {
    throw new RangeError(`${depthOf(architecture)} layers are more than ${MOST_DEPTH}`);
  }
  if (input.length !== (kind === 'mlp' ? 1 : 3)) {
    const wanted = kind === 'mlp' ? 'one axis of features' : 'channels, height and width';
    throw new RangeError(`a sample of the shape [${input.join(', ')}] does not have ${wanted}`);
  }
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new RangeError(`the seed ${seed} is no whole number from 0 to 2^53 - 1`);
  }
}
