/** Which engine trains, and why. */
import { type AskedEngine, type EngineName, EngineUnsupportedError } from '../engine/engine.js';
import { openTraining } from '../engine/open-training.js';
import { engineTitles } from '../engine/select.js';
import type { TrainingProblem, TrainingSession } from '../engine/training.js';

export interface Prepared {
  readonly session: TrainingSession;
  /** One sentence for the page. */
  readonly reason: string;
}

/** What is tried, in order; WebGPU's steps wait for the GPU each, which pays for large networks alone, so it is chosen by hand. */
const ORDER: Readonly<Record<AskedEngine, readonly EngineName[]>> = {
  auto: ['wasm', 'reference'],
  wasm: ['wasm', 'reference'],
  webgpu: ['webgpu', 'wasm', 'reference'],
  reference: ['reference'],
};

const ABOUT: Readonly<Record<EngineName, string>> = {
  wasm: 'float32, a thread for each network',
  webgpu: 'float32 on the GPU',
  reference: 'float64, exact and slow',
};

/**
 * The problem on the engine that is asked for, or on the next one that trains its network.
 * Throws `ModelError` when data and model do not fit.
 */
export async function prepareTraining(problem: TrainingProblem, asked: AskedEngine): Promise<Prepared> {
  let obstacle = '';
  for (const name of ORDER[asked]) {
    try {
      const session = await (await openTraining(name)).prepareTraining(problem);
      const why = asked === name ? `chosen by you; ${ABOUT[name]}` : ABOUT[name];
      return { session, reason: `${engineTitles[name]}: ${why}.${obstacle}` };
    } catch (error) {
      if (!(error instanceof EngineUnsupportedError)) throw error;
      obstacle = ` ${engineTitles[name]} was not used: ${error.message}.`;
    }
  }
  throw new EngineUnsupportedError('no engine trains this network');
}
