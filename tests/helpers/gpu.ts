/**
 * WebGPU in Node for the tests: Dawn on the Vulkan drivers of the machine, else on the SwiftShader that
 * comes with a Chromium. `REQUIRE_GPU=1` makes a missing adapter a failure.
 */
import { createWebgpuEngine, type WebgpuEngine } from '../../src/engine/webgpu/engine.js';
import { describeAdapter } from '../../src/engine/webgpu/adapter.js';
import type { Kernels } from '../../src/engine/webgpu/recipe.js';
import { nodeGpu } from '../../src/engine/webgpu/node.js';
import { vulkanEnvironment } from '../setup/vulkan.js';

let opened: Promise<GPU | null> | null = null;

/**
 * Dawn's `GPU`, the same at every call, after its adapter's name was printed; null without an adapter.
 * Keep a reference to it for as long as its devices are used.
 */
export function openGpu(): Promise<GPU | null> {
  return (opened ??= open());
}

async function open(): Promise<GPU | null> {
  // The test command has set these already; a run of one file has not.
  Object.assign(process.env, vulkanEnvironment());
  const gpu = await nodeGpu();
  const adapter = await describeAdapter(gpu);
  if (!adapter) {
    const sentence =
      'WebGPU has no adapter here: install Chromium for its SwiftShader, or Mesa’s Vulkan drivers';
    if (process.env['REQUIRE_GPU'] === '1') throw new Error(sentence);
    console.warn(sentence);
    return null;
  }
  console.log(`WebGPU adapter: ${adapter.name}`);
  return gpu;
}

/** Like `openGpu`, for tests that make no sense without one: throws when there is no adapter. */
export async function requireGpu(): Promise<GPU> {
  const gpu = await openGpu();
  if (!gpu) throw new Error('this test needs a WebGPU adapter');
  return gpu;
}

/**
 * An engine on that adapter, with these kernels in this tiling, by default the first; or with those that it chooses.
 * Dispose of it after use.
 */
export async function requireEngine(kernels?: Kernels, tiling = 0): Promise<WebgpuEngine> {
  return createWebgpuEngine({
    gpu: await requireGpu(),
    ...(kernels === undefined ? {} : { kernels, tiling }),
  });
}

/** A device whose errors outside of any scope fail the test that calls `check`. */
export async function openDevice(gpu: GPU): Promise<{ device: GPUDevice; check(): void }> {
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error('no WebGPU adapter');
  const device = await adapter.requestDevice();
  const errors: string[] = [];
  device.addEventListener('uncapturederror', (event) =>
    errors.push((event as GPUUncapturedErrorEvent).error.message),
  );
  return {
    device,
    check() {
      if (errors.length > 0) throw new Error(`WebGPU errors:\n${errors.join('\n')}`);
    },
  };
}

/** Runs `work` inside error scopes and throws what they caught. */
export async function inScopes<T>(device: GPUDevice, work: () => T | Promise<T>): Promise<T> {
  const filters: readonly GPUErrorFilter[] = ['internal', 'out-of-memory', 'validation'];
  for (const filter of filters) device.pushErrorScope(filter);
  const result = await work();
  const errors = await Promise.all(filters.map(() => device.popErrorScope()));
  const error = errors.find((candidate) => candidate !== null);
  if (error) throw error instanceof Error ? error : new Error(error.message);
  return result;
}
