/**
 * The activations on `bytes` of a block (a multiple of 16); `out` may be `x`. Definitions and treatment of NaN are
 * those of src/model/activations.ts.
 */
import { Elementary } from './elementary';
import { clamp, leak, madd, rectify } from './lanes';

export function relu(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, rectify(v128.load(x + i)));
}

export function leaky_relu(x: usize, out: usize, bytes: usize, slope: f32): void {
  const slopes = f32x4.splat(slope);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, leak(v128.load(x + i), slopes));
}

export function tanh(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, Elementary.tanh(v128.load(x + i)));
}

export function sigmoid(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, Elementary.sigmoid(v128.load(x + i)));
}

export function silu(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    v128.store(out + i, f32x4.mul(v, Elementary.sigmoid(v)));
  }
}

/** x·Φ(x); Φ of a negative number straight from the tail, without cancellation. */
export function gelu(x: usize, out: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const tail = Elementary.normalTail(f32x4.abs(v));
    const share = v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), f32x4.lt(v, zero));
    v128.store(out + i, f32x4.mul(v, share));
  }
}

/** x·(1 + tanh u)/2 = x·logistic(2u), which does not cancel; 2u = 2·√(2/π)·(x + 0.044715·x³). */
export function gelu_tanh(x: usize, out: usize, bytes: usize): void {
  const linear = f32x4.splat(1.5957691216);
  const cubic = f32x4.splat(0.0713548162726);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const u = f32x4.mul(v, madd(f32x4.mul(v, v), cubic, linear));
    v128.store(out + i, f32x4.mul(v, Elementary.sigmoid(u)));
  }
}

export function elu(x: usize, out: usize, bytes: usize, slope: f32): void {
  const slopes = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const below = f32x4.mul(slopes, Elementary.expm1OfNegative(f32x4.pmin(v, zero)));
    v128.store(out + i, v128.bitselect(v, below, f32x4.gt(v, zero)));
  }
}

export function softplus(x: usize, out: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, Elementary.softplus(v128.load(x + i)));
}

export function clipped_relu(x: usize, out: usize, bytes: usize, ceiling: f32): void {
  const low = f32x4.splat(0);
  const high = f32x4.splat(ceiling);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, clamp(v128.load(x + i), low, high));
}

export function hardtanh(x: usize, out: usize, bytes: usize, bound: f32): void {
  const low = f32x4.splat(-bound);
  const high = f32x4.splat(bound);
  for (let i: usize = 0; i < bytes; i += 16) v128.store(out + i, clamp(v128.load(x + i), low, high));
}
