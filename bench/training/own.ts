/** Isoloss's engines on the training that is timed, with their own loop: `Trainer`. */
import type { TrainingEngine } from '../../src/engine/training.js';
import { constantSchedule } from '../../src/train/schedule.js';
import { Trainer } from '../../src/train/trainer.js';
import { BATCH, batches, RATE, type Stepper, trainingProblem } from './work.js';

export async function ownStepper(
  engine: TrainingEngine,
): Promise<{ readonly stepper: Stepper; readonly adapter: string }> {
  const problem = trainingProblem();
  const session = await engine.prepareTraining(problem);
  const trainer = new Trainer(session, problem.data.samples, {
    optimizer: 'gd',
    options: {},
    learningRate: RATE,
    schedule: constantSchedule,
    batch: BATCH,
    seed: 1,
    order: Int32Array.from({ length: batches(problem) * BATCH }, (_, i) => i),
  });
  const take = async (steps: number): Promise<number[]> => {
    const losses: number[] = [];
    for (let k = 0; k < steps; k++) losses.push((await trainer.advance()).loss);
    return losses;
  };
  const stepper: Stepper = {
    name: '',
    losses: (steps) => {
      trainer.reset();
      return take(steps);
    },
    take: async (steps) => {
      await take(steps);
    },
  };
  return { stepper, adapter: session.info.adapter };
}
