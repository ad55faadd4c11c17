/** Settings of the mode "Paths": optimizers on a loss of two parameters. */
import { choice, type FieldBase, type Place, place, positive, whole } from './state-fields.js';
import { LONGEST_FORMULA } from './train/problems/limits.js';
import { type Racer, racerNames } from './train/race.js';

/** A text as typed. */
export interface TextField extends FieldBase<string> {
  readonly kind: 'text';
}

/** Where runs begin: a place, or the problem's own. */
export interface StartField extends FieldBase<Place | 'auto'> {
  readonly kind: 'start';
}

/** Optimizers with their learning rates, or those that suit the problem. */
export interface RacersField extends FieldBase<readonly Racer[] | 'auto'> {
  readonly kind: 'racers';
}

/** More than anyone looks at; keeps a hostile link from starting any number of runs. */
export const MOST_RACERS = 1000;
export const LEAST_RATE = 1e-6;
export const MOST_RATE = 100;

/** Settings of the mode "Train", as its own table spells them (state-train.ts). */
const train: TextField = {
  kind: 'text',
  label: 'Training',
  initial: '',
  unit: '',
  expects: 'at most 1000 characters',
  parse: (text) => (text.length <= 1000 ? text : undefined),
  format: (value) => value,
};

const formula: TextField = {
  kind: 'text',
  label: 'Formula',
  initial: 'sin(w1)*cos(w2) + (w1^2 + w2^2)/20',
  unit: '',
  expects: `at most ${LONGEST_FORMULA} characters`,
  parse: (text) => (text.length <= LONGEST_FORMULA ? text : undefined),
  format: (value) => value,
};

const somewhere = place('Start');

const start: StartField = {
  kind: 'start',
  label: 'Start',
  initial: 'auto',
  unit: '',
  expects: `auto or ${somewhere.expects}`,
  parse: (text) => (text.trim() === 'auto' ? 'auto' : somewhere.parse(text)),
  format: (value) => (value === 'auto' ? value : somewhere.format(value)),
};

const racers: RacersField = {
  kind: 'racers',
  label: 'Optimizers',
  initial: 'auto',
  unit: '',
  expects: `auto or up to ${MOST_RACERS} optimizers such as gd:0.1,adam:0.05, learning rates from ${LEAST_RATE} to ${MOST_RATE}`,
  parse: parseRacers,
  format: (value) => (value === 'auto' ? value : value.map(({ name, rate }) => `${name}:${rate}`).join(',')),
};

const rates = positive('Learning rate', 0.01, LEAST_RATE, MOST_RATE);

/** A learning rate as typed; undefined when it is none. */
export const parseRate = (text: string): number | undefined => rates.parse(text);

function parseRacers(text: string): readonly Racer[] | 'auto' | undefined {
  if (text.trim() === 'auto') return 'auto';
  const list = text.split(',').map((part): Racer | undefined => {
    const [word, number, ...rest] = part.trim().split(':');
    const name = racerNames.find((candidate) => candidate === word);
    const rate = parseRate(number ?? '');
    return name === undefined || rate === undefined || rest.length > 0 ? undefined : { name, rate };
  });
  return list.length <= MOST_RACERS && list.every((racer) => racer !== undefined) ? list : undefined;
}

export const pathFields = {
  mode: choice('Mode', 'landscape', [
    ['landscape', 'Landscape'],
    ['paths', 'Paths'],
    ['train', 'Train'],
  ]),
  problem: choice('Problem', 'product', [
    ['product', 'w1·w2·x'],
    ['logistic', 'Logistic regression'],
    ['valley', 'Narrow valley'],
    ['saddle', 'Saddle'],
    ['plateau', 'Plateau'],
    ['rosenbrock', 'Rosenbrock'],
    ['himmelblau', 'Himmelblau'],
    ['formula', 'Your formula'],
    ['network', 'A network on its plane'],
  ]),
  formula,
  /** The formula's picture runs from −span to span. */
  span: positive('Range', 4, 1e-3, 1000),
  start,
  racers,
  steps: whole('Steps', 200, 1, 5000, { step: 50 }),
  train,
  raceBatch: whole('Batch', 64, 1, 1_000_000, { step: 16, unit: 'samples' }),
  /** Of which optimizer: its number, from 1. */
  basins: choice('Basins', 'off', [
    ['off', 'None'],
    ...Array.from({ length: MOST_RACERS }, (_, i) => [`${i + 1}`, `Optimizer ${i + 1}`] as const),
  ]),
};
