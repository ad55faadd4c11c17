/** Which engine trains, by name; its code is loaded when it is first wanted. */
import type { EngineName } from './engine.js';
import type { TrainingEngine } from './training.js';

/**
 * `gpu` is where WebGPU's adapters come from, `navigator.gpu` when left out. What an engine cannot do here or with a
 * network it says when that is prepared.
 */
export async function openTraining(name: EngineName, gpu?: GPU): Promise<TrainingEngine> {
  switch (name) {
    case 'reference':
      return (await import('./reference-training.js')).referenceTraining;
    case 'wasm':
      return (await import('./wasm/training/session.js')).createWasmTraining();
    case 'webgpu':
      return (await import('./webgpu/training/session.js')).createWebgpuTraining(gpu);
  }
}
