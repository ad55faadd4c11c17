/** The training that is timed: SGD steps of case (b) on batches of 128 in a fixed order. */
import { benchCase, caseProblem } from '../../src/cli/bench-cases.js';
import type { TrainingProblem } from '../../src/engine/training.js';
import { median } from '../measurement.js';

export const BATCH = 128;
export const RATE = 0.05;
/** Steps whose losses everybody reports, to show that it did the same. */
export const CHECKED = 8;

export const title = 'MLP 64-64-64-64-10, batches of 128, SGD';

export function trainingProblem(): TrainingProblem {
  const { model, data, loss } = caseProblem(benchCase('b'));
  return { model, data, loss };
}

/** Whole batches of the data; after the last the first follows. */
export const batches = ({ data }: TrainingProblem): number => Math.floor(data.samples / BATCH);

/** Milliseconds of one step, and what shows that it was done right. */
export interface StepsMeasurement {
  readonly adapter: string;
  readonly millisecondsPerStep: number;
  readonly steps: number;
  /** Of the first `CHECKED` steps. */
  readonly losses: number[];
}

export interface StepsRequest {
  readonly contender: string;
  readonly seconds: number;
  readonly threads: number;
}

/** Somebody who can train: `take` takes so many steps, `losses` those of the first ones from a new start. */
export interface Stepper {
  readonly name: string;
  losses(steps: number): Promise<number[]>;
  take(steps: number): Promise<void>;
}

const REPETITIONS = 5;

/** Median over repetitions of as many steps as `seconds` allow, warm. */
export async function timeSteps(
  stepper: Stepper,
  seconds: number,
  repetitions = REPETITIONS,
): Promise<Pick<StepsMeasurement, 'millisecondsPerStep' | 'steps'>> {
  const time = async (steps: number): Promise<number> => {
    const start = performance.now();
    await stepper.take(steps);
    return (performance.now() - start) / steps;
  };
  await time(20);
  const steps = Math.max(5, Math.round((1000 * seconds) / (await time(20))));
  await time(steps);
  const times: number[] = [];
  for (let i = 0; i < repetitions; i++) times.push(await time(steps));
  return { millisecondsPerStep: median(times), steps };
}
