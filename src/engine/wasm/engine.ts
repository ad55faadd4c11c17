/**
 * The CPU's engine: WebAssembly SIMD kernels compiled from assembly/, samples in the vector lanes. One thread;
 * pool.ts runs it on every core.
 */
import { checkData } from '../../model/losses.js';
import type { Engine, Evaluator, Problem } from '../engine.js';
import { WasmEvaluator } from './evaluator.js';
import { chooseBuild } from './kernels.js';

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
