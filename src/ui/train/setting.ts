/** From settings to what is trained: networks before their first step, data made ready for them, and the plan. */
import type { LossName } from '../../model/data.js';
import { datasetFromArrays } from '../../io/dataset.js';
import { isRegression } from '../../io/loss.js';
import type { Architecture } from '../../model/architecture.js';
import { type Beginning, buildNetwork } from '../../model/build-network.js';
import type { Dataset } from '../../model/data.js';
import { elements, type Model, type Shape } from '../../model/graph.js';
import { checkData } from '../../model/losses.js';
import type { State } from '../../state.js';
import { rateOf, type TrainState } from '../../state-train.js';
import { optimizers, type OptimizerOptions } from '../../train/optimizers.js';
import type { Schedule } from '../../train/schedule.js';
import type { TrainingPlan } from '../../train/trainer.js';
import type { DataEntry } from '../files/library.js';

/** One network that is trained. */
export interface Trainee {
  /** Short: what it differs by. */
  readonly title: string;
  readonly beginning: Beginning;
  readonly model: Model;
}

export interface Setting {
  readonly trainees: readonly Trainee[];
  /** All samples; the first `samples` are learned from. */
  readonly data: Dataset;
  readonly samples: number;
  readonly loss: LossName;
}

type PageSettings = Pick<State, 'samples' | 'scaling' | 'loss'>;

/** Throws FileError, ModelError or RangeError with a sentence for what does not go together. */
export function settingOf(page: PageSettings, train: TrainState, entry: DataEntry): Setting {
  const { kind, skips } = train;
  const own = entry.x.shape.slice(1);
  const input = kind === 'mlp' ? [elements(own)] : imageShape(own, entry.title);
  const outputs = outputsOf(entry, page.loss);
  const regression = isRegression(entry.y, page.loss, outputs);
  const data = datasetFromArrays(
    entry.title,
    entry.x,
    entry.y,
    page.scaling === 'auto' ? entry.scaling : page.scaling,
    { shape: input, regression, file: entry.file, ...(regression ? {} : { classes: Math.max(2, outputs) }) },
  );
  const traineeOf = (hasSkips: boolean): Trainee => {
    const beginning = { architecture: architectureOf(train, input, outputs, hasSkips), ...drawOf(train) };
    const model = buildNetwork(beginning);
    checkData(model, data, page.loss);
    return { title: hasSkips ? 'with skips' : 'without skips', beginning, model };
  };
  const wanted = skips === 'both' ? [false, true] : [skips === 'on'];
  return {
    trainees: wanted.map(traineeOf),
    data,
    samples: Math.min(page.samples, data.samples),
    loss: page.loss,
  };
}

function architectureOf(
  { kind, blocks, layers, width, norm, activation }: TrainState,
  input: Shape,
  outputs: number,
  skips: boolean,
): Architecture {
  return { kind, input, outputs, blocks, layers, width, skips, batchnorm: norm, activation };
}

function drawOf({ init, seed }: TrainState): Pick<Beginning, 'initialisation' | 'seed'> {
  return { initialisation: init, seed };
}

/** A flat sample of n² values is an image of n × n, as digits are often stored. */
function imageShape(own: readonly number[], title: string): Shape {
  if (own.length === 3) return own;
  if (own.length === 2) return [1, ...own];
  const side = Math.sqrt(own[0] ?? 1);
  if (own.length === 1 && Number.isInteger(side) && side > 1) return [1, side, side];
  throw new RangeError(
    `${title}: a sample of the shape [${own.join(', ')}] is no image; choose dense layers`,
  );
}

/** One for each class, or for each number that is to be met. */
function outputsOf({ y, classes }: DataEntry, loss: LossName): number {
  const perSample = elements(y.shape.slice(1));
  if (classes !== null) return Math.max(2, classes.length);
  let most = 0;
  for (const value of y.data) {
    if (!Number.isInteger(value) && loss !== 'ce') return perSample;
    most = Math.max(most, value);
  }
  return perSample > 1 ? perSample : Math.max(2, Math.floor(most) + 1);
}

/** How the settings say to train on so many samples. */
export function planOf(train: TrainState, samples: number): TrainingPlan {
  const { optimizer, batch, seed } = train;
  return {
    optimizer,
    options: optionsOf(train),
    learningRate: rateOf(train),
    schedule: scheduleOf(train),
    batch: Math.min(batch, samples),
    seed,
    order: null,
  };
}

const optionKeys = {
  momentum: 'momentum',
  beta1: 'beta1',
  beta2: 'beta2',
  alpha: 'alpha',
  epsilon: 'epsilon',
  weightDecay: 'decay',
} as const satisfies Record<keyof OptimizerOptions, keyof TrainState>;

/** The options that an optimizer reads, with the setting and the default of each. */
export function optionsRead({ optimizer }: Pick<TrainState, 'optimizer'>): {
  readonly key: (typeof optionKeys)[keyof OptimizerOptions];
  readonly usual: number;
}[] {
  const { defaults } = optimizers[optimizer];
  return Object.entries(defaults).map(([name, usual]) => ({
    key: optionKeys[name as keyof OptimizerOptions],
    usual,
  }));
}

function optionsOf(train: TrainState): Partial<OptimizerOptions> {
  const { defaults } = optimizers[train.optimizer];
  const given = Object.keys(defaults).map((name) => {
    const value = train[optionKeys[name as keyof OptimizerOptions]];
    return [name, value] as const;
  });
  return Object.fromEntries(given.filter(([, value]) => value !== 'auto'));
}

/** A cosine comes down to 0 at the last step. */
function scheduleOf({ schedule, warmup, period, factor, steps }: TrainState): Schedule {
  const down = schedule === 'cosine' ? Math.max(1, steps - warmup) : period;
  return { name: schedule, warmUp: warmup, period: down, factor };
}
