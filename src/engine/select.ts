/**
 * Which engine computes, which ones follow when it fails, and why, in one sentence for the page.
 */
import type { AskedEngine, EngineName } from './engine.js';
import { describeAdapter } from './webgpu/adapter.js';

/** What a browser offers for WebGPU, as far as the choice depends on it. */
export type GpuOffer =
  | { readonly kind: 'no-api' }
  | { readonly kind: 'no-adapter' }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'adapter'; readonly name: string; readonly software: boolean };

export interface Selection {
  /** The engine to use, then those to go on with when it fails, in order; never empty. */
  readonly engines: readonly [EngineName, ...EngineName[]];
  /** e.g. `WASM: this browser has no WebGPU`; no full stop. */
  readonly reason: string;
}

/** Names for people. */
export const engineTitles: Readonly<Record<EngineName, string>> = {
  reference: 'Reference',
  wasm: 'WASM',
  webgpu: 'WebGPU',
};

/** `asked` is the engine that the address or a control demands; `auto` leaves the choice to us. */
export function decideEngine(asked: AskedEngine, offer: GpuOffer): Selection {
  if (asked === 'reference') {
    return { engines: ['reference'], reason: 'Reference: chosen by you; float64, exact and slow' };
  }
  if (asked === 'wasm') return { engines: ['wasm', 'reference'], reason: 'WASM: chosen by you' };
  if (offer.kind !== 'adapter') {
    const why = asked === 'webgpu' ? 'you chose WebGPU, but ' : '';
    return { engines: ['wasm', 'reference'], reason: `WASM: ${why}${obstacle(offer)}` };
  }
  if (asked === 'webgpu') {
    const adapter = offer.software ? `on the software renderer ${offer.name}` : `on ${offer.name}`;
    return { engines: ['webgpu', 'wasm', 'reference'], reason: `WebGPU: chosen by you, ${adapter}` };
  }
  if (offer.software) {
    // A software adapter runs on the same cores as WASM and is several times slower there.
    return {
      engines: ['wasm', 'reference'],
      reason: `WASM: this browser's only adapter is the software renderer ${offer.name}`,
    };
  }
  return { engines: ['webgpu', 'wasm', 'reference'], reason: `WebGPU: ${offer.name}` };
}

function obstacle(offer: Exclude<GpuOffer, { kind: 'adapter' }>): string {
  switch (offer.kind) {
    case 'no-api':
      return 'this browser has no WebGPU';
    case 'no-adapter':
      return 'this browser offers no adapter for WebGPU';
    case 'failed':
      return `this browser's WebGPU failed (${offer.message})`;
  }
}

/** Asks `gpu` (`navigator.gpu`, undefined where there is none) for an adapter; never throws. */
export async function probeGpu(gpu: GPU | undefined): Promise<GpuOffer> {
  if (!gpu) return { kind: 'no-api' };
  try {
    const adapter = await describeAdapter(gpu);
    if (adapter === null) return { kind: 'no-adapter' };
    const { name, software } = adapter;
    return { kind: 'adapter', name: software ? rendererName(name) : name, software };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** Probes only when the choice depends on it: asking for an adapter wakes the GPU. */
export async function selectEngine(asked: AskedEngine, gpu: GPU | undefined): Promise<Selection> {
  const depends = asked === 'auto' || asked === 'webgpu';
  return decideEngine(asked, depends ? await probeGpu(gpu) : { kind: 'no-api' });
}

/** Software renderers by the word they show in an adapter's name, with the name people know. */
const RENDERERS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/swiftshader/i, 'SwiftShader'],
  [/llvmpipe|lavapipe/i, 'llvmpipe'],
  [/basic render/i, 'Microsoft Basic Render Driver'],
];

function rendererName(name: string): string {
  return RENDERERS.find(([pattern]) => pattern.test(name))?.[1] ?? name;
}
