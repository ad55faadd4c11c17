/** Which engine trains, and why. */
import { type EngineName, EngineUnsupportedError } from '../engine/engine.js';
import { openTraining } from '../engine/open-training.js';
import { engineTitles } from '../engine/select.js';
import type { TrainingProblem, TrainingSession } from '../engine/training.js';

export interface Prepared {
  readonly session: TrainingSession;
  /** One sentence for the page. */
  readonly reason: string;
}

/** From the fastest to the one that trains everything. */
const ORDER = ['wasm', 'reference'] as const satisfies readonly EngineName[];

const ABOUT: Readonly<Record<(typeof ORDER)[number], string>> = {
  wasm: 'float32, the fastest that trains this network',
  reference: 'float64, exact and slow',
};

/**
 * The problem on the fastest engine that trains its network, or on the one that is asked for where that one can.
 * Throws `ModelError` when data and model do not fit.
 */
export async function prepareTraining(
  problem: TrainingProblem,
  asked: EngineName | 'auto',
): Promise<Prepared> {
  let obstacle = '';
  for (const name of asked === 'reference' ? (['reference'] as const) : ORDER) {
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
