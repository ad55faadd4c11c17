/** What a browser's worker runs: any engine by name. */
import { type Engine, type EngineName } from './engine.js';
import { createHost } from './host.js';
import type { Request } from './protocol.js';
import { fetchKernels } from './wasm/modules.js';

async function open(name: EngineName): Promise<Engine> {
  switch (name) {
    case 'reference':
      return (await import('./reference.js')).referenceEngine;
    case 'wasm': {
      // What the engine would ask for as the next thing after its own code.
      fetchKernels();
      const { createWasmEngine, warmUp } = await import('./wasm/engine.js');
      // Whoever prepares a problem hears of what is missing here.
      await warmUp().catch(() => undefined);
      return createWasmEngine();
    }
    case 'webgpu':
      return (await import('./webgpu/engine.js')).createWebgpuEngine();
  }
}

const host = createHost(open, (answer, transfer) => postMessage(answer, { transfer }));
addEventListener('message', ({ data }: MessageEvent<Request>) => host(data));
