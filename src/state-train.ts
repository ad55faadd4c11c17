/**
 * Settings of the mode "Train". They are one text in the link, `train=blocks:10,rate:0.01`, spelled by this table, so
 * that the other modes need not load it. Data, samples, scaling, loss and engine are the page's.
 */
import { choice, type FieldBase, type LimitField, onOff, positive, whole } from './state-fields.js';
import type { ActivationName } from './model/graph.js';
import { type InitialisationName, initialisationNames, initialisations } from './model/initialisations.js';
import { type OptimizerName, optimizerNames, optimizers } from './train/optimizers.js';

/** A number, or what the optimizer begins with. */
function optional(label: string, min: number, max: number): LimitField {
  const inner = positive(label, 0, min, max);
  return {
    kind: 'limit',
    label,
    initial: 'auto',
    unit: '',
    expects: `auto or ${inner.expects}`,
    parse: (text) => (text.trim() === 'auto' ? 'auto' : inner.parse(text)),
    format: String,
  };
}

/** Largest factor below 1 that the table takes: an optimizer's decay has to be below 1. */
const BELOW_1 = 0.999999;

export const trainFields = {
  kind: choice('Layers', 'mlp', [
    ['mlp', 'Dense'],
    ['conv', 'Convolutions 3×3'],
  ]),
  blocks: whole('Blocks', 20, 0, 60),
  layers: whole('Layers per block', 2, 1, 4),
  width: whole('Width', 32, 1, 512, { step: 8 }),
  skips: choice('Skips', 'both', [
    ['both', 'Both side by side'],
    ['off', 'Without'],
    ['on', 'With'],
  ]),
  norm: onOff('Batch norm', true),
  activation: choice<ActivationName>('Activation', 'relu', [
    ['relu', 'ReLU'],
    ['leaky_relu', 'Leaky ReLU'],
    ['tanh', 'tanh'],
    ['sigmoid', 'Sigmoid'],
    ['gelu', 'GELU'],
    ['silu', 'SiLU'],
    ['elu', 'ELU'],
    ['softplus', 'Softplus'],
    ['identity', 'None (linear)'],
  ]),
  init: choice<InitialisationName>(
    'First weights',
    'pytorch',
    initialisationNames.map((name) => [name, initialisations[name].title] as const),
  ),
  seed: whole('Seed', 1, 0, Number.MAX_SAFE_INTEGER),
  optimizer: choice<OptimizerName>(
    'Optimizer',
    'adam',
    optimizerNames.map(
      (name) => [name, name === 'gd' ? 'Gradient descent, SGD' : optimizers[name].title] as const,
    ),
  ),
  rate: optional('Learning rate', 0, 1000),
  momentum: optional('Momentum', 0, BELOW_1),
  beta1: optional('β₁', 0, BELOW_1),
  beta2: optional('β₂', 0, BELOW_1),
  alpha: optional('α', 0, BELOW_1),
  epsilon: optional('ε', 0, 1),
  decay: optional('Weight decay (L2)', 0, 100),
  batch: whole('Batch size', 128, 1, 10_000_000, { step: 16 }),
  schedule: choice('Schedule', 'constant', [
    ['constant', 'Constant'],
    ['step', 'Steps down'],
    ['cosine', 'Cosine to 0'],
  ]),
  warmup: whole('Warm-up', 0, 0, 1_000_000, { unit: 'steps', step: 50 }),
  period: whole('Down every', 500, 1, 1_000_000, { unit: 'steps', step: 50 }),
  factor: positive('Times', 0.1, 1e-6, 1),
  steps: whole('Train for', 1000, 1, 10_000_000, { unit: 'steps', step: 100 }),
  plane: choice('Plane', 'random', [
    ['random', 'Random directions'],
    ['run', 'Of the run (PCA)'],
    ['none', 'No picture'],
  ]),
  every: whole('Anew every', 100, 1, 1_000_000, { unit: 'steps', step: 50 }),
  range: positive('Range', 1, 1e-6, 1000),
};

type Fields = typeof trainFields;
export type TrainKey = keyof Fields;
export type TrainState = { readonly [K in TrainKey]: Fields[K]['initial'] };
export type TrainPatch = Partial<TrainState>;

export const trainKeys = Object.keys(trainFields) as TrainKey[];

export const initialTrain = Object.fromEntries(
  trainKeys.map((key) => [key, trainFields[key].initial]),
) as TrainState;

/** A field seen without its value type. */
export function trainField(key: TrainKey): FieldBase<unknown> {
  return trainFields[key];
}

/** Only what differs from the defaults; '' for the defaults themselves. */
export function formatTrain(state: TrainState): string {
  return trainKeys
    .map((key) => [key, trainField(key).format(state[key])] as const)
    .filter(([key, text]) => text !== trainField(key).format(initialTrain[key]))
    .map(([key, text]) => `${key}:${text}`)
    .join(',');
}

/** What the text says; what it gets wrong keeps its default and is told in a sentence each. */
export function parseTrain(text: string): {
  readonly state: TrainState;
  readonly problems: readonly string[];
} {
  const patch = new Map<TrainKey, unknown>();
  const problems: string[] = [];
  for (const part of text === '' ? [] : text.split(',')) {
    const [name, ...rest] = part.split(':');
    const key = trainKeys.find((candidate) => candidate === name!.trim());
    const value = key === undefined ? undefined : trainField(key).parse(rest.join(':'));
    if (key === undefined)
      problems.push(`train: "${part.slice(0, 40)}" is not one of its settings; ignored.`);
    else if (value === undefined) {
      const usual = trainField(key).format(initialTrain[key]);
      problems.push(`train: ${part.slice(0, 40)} is not ${trainField(key).expects}; using ${usual}.`);
    } else patch.set(key, value);
  }
  return { state: { ...initialTrain, ...(Object.fromEntries(patch) as TrainPatch) }, problems };
}

/** Learning rates that the page begins with where those of PyTorch are meant for other networks. */
const USUAL_RATES: Partial<Record<OptimizerName, number>> = { gd: 0.05, momentum: 0.01, nesterov: 0.01 };

/** The learning rate that a state means. */
export function rateOf({ rate, optimizer }: TrainState): number {
  return rate === 'auto' ? (USUAL_RATES[optimizer] ?? optimizers[optimizer].learningRate) : rate;
}

/** What a network of each kind begins with: one of convolutions costs many times more for each weight. */
const USUAL_SIZES: Readonly<Record<TrainState['kind'], TrainPatch>> = {
  mlp: { blocks: trainFields.blocks.initial, width: trainFields.width.initial },
  conv: { blocks: 3, width: 16 },
};

/**
 * The settings after a change by the user: another optimizer begins with its own learning rate and options, another kind
 * of layers with as many as train in seconds, where the former kind's number was not chosen.
 */
export function changedTrain(state: TrainState, patch: TrainPatch): TrainState {
  const { kind } = patch;
  const sizes = Object.entries(kind === undefined ? {} : USUAL_SIZES[kind]).filter(
    ([key]) => state[key as TrainKey] === USUAL_SIZES[state.kind][key as TrainKey],
  );
  const { rate, momentum, beta1, beta2, alpha, epsilon, decay } = initialTrain;
  const options =
    patch.optimizer === undefined ? {} : { rate, momentum, beta1, beta2, alpha, epsilon, decay };
  return { ...state, ...options, ...(Object.fromEntries(sizes) as TrainPatch), ...patch };
}
