/**
 * The CPU's engine: WebAssembly SIMD kernels compiled from assembly/, samples in the vector lanes. One thread;
 * pool.ts runs it on every core.
 */
import { checkData } from '../../model/losses.js';
import type { Engine, Evaluator, Problem } from '../engine.js';
import { WasmEvaluator } from './evaluator.js';
import { chooseBuild } from './modules.js';
import { smallProblem } from './warm-up.js';

export interface WasmOptions {
  /** Fused multiply-adds where the machine has them; `auto`, the default, where the JavaScript engine allows them. */
  readonly relaxed?: boolean | 'auto';
}

export function createWasmEngine({ relaxed = 'auto' }: WasmOptions = {}): Engine {
  return {
    name: 'wasm',
    async prepare(problem: Problem, signal?: AbortSignal): Promise<Evaluator> {
      signal?.throwIfAborted();
      checkData(problem.model, problem.data, problem.loss);
      return WasmEvaluator.create(problem, chooseBuild(relaxed), signal);
    },
  };
}

/** Milliseconds of work after which browsers have long asked their optimiser for the kernels. */
const WARM = 4;

/**
 * Compiles the kernels and computes something small with them: browsers compile a kernel quickly first, and well
 * only when it has been at work for a while. Rejects as `prepare` does.
 */
export async function warmUp(): Promise<void> {
  const problem = smallProblem();
  const evaluator = await createWasmEngine().prepare(problem);
  const samples = { first: 0, count: problem.data.samples };
  const point = { a: Float64Array.of(1), b: Float64Array.of(1) };
  for (const start = performance.now(); performance.now() - start < WARM;) {
    await evaluator.evaluate(point, samples);
  }
  evaluator.dispose();
}
