/**
 * The kernels of assembly/ as TypeScript sees them, and the choice between their two builds. All numbers
 * but factors are addresses, byte counts and counts in the module's memory; address 0 means absent where
 * a kernel says so.
 */
import { EngineMemoryError, EngineUnsupportedError } from '../engine.js';
import { type DeltaKernels, deltaStages } from './delta-kernels.js';
import { type JetKernels, jetStages } from './jet-kernels.js';
import type { TrainingKernels } from './training-kernels.js';

type Elementwise = (x: number, out: number, bytes: number) => void;
type ElementwiseWithSlope = (x: number, out: number, bytes: number, slope: number) => void;
type Regression = (
  z: number,
  targets: number,
  labels: number,
  outputs: number,
  groups: number,
  stride: number,
  first: number,
  end: number,
  sums: number,
) => void;

/** One function for each export of assembly/index.ts, documented there. */
export interface Kernels extends DeltaKernels, JetKernels {
  form(base: number, d1: number, d2: number, out: number, count: number, a: number, b: number): void;
  dense(
    x: number,
    weights: number,
    weightsStride: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    inputs: number,
    outputs: number,
    groups: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  combine(
    products: number,
    alongA: number,
    alongB: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    outputs: number,
    groups: number,
    stride: number,
    residualStride: number,
    outStride: number,
    a: number,
    aLow: number,
    b: number,
    bLow: number,
    activation: number,
    slope: number,
  ): void;
  conv2d(
    x: number,
    weights: number,
    offsets: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    taps: number,
    outputs: number,
    groups: number,
    rows: number,
    columns: number,
    rowStep: number,
    columnStep: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  winograd(
    x: number,
    weights: number,
    centre: number,
    scale: number,
    shift: number,
    residual: number,
    out: number,
    scratch: number,
    inputs: number,
    outputs: number,
    groups: number,
    rows: number,
    columns: number,
    line: number,
    plane: number,
    xStride: number,
    residualStride: number,
    outStride: number,
    activation: number,
    slope: number,
  ): void;
  relu: Elementwise;
  leaky_relu: ElementwiseWithSlope;
  tanh: Elementwise;
  sigmoid: Elementwise;
  gelu: Elementwise;
  gelu_tanh: Elementwise;
  silu: Elementwise;
  elu: ElementwiseWithSlope;
  softplus: Elementwise;
  clipped_relu: ElementwiseWithSlope;
  hardtanh: ElementwiseWithSlope;
  add(x: number, y: number, out: number, bytes: number): void;
  affine(
    x: number,
    centre: number,
    scale: number,
    shift: number,
    out: number,
    channels: number,
    area: number,
    groups: number,
  ): void;
  multiply_rows(
    x: number,
    y: number,
    out: number,
    xRows: number,
    yRows: number,
    count: number,
    groups: number,
    xStride: number,
    yStride: number,
  ): void;
  copy_rows(
    x: number,
    out: number,
    from: number,
    to: number,
    count: number,
    groups: number,
    xStride: number,
    outStride: number,
  ): void;
  fill(out: number, bytes: number, value: number): void;
  pad_image(
    x: number,
    out: number,
    channels: number,
    height: number,
    width: number,
    top: number,
    left: number,
    outHeight: number,
    outWidth: number,
    groups: number,
  ): void;
  max_rows(
    x: number,
    out: number,
    starts: number,
    taps: number,
    count: number,
    groups: number,
    xStride: number,
  ): void;
  sum_rows(
    x: number,
    out: number,
    starts: number,
    taps: number,
    factors: number,
    count: number,
    groups: number,
    xStride: number,
  ): void;
  ce(
    z: number,
    labels: number,
    outputs: number,
    groups: number,
    stride: number,
    first: number,
    end: number,
    sums: number,
  ): void;
  mse: Regression;
  bce: Regression;
  peak(rounds: number, factor: number): number;
}

/** Every kernel and what it is for; a test holds the names against the compiled modules' exports. */
export const stages: Readonly<Record<keyof Kernels, string>> = {
  form: 'parameters of a point, W + α·D1 + β·D2 in the order in which they are read',
  dense: 'matrix product with batch normalisation, residual and relu while in registers',
  combine: 'first perturbed layer from its three precomputed products',
  conv2d: 'convolution with the epilogue of dense',
  winograd: 'the same for 3×3 with stride 1, with 16 products instead of 36',
  relu: 'activation',
  leaky_relu: 'activation',
  tanh: 'activation',
  sigmoid: 'activation',
  gelu: 'activation',
  gelu_tanh: 'activation',
  silu: 'activation',
  elu: 'activation',
  softplus: 'activation',
  clipped_relu: 'activation',
  hardtanh: 'activation',
  add: 'sum of two values',
  affine: 'batch normalisation or scaling on its own',
  multiply_rows: 'product of two values, one repeated along axes',
  copy_rows: 'concatenation, slices, padding',
  fill: 'the constant of a padding',
  pad_image: 'zeros around an image, for conv2d',
  max_rows: 'max pooling',
  sum_rows: 'average pooling and means',
  ce: 'softmax cross-entropy',
  ...deltaStages,
  ...jetStages,
  mse: 'mean squared error',
  bce: 'binary cross-entropy with logits',
  peak: 'multiply-adds on registers alone, for benchmarks',
};

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
