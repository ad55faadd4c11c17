/**
 * Activations of jets (jets.ts): with f, f′ and f″ at v, a part a becomes f′·a, aa/2 becomes f′·aa/2 + f″·a²/2, ab
 * becomes f′·ab + f″·a·b. `out` may be `x`. Definitions are those of src/model/activations.ts.
 */
import { Elementary } from './elementary';
import { clamp, madd } from './lanes';

class Jet {
  /** Writes sixteen bytes of every part at offset `i`; `second` is not read with three parts. */
  @inline
  static write(
    x: usize,
    out: usize,
    part: usize,
    parts: i32,
    i: usize,
    value: v128,
    first: v128,
    second: v128,
  ): void {
    if (parts == 6) {
      const a = v128.load(x + i + 4 * part);
      const b = v128.load(x + i + 5 * part);
      const bend = f32x4.mul(second, a);
      const half = f32x4.mul(f32x4.splat(0.5), second);
      const aa = f32x4.mul(f32x4.mul(half, a), a);
      const bb = f32x4.mul(f32x4.mul(half, b), b);
      v128.store(out + i + part, madd(first, v128.load(x + i + part), aa));
      v128.store(out + i + 2 * part, madd(first, v128.load(x + i + 2 * part), f32x4.mul(bend, b)));
      v128.store(out + i + 3 * part, madd(first, v128.load(x + i + 3 * part), bb));
      v128.store(out + i + 4 * part, f32x4.mul(first, a));
      v128.store(out + i + 5 * part, f32x4.mul(first, b));
    } else {
      v128.store(out + i + part, f32x4.mul(first, v128.load(x + i + part)));
      v128.store(out + i + 2 * part, f32x4.mul(first, v128.load(x + i + 2 * part)));
    }
    v128.store(out + i, value);
  }

  /** σ(−x) from σ's own e: no 1 − σ(x) cancels. */
  @inline
  static slopeOfSigmoid(x: v128): v128 {
    return f32x4.mul(Elementary.sigmoid(x), Elementary.sigmoid(f32x4.neg(x)));
  }
}

/** Piecewise linear: 0 in `off`, else 1. */
function switched(x: usize, out: usize, part: usize, parts: i32, i: usize, value: v128, off: v128): void {
  const first = v128.andnot(f32x4.splat(1), off);
  Jet.write(x, out, part, parts, i, value, first, f32x4.splat(0));
}

export function jet_relu(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    switched(x, out, part, parts, i, f32x4.pmax(v, zero), f32x4.le(v, zero));
  }
}

export function jet_leaky_relu(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  const slopes = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const first = v128.bitselect(f32x4.splat(1), slopes, f32x4.gt(v, zero));
    Jet.write(x, out, part, parts, i, f32x4.mul(v, first), first, zero);
  }
}

export function jet_clipped_relu(x: usize, out: usize, part: usize, parts: i32, ceiling: f32): void {
  const low = f32x4.splat(0);
  const high = f32x4.splat(ceiling);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const off = v128.or(f32x4.le(v, low), f32x4.ge(v, high));
    switched(x, out, part, parts, i, clamp(v, low, high), off);
  }
}

export function jet_hardtanh(x: usize, out: usize, part: usize, parts: i32, bound: f32): void {
  const low = f32x4.splat(-bound);
  const high = f32x4.splat(bound);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const off = v128.or(f32x4.le(v, low), f32x4.ge(v, high));
    switched(x, out, part, parts, i, clamp(v, low, high), off);
  }
}

/** tanh′ = 4σ(2x)σ(−2x), tanh″ = −2·tanh·tanh′. */
export function jet_tanh(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const value = Elementary.tanh(v);
    const first = f32x4.mul(f32x4.splat(4), Jet.slopeOfSigmoid(f32x4.add(v, v)));
    const second = f32x4.mul(f32x4.splat(-2), f32x4.mul(value, first));
    Jet.write(x, out, part, parts, i, value, first, second);
  }
}

