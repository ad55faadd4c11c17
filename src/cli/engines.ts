/**
 * The engines as Node runs them: the float64 reference and the GPU in this thread, WASM on every core.
 */
import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { type Engine, type EngineName, EngineUnsupportedError } from '../engine/engine.js';
import { referenceEngine } from '../engine/reference.js';
import { findSwiftShader } from './vulkan.js';

/** An engine, and what ends it: Node goes on living while a worker or a GPU instance does. */
export interface RunningEngine extends Engine {
  dispose(): void;
}
