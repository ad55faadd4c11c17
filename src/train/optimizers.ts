/**
 * Optimizers exactly as `torch.optim` 1.13 defines them, on flat parameter vectors. One record per optimizer; what
 * PyTorch has switched off unless asked for (dampening, amsgrad, centred, lr_decay, initial accumulator) is not here.
 */

import type { Vector } from '../engine/training.js';

export const optimizerNames = ['gd', 'momentum', 'nesterov', 'adagrad', 'rmsprop', 'adam', 'adamw'] as const;
export type OptimizerName = (typeof optimizerNames)[number];

/** What an optimizer may read besides the learning rate; each uses those that its record lists. */
export interface OptimizerOptions {
  /** Factor of the velocity, from 0 to below 1. */
  readonly momentum: number;
  /** L2 penalty ½·λ‖x‖² added to the loss; in `adamw` the decoupled decay. */
  readonly weightDecay: number;
  /** Decay of Adam's first moment. */
  readonly beta1: number;
  /** Decay of Adam's second moment. */
  readonly beta2: number;
  /** Added to the root in the denominator. */
  readonly epsilon: number;
  /** Decay of RMSProp's mean of squares. */
  readonly alpha: number;
}

/** All that a step depends on besides its arguments; structured-cloneable, and a copy can be restored. */
export interface OptimizerState {
  /** Steps taken. */
  readonly steps: number;
  /** Velocity, means of squares and the like, each of the parameters' length. */
  readonly slots: readonly Vector[];
}

export interface Optimizer {
  readonly name: OptimizerName;
  readonly options: OptimizerOptions;
  /** One step in place: x ← x − learningRate · (what the optimizer makes of the gradient). */
  step(x: Vector, gradient: Vector, learningRate: number): void;
  /** As new. */
  reset(): void;
  /** A copy. */
  state(): OptimizerState;
  /** Goes on from a copy; throws `RangeError` when it is another optimizer's. */
  restore(state: OptimizerState): void;
}

/** One step number `steps` (from 1) on all elements. */
interface Update {
  readonly x: Vector;
  readonly gradient: Vector;
  readonly rate: number;
  readonly steps: number;
  readonly slots: readonly Vector[];
  readonly options: OptimizerOptions;
}

/** What is fixed for an optimizer. */
export interface OptimizerRecord {
  readonly title: string;
  /** PyTorch's; its SGD of version 1.13 has none, and that of version 2 is taken. */
  readonly learningRate: number;
  /** The options it reads, with their defaults. */
  readonly defaults: Partial<OptimizerOptions>;
  /** Vectors of state. */
  readonly slots: number;
  update(call: Update): void;
}

const sgd = { learningRate: 1e-3, slots: 1 } as const;
const adaptive = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** Every optimizer by name; defaults as in PyTorch, save the momentum of the two that have it in their name. */
export const optimizers: Readonly<Record<OptimizerName, OptimizerRecord>> = {
  gd: {
    ...sgd,
    title: 'Gradient descent',
    defaults: { weightDecay: 0 },
    slots: 0,
    update({ x, gradient, rate, options: { weightDecay } }) {
      for (let i = 0; i < x.length; i++) x[i]! -= rate * (gradient[i]! + weightDecay * x[i]!);
    },
  },

  momentum: {
    ...sgd,
    title: 'Momentum',
    defaults: { momentum: 0.9, weightDecay: 0 },
    update({ x, gradient, rate, slots, options: { momentum, weightDecay } }) {
      const velocity = slots[0]!;
      for (let i = 0; i < x.length; i++) {
        const g = gradient[i]! + weightDecay * x[i]!;
        velocity[i] = momentum * velocity[i]! + g;
        x[i]! -= rate * velocity[i]!;
      }
    },
  },

  nesterov: {
    ...sgd,
    title: 'Nesterov',
    defaults: { momentum: 0.9, weightDecay: 0 },
    update({ x, gradient, rate, slots, options: { momentum, weightDecay } }) {
      const velocity = slots[0]!;
      for (let i = 0; i < x.length; i++) {
        const g = gradient[i]! + weightDecay * x[i]!;
        velocity[i] = momentum * velocity[i]! + g;
        x[i]! -= rate * (g + momentum * velocity[i]!);
      }
    },
  },

  adagrad: {
    title: 'AdaGrad',
    learningRate: 1e-2,
    defaults: { weightDecay: 0, epsilon: 1e-10 },
    slots: 1,
    update({ x, gradient, rate, slots, options: { weightDecay, epsilon } }) {
      const squares = slots[0]!;
      for (let i = 0; i < x.length; i++) {
        const g = gradient[i]! + weightDecay * x[i]!;
        squares[i]! += g * g;
        x[i]! -= (rate * g) / (Math.sqrt(squares[i]!) + epsilon);
      }
    },
  },

  rmsprop: {
    title: 'RMSProp',
    learningRate: 1e-2,
    defaults: { alpha: 0.99, momentum: 0, weightDecay: 0, epsilon: 1e-8 },
    slots: 2,
    update({ x, gradient, rate, slots, options: { alpha, momentum, weightDecay, epsilon } }) {
      const [squares, velocity] = slots as [Vector, Vector];
      for (let i = 0; i < x.length; i++) {
        const g = gradient[i]! + weightDecay * x[i]!;
        squares[i] = alpha * squares[i]! + (1 - alpha) * g * g;
        velocity[i] = momentum * velocity[i]! + g / (Math.sqrt(squares[i]!) + epsilon);
        x[i]! -= rate * velocity[i]!;
      }
    },
  },

  adam: {
    title: 'Adam',
    learningRate: 1e-3,
    defaults: { ...adaptive, weightDecay: 0 },
    slots: 2,
    update(call) {
      moments(call, call.options.weightDecay);
    },
  },

  adamw: {
    title: 'AdamW',
    learningRate: 1e-3,
    defaults: { ...adaptive, weightDecay: 1e-2 },
    slots: 2,
    update(call) {
      const { x, rate, options } = call;
      const kept = 1 - rate * options.weightDecay;
      for (let i = 0; i < x.length; i++) x[i]! *= kept;
      moments(call, 0);
    },
  },
};