/** σ″ = σ′·(σ(−x) − σ(x)) = −σ′·tanh(x/2). */
export function jet_sigmoid(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const first = Jet.slopeOfSigmoid(v);
    const bend = Elementary.tanh(f32x4.mul(v, f32x4.splat(-0.5)));
    Jet.write(x, out, part, parts, i, Elementary.sigmoid(v), first, f32x4.mul(first, bend));
  }
}

/** (x·σ)′ = σ + x·σ′, (x·σ)″ = σ′·(2 − x·tanh(x/2)). */
export function jet_silu(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const share = Elementary.sigmoid(v);
    const steep = Jet.slopeOfSigmoid(v);
    const bend = madd(v, Elementary.tanh(f32x4.mul(v, f32x4.splat(-0.5))), f32x4.splat(2));
    const first = madd(v, steep, share);
    Jet.write(x, out, part, parts, i, f32x4.mul(v, share), first, f32x4.mul(steep, bend));
  }
}

/** With φ = e^(−x²/2)/√(2π): Φ + x·φ and (2 − x²)·φ. */
export function jet_gelu(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const tail = Elementary.normalTail(f32x4.abs(v));
    const share = v128.bitselect(tail, f32x4.sub(f32x4.splat(1), tail), f32x4.lt(v, zero));
    const square = f32x4.mul(v, v);
    const power = Elementary.exp(f32x4.mul(square, f32x4.splat(-0.5)));
    const density = f32x4.mul(power, f32x4.splat(0.3989422804));
    const second = f32x4.mul(f32x4.sub(f32x4.splat(2), square), density);
    Jet.write(x, out, part, parts, i, f32x4.mul(v, share), madd(v, density, share), second);
  }
}

/** x·σ(u), u = c·(x + k·x³): σ + x·σ′·u′ and σ′·(2u′ + x·u″ − x·u′²·tanh(u/2)). */
export function jet_gelu_tanh(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  const linear = f32x4.splat(1.5957691216);
  const cubic = f32x4.splat(0.0713548162726);
  const three = f32x4.splat(0.2140644488);
  const six = f32x4.splat(0.4281288976);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const square = f32x4.mul(v, v);
    const u = f32x4.mul(v, madd(square, cubic, linear));
    const along = madd(square, three, linear);
    const share = Elementary.sigmoid(u);
    const steep = Jet.slopeOfSigmoid(u);
    const first = madd(f32x4.mul(v, steep), along, share);
    const curved = madd(square, six, f32x4.add(along, along));
    const bend = f32x4.mul(f32x4.mul(v, along), Elementary.tanh(f32x4.mul(u, f32x4.splat(-0.5))));
    const second = f32x4.mul(steep, madd(bend, along, curved));
    Jet.write(x, out, part, parts, i, f32x4.mul(v, share), first, second);
  }
}

export function jet_elu(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  const slopes = f32x4.splat(slope);
  const zero = f32x4.splat(0);
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const on = f32x4.gt(v, zero);
    const low = f32x4.pmin(v, zero);
    const value = v128.bitselect(v, f32x4.mul(slopes, Elementary.expm1OfNegative(low)), on);
    const steep = f32x4.mul(slopes, Elementary.exp(low));
    const first = v128.bitselect(f32x4.splat(1), steep, on);
    Jet.write(x, out, part, parts, i, value, first, v128.andnot(steep, on));
  }
}

/** Above 20 the identity, as PyTorch's. */
export function jet_softplus(x: usize, out: usize, part: usize, parts: i32, slope: f32): void {
  for (let i: usize = 0; i < part; i += 16) {
    const v = v128.load(x + i);
    const straight = f32x4.gt(v, f32x4.splat(20));
    const first = v128.bitselect(f32x4.splat(1), Elementary.sigmoid(v), straight);
    const second = v128.andnot(Jet.slopeOfSigmoid(v), straight);
    Jet.write(x, out, part, parts, i, Elementary.softplus(v), first, second);
  }
}
