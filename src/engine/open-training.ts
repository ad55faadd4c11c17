/** Which engine trains, by name; its code is loaded when it is first wanted. */
import { type EngineName, EngineUnsupportedError } from './engine.js';
import type { TrainingEngine } from './training.js';

/** Throws `EngineUnsupportedError` for an engine that does not train or cannot run here. */
export async function openTraining(name: EngineName): Promise<TrainingEngine> {
  switch (name) {
    case 'reference':
      return (await import('./reference-training.js')).referenceTraining;
    case 'wasm':
      return (await import('./wasm/training/session.js')).createWasmTraining();
    case 'webgpu':
      throw new EngineUnsupportedError(
        `the engine ${name} evaluates and does not train; use the reference engine`,
      );
  }
}
