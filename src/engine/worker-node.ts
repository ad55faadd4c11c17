/** What a thread of Node's runs: any engine by name. An entry point of its own when the command line is built. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Engine, type EngineName } from './engine.js';
import { createHost } from './host.js';
import type { Request } from './protocol.js';

/** What the thread was started with, if anything. */
const { relaxed = 'auto' } = (workerData ?? {}) as { readonly relaxed?: boolean | 'auto' };

async function open(name: EngineName): Promise<Engine> {
  switch (name) {
    case 'reference':
      return (await import('./reference.js')).referenceEngine;
    case 'wasm':
      return (await import('./wasm/engine.js')).createWasmEngine({ relaxed });
    case 'webgpu': {
      const { nodeGpu } = await import('./webgpu/node.js');
      return (await import('./webgpu/engine.js')).createWebgpuEngine({ gpu: await nodeGpu() });
    }
  }
}

if (parentPort === null)
  throw new Error('worker-node runs as a worker thread; start it with new Worker(file)');
const port = parentPort;
const host = createHost(open, (answer, transfer) => port.postMessage(answer, transfer));
port.on('message', (request: Request) => host(request));
