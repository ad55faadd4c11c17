/** The engines in a browser's worker; named `plain`, it keeps to SIMD that rounds alike everywhere. */
import type { Engine, EngineName } from '../../src/engine/engine.js';
import { createHost } from '../../src/engine/host.js';
import type { Request } from '../../src/engine/protocol.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { createWasmEngine } from '../../src/engine/wasm/engine.js';
import { createWebgpuEngine } from '../../src/engine/webgpu/engine.js';

async function open(name: EngineName): Promise<Engine> {
  if (name === 'reference') return referenceEngine;
  if (name === 'webgpu') return createWebgpuEngine();
  return createWasmEngine({ relaxed: self.name === 'plain' ? false : 'auto' });
}

const host = createHost(open, (answer, transfer) => postMessage(answer, { transfer }));
addEventListener('message', ({ data }: MessageEvent<Request>) => host(data));
