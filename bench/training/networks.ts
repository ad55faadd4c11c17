/** How long the networks that the page opens with take to train anew, down to the loss of the bundled ones. */
import { createWasmTraining } from '../../src/engine/wasm/training/session.js';
import type { Dataset } from '../../src/model/data.js';
import { buildNetwork } from '../../src/model/build-network.js';
import { Trainer, type TrainingPlan } from '../../src/train/trainer.js';

/** Losses of public/networks/PROVENANCE.md. */
export const GOALS = { plain: 1.605, residual: 0.00013 } as const;

const EPOCHS = 200;
const BATCH = 128;

export interface NetworkMeasurement {
  readonly network: string;
  readonly goal: number;
  /** Over all samples, in evaluation mode, when it was reached or given up. */
  readonly loss: number;
  readonly epochs: number;
  readonly seconds: number;
}

/** 20 blocks with batch norm from PyTorch's initialisation; Adam with a cosine schedule, one thread. */
export async function trainNetwork(kind: keyof typeof GOALS, data: Dataset): Promise<NetworkMeasurement> {
  const model = buildNetwork({
    architecture: {
      kind: 'mlp',
      input: [64],
      outputs: 10,
      blocks: 20,
      layers: 2,
      width: 32,
      skips: kind === 'residual',
      batchnorm: true,
      activation: 'relu',
    },
    initialisation: 'pytorch',
    seed: 1,
  });
  const start = performance.now();
  const session = await createWasmTraining().prepareTraining({ model, data, loss: 'ce' });
  const perEpoch = Math.ceil(data.samples / BATCH);
  const plan: TrainingPlan = {
    optimizer: 'adam',
    options: {},
    learningRate: 3e-3,
    schedule: { name: 'cosine', warmUp: 0, period: EPOCHS * perEpoch, factor: 1 },
    batch: BATCH,
    seed: 1,
    order: null,
  };
  const trainer = new Trainer(session, data.samples, plan);
  const goal = GOALS[kind];
  let loss = Infinity;
  let epochs = 0;
  while (epochs < EPOCHS && !(loss <= goal)) {
    for (let k = 0; k < perEpoch; k++) await trainer.advance();
    epochs++;
    ({ loss } = await trainer.measure());
  }
  session.dispose();
  return { network: model.name, goal, loss, epochs, seconds: (performance.now() - start) / 1000 };
}
