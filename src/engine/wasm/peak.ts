import { type Build, instantiate } from './modules.js';

/** Of assembly/peak.ts. */
const FLOP_PER_ROUND = 192;
/** About 10 ms each on a machine of 30 GFLOP/s. */
const ROUNDS = 1_500_000;
const REPETITIONS = 30;
/** Bytes; the module asks for some, though this kernel needs none. */
const MEMORY = 1;
/** No power of two, and keeps the sums bounded. */
const FACTOR = 0.9;

/** GFLOP/s of this thread by multiply-adds on registers alone: the best of several tries. */
export async function measurePeak(build: Build): Promise<number> {
  const { kernels } = await instantiate(build, MEMORY);
  let best = Infinity;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    kernels.peak(ROUNDS, FACTOR);
    best = Math.min(best, performance.now() - start);
  }
  return (ROUNDS * FLOP_PER_ROUND) / best / 1e6;
}
