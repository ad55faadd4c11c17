import { setFlagsFromString } from 'node:v8';
import type { Engine } from '../../src/engine/engine.js';
import { createWasmEngine } from '../../src/engine/wasm/engine.js';

// Node 20 has relaxed SIMD behind a flag, which V8 reads when a module is compiled; later versions have it anyway.
if (Number(process.versions.node.split('.')[0]) < 22) setFlagsFromString('--experimental-wasm-relaxed-simd');

/** Both builds of the WASM engine, by the name that they give as adapter. */
export const wasmBuilds: ReadonlyMap<string, Engine> = new Map([
  ['relaxed SIMD', createWasmEngine({ relaxed: true })],
  ['SIMD', createWasmEngine({ relaxed: false })],
]);
