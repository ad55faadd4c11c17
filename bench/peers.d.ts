/**
 * The little that is used of the libraries in bench/package.json, so that the project can be checked where they
 * are not installed. Names and meanings are theirs.
 */

declare module '@tensorflow/tfjs-core' {
  export interface Tensor {
    readonly shape: number[];
    reshape(shape: readonly number[]): Tensor;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export interface Variable extends Tensor {
    assign(value: Tensor): void;
  }
  interface Fused {
    readonly bias: Tensor;
    readonly activation: 'relu' | 'linear';
  }
  export const fused: {
    matMul(options: Fused & { a: Tensor; b: Tensor; transposeB?: boolean }): Tensor;
    conv2d(
      options: Fused & {
        x: Tensor;
        filter: Tensor;
        strides: number;
        pad: number;
        dimRoundingMode: 'floor';
      },
    ): Tensor;
  };
  export function tensor(values: Float32Array | number[], shape?: readonly number[]): Tensor;
  export function scalar(value: number): Tensor;
  export function tidy<T>(work: () => T): T;
  export function add(x: Tensor, y: Tensor): Tensor;
  export function sub(x: Tensor, y: Tensor): Tensor;
  export function mul(x: Tensor, y: Tensor): Tensor;
  export function relu(x: Tensor): Tensor;
  export function matMul(x: Tensor, y: Tensor): Tensor;
  export function mean(x: Tensor, axes?: readonly number[]): Tensor;
  export function sum(x: Tensor, axes?: readonly number[]): Tensor;
  export function logSumExp(x: Tensor, axes?: readonly number[]): Tensor;
  export function stack(tensors: readonly Tensor[]): Tensor;
  export function variable(value: Tensor): Variable;
  export const losses: { softmaxCrossEntropy(truth: Tensor, logits: Tensor): Tensor };
  export const train: {
    sgd(rate: number): { minimize(loss: () => Tensor, returnCost: boolean): Tensor | null };
  };
  export function setBackend(name: string): Promise<boolean>;
  export function ready(): Promise<void>;
  export function getBackend(): string;
  export function env(): { getAsync(flag: string): Promise<boolean> };
}

/** Importing it makes gradients known. */
declare module '@tensorflow/tfjs-core/dist/register_all_gradients';

declare module '@tensorflow/tfjs-backend-wasm' {
  export function setWasmPaths(paths: Readonly<Record<string, string>>): void;
  export function setThreadsCount(count: number): void;
}

declare module '@tensorflow/tfjs-backend-webgpu';

declare module '@tensorflow/tfjs-backend-wasm/dist/*.wasm?url' {
  const address: string;
  export default address;
}

declare module '@jax-js/jax' {
  export interface Array {
    /** This array, counted once more: every use of an array takes one count away. */
    readonly ref: Array;
    add(other: Array): Array;
    sub(other: Array): Array;
    mul(other: Array | number): Array;
    reshape(shape: readonly number[]): Array;
    data(): Promise<Float32Array>;
    dispose(): void;
  }
  export type Device = 'cpu' | 'wasm' | 'webgpu';
  export function init(...devices: Device[]): Promise<Device[]>;
  export function defaultDevice(device: Device): Device;
  /** Value and gradient by the first argument, which has the gradient's structure. */
  export function valueAndGrad<P, A extends unknown[]>(
    work: (parameters: P, ...rest: A) => Array,
  ): (parameters: P, ...rest: A) => [Array, P];
  export function blockUntilReady<T>(values: T): Promise<T>;
  export function jit<A extends unknown[], R>(work: (...values: A) => R): (...values: A) => R;
  export function vmap<A extends unknown[], R>(
    work: (...values: A) => R,
    axes: readonly unknown[],
  ): (...values: A) => R;
  export const numpy: {
    array(values: Float32Array | number[], options?: { shape: readonly number[] }): Array;
    matmul(x: Array, y: Array): Array;
    transpose(x: Array): Array;
    mean(x: Array, axes?: number | readonly number[]): Array;
    sum(x: Array, axes?: number | readonly number[]): Array;
    stack(arrays: readonly Array[]): Array;
  };
  export const nn: {
    relu(x: Array): Array;
    logsumexp(x: Array, axis: number): Array;
  };
  export const lax: {
    conv(
      x: Array,
      filter: Array,
      strides: readonly number[],
      padding: readonly (readonly [number, number])[],
    ): Array;
  };
}
