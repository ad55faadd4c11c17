/**
 * The activations' way back: out = g·f′(x) over `bytes`, a multiple of 16, or added to `out`, which may be g. At a
 * kink f′ is the one of src/model/activations.ts.
 */
import { Elementary } from './elementary';
import { clamp, madd } from './lanes';

class Slope {
  @inline
  static put(out: usize, value: v128, added: bool): void {
    v128.store(out, added ? f32x4.add(v128.load(out), value) : value);
  }

  /** e/(1 + e)², the logistic function's derivative, from e = exp(−|x|), which does not cancel. */
  @inline
  static logistic(e: v128): v128 {
    const one = f32x4.add(e, f32x4.splat(1));
    return f32x4.div(e, f32x4.mul(one, one));
  }

  @inline
  static ofSigmoid(x: v128): v128 {
    return Slope.logistic(Elementary.exp(f32x4.neg(f32x4.abs(x))));
  }
}

export function relu_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    Slope.put(out + i, v128.andnot(v128.load(g + i), f32x4.le(v128.load(x + i), zero)), added);
  }
}

export function leaky_relu_backward(
  x: usize,
  g: usize,
  out: usize,
  bytes: usize,
  added: bool,
  slope: f32,
): void {
  const zero = f32x4.splat(0);
  const slopes = f32x4.splat(slope);
  for (let i: usize = 0; i < bytes; i += 16) {
    const given = v128.load(g + i);
    const on = f32x4.gt(v128.load(x + i), zero);
    Slope.put(out + i, v128.bitselect(given, f32x4.mul(given, slopes), on), added);
  }
}

export function tanh_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const e = Elementary.exp(f32x4.mul(f32x4.abs(v128.load(x + i)), f32x4.splat(-2)));
    const slope = f32x4.mul(Slope.logistic(e), f32x4.splat(4));
    Slope.put(out + i, f32x4.mul(v128.load(g + i), slope), added);
  }
}

export function sigmoid_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    Slope.put(out + i, f32x4.mul(v128.load(g + i), Slope.ofSigmoid(v128.load(x + i))), added);
  }
}

export function silu_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const slope = madd(v, Slope.ofSigmoid(v), Elementary.sigmoid(v));
    Slope.put(out + i, f32x4.mul(v128.load(g + i), slope), added);
  }
}

/** Φ(x) + x·φ(x). */
export function gelu_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const tail = Elementary.normalTail(f32x4.abs(v));
    const share = v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), f32x4.lt(v, zero));
    const density = Elementary.exp(f32x4.mul(f32x4.mul(v, v), f32x4.splat(-0.5)));
    const slope = madd(f32x4.mul(v, f32x4.splat(0.39894228)), density, share);
    Slope.put(out + i, f32x4.mul(v128.load(g + i), slope), added);
  }
}

/** Of x·logistic(u), u = 2·√(2/π)·(x + 0.044715·x³): logistic(u) + x·logistic′(u)·u′. */
export function gelu_tanh_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  const linear = f32x4.splat(1.5957691216);
  const cubic = f32x4.splat(0.0713548162726);
  const triple = f32x4.splat(0.2140644488178);
  // Beyond these it is 0 or 1, and x³ may leave float32.
  const low = f32x4.splat(-20);
  const high = f32x4.splat(20);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = clamp(v128.load(x + i), low, high);
    const vv = f32x4.mul(v, v);
    const u = f32x4.mul(v, madd(vv, cubic, linear));
    const inner = f32x4.mul(v, madd(vv, triple, linear));
    const slope = madd(inner, Slope.ofSigmoid(u), Elementary.sigmoid(u));
    Slope.put(out + i, f32x4.mul(v128.load(g + i), slope), added);
  }
}

export function elu_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool, slope: f32): void {
  const zero = f32x4.splat(0);
  const slopes = f32x4.splat(slope);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const given = v128.load(g + i);
    const below = f32x4.mul(slopes, Elementary.exp(f32x4.pmin(v, zero)));
    Slope.put(out + i, v128.bitselect(given, f32x4.mul(given, below), f32x4.gt(v, zero)), added);
  }
}

export function softplus_backward(x: usize, g: usize, out: usize, bytes: usize, added: bool): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    Slope.put(out + i, f32x4.mul(v128.load(g + i), Elementary.sigmoid(v128.load(x + i))), added);
  }
}

export function clipped_relu_backward(
  x: usize,
  g: usize,
  out: usize,
  bytes: usize,
  added: bool,
  ceiling: f32,
): void {
  const low = f32x4.splat(0);
  const high = f32x4.splat(ceiling);
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = v128.load(x + i);
    const off = v128.or(f32x4.le(v, low), f32x4.ge(v, high));
    Slope.put(out + i, v128.andnot(v128.load(g + i), off), added);
  }
}

export function hardtanh_backward(
  x: usize,
  g: usize,
  out: usize,
  bytes: usize,
  added: bool,
  bound: f32,
): void {
  const high = f32x4.splat(bound);
  for (let i: usize = 0; i < bytes; i += 16) {
    const off = f32x4.ge(f32x4.abs(v128.load(x + i)), high);
    Slope.put(out + i, v128.andnot(v128.load(g + i), off), added);
  }
}
