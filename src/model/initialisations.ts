/**
 * How weights begin. Fan-in is the number of inputs that one output is summed from, fan-out that of the outputs that
 * one input goes into: for a weight `[out, in, …kernel]`, in · kernel and out · kernel elements.
 */
import { fnv1a32 } from '../math/hash.js';
import { normals, type Stream, uniforms } from '../math/normal.js';
import { elements, type Shape } from './graph.js';

export const initialisationNames = [
  'pytorch',
  'kaiming-uniform',
  'kaiming-normal',
  'xavier-uniform',
  'xavier-normal',
  'lecun-normal',
] as const;
export type InitialisationName = (typeof initialisationNames)[number];

interface Initialisation {
  readonly title: string;
  /** For the page: what a weight is drawn from; N(0, σ²) is the normal distribution, U(±b) spreads evenly. */
  readonly formula: string;
  readonly kind: 'normal' | 'uniform';
  /** σ of a normal distribution, b of a uniform one. */
  size(fanIn: number, fanOut: number): number;
  /** b of biases, drawn uniformly; they are zero without it. */
  biasSize?(fanIn: number): number;
}

/** He et al., *Delving Deep into Rectifiers* (2015): the gain √2 makes up for the half that ReLU cuts off. */
const he = 'He et al. 2015';
/** Glorot & Bengio, *Understanding the difficulty of training deep feedforward neural networks* (2010). */
const glorot = 'Glorot & Bengio 2010';

/** Every initialisation by name; those of `torch.nn.init` with its default arguments. */
export const initialisations: Readonly<Record<InitialisationName, Initialisation>> = {
  /** `nn.Linear` and `nn.Conv2d`: kaiming_uniform_ with a = √5, whose bound comes out as 1/√fan-in. */
  pytorch: {
    title: 'PyTorch’s default',
    formula: 'weights and biases U(±1/√fan-in)',
    kind: 'uniform',
    size: (fanIn) => 1 / Math.sqrt(fanIn),
    biasSize: (fanIn) => 1 / Math.sqrt(fanIn),
  },
  'kaiming-uniform': {
    title: 'Kaiming uniform',
    formula: `U(±√(6/fan-in)), biases 0 (${he})`,
    kind: 'uniform',
    size: (fanIn) => Math.sqrt(6 / fanIn),
  },
  'kaiming-normal': {
    title: 'Kaiming normal',
    formula: `N(0, 2/fan-in), biases 0 (${he})`,
    kind: 'normal',
    size: (fanIn) => Math.sqrt(2 / fanIn),
  },
  'xavier-uniform': {
    title: 'Xavier uniform',
    formula: `U(±√(6/(fan-in + fan-out))), biases 0 (${glorot})`,
    kind: 'uniform',
    size: (fanIn, fanOut) => Math.sqrt(6 / (fanIn + fanOut)),
  },
  'xavier-normal': {
    title: 'Xavier normal',
    formula: `N(0, 2/(fan-in + fan-out)), biases 0 (${glorot})`,
    kind: 'normal',
    size: (fanIn, fanOut) => Math.sqrt(2 / (fanIn + fanOut)),
  },
  'lecun-normal': {
    title: 'LeCun normal',
    formula: 'N(0, 1/fan-in), biases 0 (LeCun et al. 1998)',
    kind: 'normal',
    size: (fanIn) => 1 / Math.sqrt(fanIn),
  },
};

/** Word 3 of the counter; directions have 0 there, the order of the samples 1. */
const WEIGHTS = 2;

/**
 * First numbers of the parameter `name`, float32, a pure function of its arguments: element i is word i of Philox
 * (see math/normal.ts) under the key (seed mod 2³², FNV-1a-32 of the name) and the counter (block, 0, ⌊seed / 2³²⌋, 2).
 * `weight` is the shape of the weight; `bias` asks for that of its bias, `[out]`, instead.
 */
export function drawParameter(
  initialisation: InitialisationName,
  name: string,
  weight: Shape,
  seed: number,
  bias = false,
): Float32Array {
  const { kind, size, biasSize } = initialisations[initialisation];
  const fanIn = elements(weight.slice(1));
  const fanOut = elements(weight) / weight[1]!;
  const key = [seed % 2 ** 32, fnv1a32(name)] as const;
  const stream: Stream = [0, Math.floor(seed / 2 ** 32), WEIGHTS];
  if (bias) {
    const count = weight[0]!;
    if (biasSize === undefined) return new Float32Array(count);
    const bound = biasSize(fanIn);
    return Float32Array.from(uniforms(key, stream, count), (u) => bound * u);
  }
  const scale = size(fanIn, fanOut);
  return kind === 'normal'
    ? normals(key, stream, elements(weight)).map((z) => scale * z)
    : Float32Array.from(uniforms(key, stream, elements(weight)), (u) => scale * u);
}
