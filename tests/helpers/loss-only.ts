import type { Evaluator } from '../../src/engine/engine.js';

const uncalled = (): Promise<never> => Promise.reject(new Error('this evaluator only gives losses'));

/** The part of an evaluator that a test of losses alone leaves out; a call of it rejects. */
export const lossOnly: Pick<Evaluator, 'passes' | 'derivatives' | 'differences'> = {
  passes: { evaluate: 'float64', derivatives: 'float64', differences: 'float64' },
  derivatives: uncalled,
  differences: uncalled,
};
