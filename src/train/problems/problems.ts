/** Losses of two parameters, where the plane is the whole space: what optimizers are raced on. */
import { normals } from '../../math/normal.js';
import { parseFormula } from './formula.js';
import { evaluator } from './tape.js';

export const problemNames = [
  'product',
  'logistic',
  'valley',
  'saddle',
  'plateau',
  'rosenbrock',
  'himmelblau',
] as const;
export type ProblemName = (typeof problemNames)[number];

/** Ends of an axis of the picture. */
type Range = readonly [from: number, to: number];

export interface Problem {
  /** Writes L, ∂₁L, ∂₂L, ∂₁₁L, ∂₁₂L, ∂₂₂L at (w1, w2) to `out`, in float64. */
  readonly evaluate: (w1: number, w2: number, out: Float64Array) => void;
  readonly w1: Range;
  readonly w2: Range;
  /** Where runs begin unless someone says otherwise. */
  readonly start: readonly [w1: number, w2: number];
  /** Learning rate of plain gradient descent that shows something here. */
  readonly rate: number;
  /** How colours are spread; `floor` is the lowest value that a log scale shows. */
  readonly scale: { readonly kind: 'linear' } | { readonly kind: 'log'; readonly floor: number };
}

interface Described extends Omit<Problem, 'evaluate'> {
  readonly title: string;
  /** For people; where it is a formula that `parseFormula` reads, it is the definition. */
  readonly formula: string;
  /** What there is to see, one sentence. */
  readonly note: string;
  readonly evaluate?: Problem['evaluate'];
}

const linear = { kind: 'linear' } as const;

/** Samples of the logistic regression: two overlapping normal classes, so that the minimum is finite. */
const SAMPLES = 32;

function logisticRegression(): Problem['evaluate'] {
  const draws = normals([7, 0], [0, 0, 0], 2 * SAMPLES);
  const x = new Float64Array(2 * SAMPLES);
  // A label of −1 turns the sample around, which is all that labels do here.
  for (let i = 0; i < SAMPLES; i++) {
    const label = i % 2 === 0 ? 1 : -1;
    x[2 * i] = label * (draws[2 * i]! + label * 0.8);
    x[2 * i + 1] = label * (draws[2 * i + 1]! + label * 0.3);
  }
  return (w1, w2, out) => {
    out.fill(0);
    for (let i = 0; i < SAMPLES; i++) {
      const [x1, x2] = [x[2 * i]!, x[2 * i + 1]!];
      const margin = w1 * x1 + w2 * x2;
      // One exponential for all three, without overflow: σ(|m|), σ(−|m|) and log(1 + e^−m).
      const e = Math.exp(-Math.abs(margin));
      const large = 1 / (1 + e);
      const small = e * large;
      const wrong = margin < 0 ? large : small;
      const curve = small * large;
      out[0]! += Math.max(0, -margin) + Math.log1p(e);
      out[1]! -= wrong * x1;
      out[2]! -= wrong * x2;
      out[3]! += curve * x1 * x1;
      out[4]! += curve * x1 * x2;
      out[5]! += curve * x2 * x2;
    }
    for (let k = 0; k < out.length; k++) out[k]! /= SAMPLES;
  };
}

export const problems: Readonly<Record<ProblemName, Described>> = {
  product: {
    title: 'w1·w2·x',
    formula: '(w1*w2 - 1)^2',
    note: 'The smallest deep network, fitted to x = y = 1. A saddle at 0, minima along w1·w2 = 1; gradient flow keeps w1² − w2².',
    w1: [-2.2, 2.2],
    w2: [-2.2, 2.2],
    start: [-1.6, 0.9],
    rate: 0.02,
    scale: { kind: 'log', floor: 1e-3 },
  },
  logistic: {
    title: 'Logistic regression',
    formula: 'mean of log(1 + exp(-y (w1 x1 + w2 x2)))',
    note: 'Two features, no bias, 32 samples of two overlapping classes: convex, with one minimum.',
    w1: [-3, 5],
    w2: [-4, 4],
    start: [-2.4, 3.2],
    rate: 0.5,
    scale: { kind: 'log', floor: 0.3 },
    evaluate: logisticRegression(),
  },
  valley: {
    title: 'Narrow valley',
    formula: '(w1^2 + 25*w2^2) / 2',
    note: 'Curvatures 1 and 25: a learning rate above 2/25 = 0.08 overshoots across the valley, a small one crawls along it.',
    w1: [-2.2, 2.2],
    w2: [-2.2, 2.2],
    start: [-1.9, 1],
    rate: 0.07,
    scale: { kind: 'log', floor: 1e-3 },
  },
  saddle: {
    title: 'Saddle',
    formula: 'w1^2 - w2^2 + w2^4/2',
    note: 'A saddle at 0 between two minima at w2 = ±1. Starts near w2 = 0 stay at the saddle for long.',
    w1: [-2, 2],
    w2: [-2, 2],
    start: [-1.6, 0.001],
    rate: 0.05,
    scale: linear,
  },
  plateau: {
    title: 'Plateau',
    formula: '1 - exp(-(w1^2 + w2^2))',
    note: 'Flat far from the minimum: the gradient is nearly zero there, and what divides by its size moves on all the same.',
    w1: [-3, 3],
    w2: [-3, 3],
    start: [-1.8, 1],
    rate: 0.3,
    scale: linear,
  },
  rosenbrock: {
    title: 'Rosenbrock',
    formula: '(1 - w1)^2 + 100*(w2 - w1^2)^2',
    note: 'A bent valley; the minimum is at (1, 1). Rosenbrock 1960.',
    w1: [-2, 2],
    w2: [-1, 3],
    start: [-1.2, 1],
    rate: 0.001,
    scale: { kind: 'log', floor: 1e-2 },
  },
  himmelblau: {
    title: 'Himmelblau',
    formula: '(w1^2 + w2 - 11)^2 + (w1 + w2^2 - 7)^2',
    note: 'Four minima of the same loss 0: where a run ends depends on where it starts. Himmelblau 1972.',
    w1: [-6, 6],
    w2: [-6, 6],
    start: [-0.5, -1.5],
    rate: 0.01,
    scale: { kind: 'log', floor: 0.1 },
  },
};

/** A problem of the list. */
export function problemOf(name: ProblemName): Problem {
  const described = problems[name];
  return { ...described, evaluate: described.evaluate ?? evaluator(parseFormula(described.formula)) };
}

/** The loss that a formula says, between −range and range in both parameters. Throws FormulaError. */
export function formulaProblem(text: string, range: number): Problem {
  return {
    evaluate: evaluator(parseFormula(text)),
    w1: [-range, range],
    w2: [-range, range],
    start: [-0.75 * range, 0.5 * range],
    rate: 0.01,
    scale: linear,
  };
}
