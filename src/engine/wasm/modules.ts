/** The modules that have the kernels: which of their two builds runs here, compiled once, each on a memory of its own. */
import { EngineMemoryError, EngineUnsupportedError } from '../engine.js';
import type { Kernels } from './kernels.js';
import type { TrainingKernels } from './training-kernels.js';

/** `relaxed` may fuse a multiply and an add, `simd128` rounds both everywhere alike. */
export type Build = 'simd128' | 'relaxed';

/** A module of one function that returns nothing and drops what `body` computes: WebAssembly, version 1. */
function probe(body: readonly number[]): Uint8Array<ArrayBuffer> {
  const code = [0, ...body, 0x1a, 0x0b]; // no locals … drop, end
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]; // magic, version
  const types = [1, 4, 1, 0x60, 0, 0]; // one, () → ()
  const functions = [3, 2, 1, 0]; // one, of type 0
  const bodies = [10, code.length + 2, 1, code.length, ...code]; // one
  return Uint8Array.from([header, types, functions, bodies].flat());
}

const i32Const0 = [0x41, 0];
const splat = [0xfd, 0x0f]; // i8x16.splat
const relaxedMadd = [0xfd, 0x85, 0x02]; // f32x4.relaxed_madd

const probes: Readonly<Record<Build, Uint8Array<ArrayBuffer>>> = {
  simd128: probe([...i32Const0, ...splat]),
  relaxed: probe([...i32Const0, ...splat, ...i32Const0, ...splat, ...i32Const0, ...splat, ...relaxedMadd]),
};

/** Whether this JavaScript engine can run a build. */
export function supports(build: Build): boolean {
  return typeof WebAssembly === 'object' && WebAssembly.validate(probes[build]);
}

/** The build for `relaxed` as `createWasmEngine` takes it; throws `EngineUnsupportedError` when there is none. */
export function chooseBuild(relaxed: boolean | 'auto'): Build {
  const build: Build =
    relaxed === false || (relaxed === 'auto' && !supports('relaxed')) ? 'simd128' : 'relaxed';
  if (supports(build)) return build;
  throw new EngineUnsupportedError(
    build === 'relaxed'
      ? 'WASM: relaxed SIMD was asked for, but this JavaScript engine does not have it; use the plain build'
      : 'WASM: this JavaScript engine has no WebAssembly SIMD; use the reference engine',
  );
}

/** Which kernels a module has: those that evaluate, or also those that training needs besides. */
export type KernelSet = 'evaluation' | 'training';

const sources: Readonly<
  Record<KernelSet, Record<Build, () => Promise<{ default: Uint8Array<ArrayBuffer> }>>>
> = {
  evaluation: {
    simd128: () => import('virtual:isoloss-kernels/simd128'),
    relaxed: () => import('virtual:isoloss-kernels/relaxed'),
  },
  training: {
    simd128: () => import('virtual:isoloss-kernels/training-simd128'),
    relaxed: () => import('virtual:isoloss-kernels/training-relaxed'),
  },
};

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** Begins to load and compile the kernels that will be used here, if any. */
export function fetchKernels(): void {
  try {
    void compile(chooseBuild('auto')).catch(() => undefined);
  } catch {
    // Whoever prepares a problem hears of it.
  }
}

/** The compiled module of a build; compiled once. */
export function compile(build: Build, set: KernelSet = 'evaluation'): Promise<WebAssembly.Module> {
  const key = `${set} ${build}`;
  let module = compiled.get(key);
  if (module === undefined) {
    module = sources[set][build]().then(({ default: code }) => WebAssembly.compile(code));
    compiled.set(key, module);
  }
  return module;
}

/** The start of memory, where the module has its constants, from 1 KiB on. */
export const ownBytes = 2048;

const pageBytes = 65_536;
/** What WebAssembly with 32-bit addresses can have. */
const mostBytes = 2 ** 32 - pageBytes;

/** Kernels on a memory of their own of at least `bytes`; throws `EngineMemoryError` when it isn't to be had. */
export async function instantiate(
  build: Build,
  bytes: number,
): Promise<{ kernels: Kernels; memory: WebAssembly.Memory }> {
  return instantiateSet(build, bytes, 'evaluation', 'fewer samples');
}

/** The same with those for training. */
export async function instantiateTraining(
  build: Build,
  bytes: number,
): Promise<{ kernels: Kernels & TrainingKernels; memory: WebAssembly.Memory }> {
  return instantiateSet(build, bytes, 'training', 'smaller batches');
}

async function instantiateSet<K>(
  build: Build,
  bytes: number,
  set: KernelSet,
  remedy: string,
): Promise<{ kernels: K; memory: WebAssembly.Memory }> {
  const mebibytes = Math.ceil(bytes / 2 ** 20);
  if (bytes > mostBytes) {
    throw new EngineMemoryError(`WASM: ${mebibytes} MiB are beyond its 4 GiB; use ${remedy}`);
  }
  let memory: WebAssembly.Memory;
  try {
    memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / pageBytes) });
  } catch (error) {
    throw new EngineMemoryError(`WASM: ${mebibytes} MiB of memory are not to be had; use ${remedy}`, {
      cause: error,
    });
  }
  const { exports } = await WebAssembly.instantiate(await compile(build, set), { env: { memory } });
  return { kernels: exports as unknown as K, memory };
}
