/**
 * The engines as Node runs them: the CPU's ones on every core, the GPU in this thread.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type Engine, type EngineName, EngineUnsupportedError } from '../engine/engine.js';
import { openTraining } from '../engine/open-training.js';
import { createPool } from '../engine/pool.js';
import type { TrainingProblem, TrainingSession } from '../engine/training.js';
import { describeAdapter } from '../engine/webgpu/adapter.js';
import { createWebgpuEngine } from '../engine/webgpu/engine.js';
import { nodeGpu } from '../engine/webgpu/node.js';
import { findSwiftShader } from './vulkan.js';

/** An engine, and what ends it: Node goes on living while a worker does. */
export interface RunningEngine extends Engine {
  dispose(): void;
}

/**
 * `worker` is the file of `engine/worker-node.ts`, compiled; `relaxed` as `createWasmEngine` takes it.
 */
export async function createEngine(
  name: EngineName,
  worker: string,
  relaxed: boolean | 'auto' = 'auto',
): Promise<RunningEngine> {
  if (name === 'webgpu') return createWebgpuEngine({ gpu: await findGpu() });
  if (name === 'wasm') allowRelaxedSimd();
  return createPool(name, () => new Worker(worker, { workerData: { relaxed } }), availableParallelism());
}

/**
 * A session of the engine asked for, in this thread; null leaves the choice: WASM, or where that cannot serve the
 * reference, which `note` then says and why.
 */
export async function prepareTraining(
  name: EngineName | null,
  problem: TrainingProblem,
  note: (sentence: string) => void,
): Promise<TrainingSession> {
  const asked = name ?? 'wasm';
  if (asked === 'wasm') allowRelaxedSimd();
  try {
    const gpu = asked === 'webgpu' ? await findGpu() : undefined;
    return await (await openTraining(asked, gpu)).prepareTraining(problem);
  } catch (error) {
    if (name !== null || !(error instanceof EngineUnsupportedError)) throw error;
    note(`${error.message}; training with the reference engine`);
    return (await openTraining('reference')).prepareTraining(problem);
  }
}

/**
 * Node 20 has relaxed SIMD (fused multiply-add) behind a flag, later versions have it anyway and no
 * longer know the flag. V8 reads it when a module is compiled, so now is early enough for the workers.
 */
function allowRelaxedSimd(): void {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');
}

/** The machine's GPU, else the software renderer of an installed Chromium; the engine refuses when there is neither. */
export async function findGpu(): Promise<GPU> {
  const gpu = await nodeGpu();
  if ((await describeAdapter(gpu)) !== null || process.env['VK_ICD_FILENAMES']) return gpu;
  const driver = findSwiftShader(null);
  if (driver === null) return gpu;
  process.stderr.write(
    'isoloss: no GPU here, using the software renderer of Chromium (--engine wasm is faster)\n',
  );
  process.env['VK_ICD_FILENAMES'] = driver.manifest;
  return nodeGpu();
}
