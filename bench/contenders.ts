/** Who takes part, and where each runs. */

export interface Contender {
  readonly id: string;
  readonly title: string;
  readonly where: 'page' | 'python';
  /** Needs a WebGPU adapter in the browser. */
  readonly gpu: boolean;
  /** One of Isoloss's engines: has a progressive run and a peak. */
  readonly own: boolean;
  /** Its number of threads can be chosen, and is tried. */
  readonly threads?: boolean;
}

export const contenders: readonly Contender[] = [
  { id: 'wasm-relaxed', title: 'Isoloss WASM, relaxed SIMD', where: 'page', gpu: false, own: true },
  { id: 'wasm-plain', title: 'Isoloss WASM, SIMD', where: 'page', gpu: false, own: true },
  { id: 'webgpu', title: 'Isoloss WebGPU', where: 'page', gpu: true, own: true },
  { id: 'reference', title: 'Isoloss reference, float64', where: 'page', gpu: false, own: true },
  { id: 'torch', title: 'PyTorch', where: 'python', gpu: false, own: false },
  { id: 'jax-wasm', title: 'jax-js WASM', where: 'page', gpu: false, own: false },
  { id: 'jax-webgpu', title: 'jax-js WebGPU', where: 'page', gpu: true, own: false },
  { id: 'tfjs-wasm', title: 'TF.js WASM', where: 'page', gpu: false, own: false, threads: true },
  { id: 'tfjs-webgpu', title: 'TF.js WebGPU', where: 'page', gpu: true, own: false },
];
