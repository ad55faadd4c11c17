/** The only file that knows the npm package `webgpu`; browsers never load it. */
import { EngineUnsupportedError } from '../engine.js';

/**
 * A `GPU` for Node from the optional npm package `webgpu` (Dawn), with WebGPU's constants made global as
 * in a browser.
 *
 * @param options Dawn options, e.g. `enable-dawn-features=…`
 * @throws EngineUnsupportedError when the package is not installed or does not load here
 */
export async function nodeGpu(options: readonly string[] = []): Promise<GPU> {
  try {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    return create([...options]);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EngineUnsupportedError(
      `WebGPU under Node needs the optional package webgpu, which did not load (${reason}); run npm install webgpu or use --engine wasm`,
      { cause },
    );
  }
}