/** Adam's step; `weightDecay` is the one that goes into the gradient. */
function moments({ x, gradient, rate, steps, slots, options }: Update, weightDecay: number): void {
  const { beta1, beta2, epsilon } = options;
  const [first, second] = slots as [Vector, Vector];
  const size = rate / (1 - beta1 ** steps);
  const root = Math.sqrt(1 - beta2 ** steps);
  for (let i = 0; i < x.length; i++) {
    const g = gradient[i]! + weightDecay * x[i]!;
    first[i] = beta1 * first[i]! + (1 - beta1) * g;
    second[i] = beta2 * second[i]! + (1 - beta2) * g * g;
    x[i]! -= (size * first[i]!) / (Math.sqrt(second[i]!) / root + epsilon);
  }
}

const unused: OptimizerOptions = {
  momentum: 0,
  weightDecay: 0,
  beta1: 0,
  beta2: 0,
  epsilon: 0,
  alpha: 0,
};

/**
 * An optimizer for vectors of `length` elements; options that are left out have the record's defaults. Throws
 * `RangeError` for an option outside what PyTorch accepts, and for a momentum of 1 or more, which it does accept: the
 * velocity would never fade.
 */
export function createOptimizer(
  name: OptimizerName,
  options: Partial<OptimizerOptions>,
  length: number,
  precision: 'float64' | 'float32' = 'float64',
): Optimizer {
  const record = optimizers[name];
  const all = { ...unused, ...record.defaults, ...options };
  checkOptions(name, all);
  let steps = 0;
  const slots = Array.from({ length: record.slots }, (): Vector =>
    precision === 'float64' ? new Float64Array(length) : new Float32Array(length),
  );
  return {
    name,
    options: all,
    step(x, gradient, learningRate) {
      if (x.length !== length || gradient.length !== length) {
        throw new RangeError(
          `${name} is for ${length} parameters, got ${x.length} and a gradient of ${gradient.length}`,
        );
      }
      steps++;
      record.update({ x, gradient, rate: learningRate, steps, slots, options: all });
    },
    reset() {
      steps = 0;
      for (const slot of slots) slot.fill(0);
    },
    state: () => ({ steps, slots: slots.map((slot) => slot.slice()) }),
    restore(state) {
      if (state.slots.length !== slots.length || state.slots.some((slot) => slot.length !== length)) {
        throw new RangeError(`this is not the state of ${name} for ${length} parameters`);
      }
      steps = state.steps;
      for (const [k, slot] of slots.entries()) slot.set(state.slots[k]!);
    },
  };
}

function checkOptions(name: OptimizerName, options: OptimizerOptions): void {
  const refuse = (option: keyof OptimizerOptions, range: string): RangeError =>
    new RangeError(`${name}: ${option} ${options[option]} is not ${range}`);
  for (const option of ['weightDecay', 'epsilon', 'alpha'] as const) {
    if (!(options[option] >= 0 && options[option] < Infinity)) throw refuse(option, '0 or more');
  }
  for (const option of ['momentum', 'beta1', 'beta2'] as const) {
    if (!(options[option] >= 0 && options[option] < 1)) throw refuse(option, 'from 0 to below 1');
  }
}
