import { leak, madd, rectify } from './lanes';

const AFFINE: i32 = 1;
const RESIDUAL: i32 = 2;
const RECTIFY: i32 = 4;
const LEAK: i32 = 8;

/** Which parts of an epilogue there are, as bits: an address 0 or activation 0 means none. */
export function partsOf(scale: usize, residual: usize, activation: i32): i32 {
  let parts: i32 = 0;
  if (scale != 0) parts |= AFFINE;
  if (residual != 0) parts |= RESIDUAL;
  if (activation == 1) parts |= RECTIFY;
  if (activation == 2) parts |= LEAK;
  return parts;
}

/**
 * What follows a sum of products while it is still in registers, for one row of eight samples:
 * y = activation(sum·scale + shift + residual). The addresses are those of this row; `activation` is
 * 0 none, 1 relu, 2 leaky_relu, the others have kernels of their own.
 */
export class Epilogue {
  @inline
  static finish(
    parts: i32,
    out: usize,
    low: v128,
    high: v128,
    scale: usize,
    shift: usize,
    residual: usize,
    slope: v128,
  ): void {
    if (parts & AFFINE) {
      const factor = v128.load32_splat(scale);
      const offset = v128.load32_splat(shift);
      low = madd(low, factor, offset);
      high = madd(high, factor, offset);
    }
    if (parts & RESIDUAL) {
      low = f32x4.add(low, v128.load(residual));
      high = f32x4.add(high, v128.load(residual, 16));
    }
    if (parts & RECTIFY) {
      low = rectify(low);
      high = rectify(high);
    } else if (parts & LEAK) {
      low = leak(low, slope);
      high = leak(high, slope);
    }
    v128.store(out, low);
    v128.store(out, high, 16);
  }
}
