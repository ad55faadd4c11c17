/**
 * The engine that computes with WebGPU. It runs in a browser's page or worker, and in Node with the `GPU`
 * object of node.ts.
 */
import { checkData } from '../../model/losses.js';
import { EngineUnsupportedError, type Engine, type Problem } from '../engine.js';
import { ComputeDevice } from './device.js';
import { WebgpuEvaluator } from './evaluator.js';
import type { Kernels } from './recipe.js';

export interface WebgpuOptions {
  /** Where adapters come from; `navigator.gpu` when left out. */
  readonly gpu?: GPU;
  /** Which kernels compute dense layers; chosen by the engine when left out. */
  readonly kernels?: Kernels;
  /** Which of the kernels' tilings; found by measuring when left out. */
  readonly tiling?: number;
  /** Called with every device that the engine opens. */
  readonly onDevice?: (device: GPUDevice) => void;
}

export interface WebgpuEngine extends Engine {
  /** Destroys the device; evaluators made on it reject. */
  dispose(): void;
}

/**
 * One device serves all problems prepared on the engine; after a loss the next `prepare` opens a new one.
 */
export function createWebgpuEngine(options: WebgpuOptions = {}): WebgpuEngine {
  let opening: Promise<ComputeDevice> | null = null;
  const open = async (): Promise<ComputeDevice> => {
    const gpu = options.gpu ?? (typeof navigator === 'undefined' ? undefined : navigator.gpu);
    if (!gpu) throw new EngineUnsupportedError('there is no WebGPU here; use the WASM engine');
    const device = await ComputeDevice.request(gpu);
    options.onDevice?.(device.device);
    return device;
  };
  const current = async (): Promise<ComputeDevice> => {
    const device = await (opening ??= open()).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    if (!device.lostError) return device;
    opening = null;
    return current();
  };
  return {
    name: 'webgpu',
    async prepare(problem: Problem, signal?: AbortSignal) {
      signal?.throwIfAborted();
      checkData(problem.model, problem.data, problem.loss);
      const gpu = await current();
      // Software renderers pay for every barrier.
      const kernels = options.kernels ?? (gpu.software ? 'direct' : 'chain');
      return WebgpuEvaluator.create(gpu, problem, { kernels, tiling: options.tiling ?? null }, signal);
    },
    dispose() {
      void opening?.then(({ device }) => device.destroy()).catch(() => {});
      opening = null;
    },
  };
}
