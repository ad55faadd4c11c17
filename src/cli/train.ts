/** `isoloss train`: steps of an optimizer from a network's weights, kept as a run. */
import { open } from 'node:fs/promises';
import { type TrainingSession, viewOf } from '../engine/training.js';
import { runExcess, writeRun } from '../io/run.js';
import { constantSchedule } from '../train/schedule.js';
import { type Snapshot, Trainer } from '../train/trainer.js';
import type { Places } from './eval.js';
import { prepareTraining } from './engines.js';
import { loadData, loadNetwork, loadOrder } from './inputs.js';
import { checkWritable, note } from './output.js';
import type { TrainOptions } from './train-options.js';
import { UsageError } from './typed.js';

/** Loss and share of correct answers over all samples, in evaluation mode; null for a share of real targets. */
interface Measured {
  readonly loss: number;
  readonly accuracy: number | null;
}

/** Printed as one line of JSON. */
interface TrainSummary {
  readonly engine: string;
  readonly adapter: string;
  readonly model: string;
  readonly loss: string;
  readonly optimizer: string;
  readonly learningRate: number;
  readonly samples: number;
  readonly batch: number;
  readonly steps: number;
  /** Of the steps alone: neither loading nor measuring nor writing. */
  readonly seconds: number;
  readonly start: Measured;
  readonly end: Measured;
}

/** Throws UsageError, FileError and ModelError for what does not fit. */
export async function train(
  options: TrainOptions,
  { assets }: Pick<Places, 'assets'>,
): Promise<TrainSummary> {
  if (options.out !== null) await checkWritable(options.out);
  const network = await loadNetwork(options.network, assets, note);
  const { data, loss } = await loadData(options, network, assets);
  const batch = options.batch ?? data.samples;
  if (batch > data.samples) {
    throw new UsageError(`--batch is ${batch}, but there are ${data.samples} samples.`);
  }
  const order = options.order === null ? null : await loadOrder(options.order, data.samples);
  const session = await prepareTraining(options.engine, { model: network.model, data, loss }, note);
  const trainer = new Trainer(session, data.samples, {
    optimizer: options.optimizer,
    options: options.settings,
    learningRate: options.learningRate,
    schedule: constantSchedule,
    batch,
    seed: options.seed,
    order,
  });
  if (options.out !== null) checkKept(options, session);
  const start = await measured(trainer);
  const { kept, seconds } = await takeSteps(trainer, options);
  const end = await measured(trainer);
  if (options.out !== null) await writeKept(options.out, session, kept, options);
  session.dispose();
  return {
    engine: session.info.engine,
    adapter: session.info.adapter,
    model: network.model.name,
    loss,
    optimizer: options.optimizer,
    learningRate: options.learningRate,
    samples: data.samples,
    batch,
    steps: options.steps,
    seconds,
    start,
    end,
  };
}

/** Before the first step: a run that no file can hold would be lost after the last. */
function checkKept({ steps, every }: TrainOptions, { places }: TrainingSession): void {
  const kept = Math.floor(steps / every) + (steps % every === 0 ? 1 : 2);
  const excess = runExcess(kept, places.length);
  if (excess !== null) throw new UsageError(`${excess}; keep fewer with --every.`);
}

async function measured(trainer: Trainer): Promise<Measured> {
  const { loss, accuracy } = await trainer.measure();
  return { loss, accuracy: Number.isNaN(accuracy) ? null : accuracy };
}

/** Step 0, every so many, and the last one; none without a file for them. */
async function takeSteps(
  trainer: Trainer,
  { steps, every, out }: TrainOptions,
): Promise<{ readonly kept: ReadonlyMap<number, Snapshot>; readonly seconds: number }> {
  const kept = new Map<number, Snapshot>();
  const begin = performance.now();
  for (;;) {
    const { step } = trainer;
    if (out !== null && (step % every === 0 || step === steps)) kept.set(step, trainer.snapshot());
    if (step === steps) break;
    const { loss } = await trainer.advance();
    if (process.stderr.isTTY)
      process.stderr.write(`\r${step + 1} of ${steps} steps, loss ${loss.toPrecision(6)} `);
  }
  if (process.stderr.isTTY && steps > 0) process.stderr.write('\n');
  return { kept, seconds: (performance.now() - begin) / 1000 };
}

/** The run in the precision that its session computes in. */
async function writeKept(
  file: string,
  { places, weights }: TrainingSession,
  kept: ReadonlyMap<number, Snapshot>,
  { optimizer, learningRate }: TrainOptions,
): Promise<void> {
  const byName = new Map(places.map((place) => [place.name, place]));
  const dtype = weights instanceof Float64Array ? 'F64' : 'F32';
  const pieces = writeRun(
    [...kept.keys()],
    places,
    dtype,
    (step, name) => viewOf(kept.get(step)!, byName.get(name)!),
    { optimizer, learning_rate: String(learningRate) },
  );
  const handle = await open(file, 'w');
  try {
    for (const piece of pieces) await handle.write(piece);
  } finally {
    await handle.close();
  }
}
