import { Epilogue, partsOf } from './epilogue';
import { madd, ROW } from './lanes';

/**
 * A layer of an unperturbed input is linear in (α, β): from x·W, x·D1 and x·D2 of every sample, computed once,
 * out = activation((xW + α·xD1 + β·xD2 + centre)·scale + shift + residual). α and β come as two floats each, the
 * rounded one and what it lost, because that loss would be common to all units. `stride` is that of the
 * three products; the rest is as in `dense`.
 */
export function combine(
  products: usize,
  alongA: usize,
  alongB: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  residual: usize,
  out: usize,
  outputs: i32,
  groups: i32,
  stride: usize,
  residualStride: usize,
  outStride: usize,
  a: f32,
  aLow: f32,
  b: f32,
  bLow: f32,
  activation: i32,
  slope: f32,
): void {
  const slopes = f32x4.splat(slope);
  const parts = partsOf(scale, residual, activation);
  const as = f32x4.splat(a);
  const bs = f32x4.splat(b);
  const asLow = f32x4.splat(aLow);
  const bsLow = f32x4.splat(bLow);
  for (let g: i32 = 0; g < groups; g++) {
    for (let o: i32 = 0; o < outputs; o++) {
      const at = <usize>o * ROW;
      const one = (<usize>o) << 2;
      const offset = centre != 0 ? v128.load32_splat(centre + one) : f32x4.splat(0);
      const u = v128.load(alongA + at);
      const v = v128.load(alongB + at);
      let low = madd(as, u, madd(bs, v, madd(asLow, u, f32x4.mul(bsLow, v))));
      low = f32x4.add(f32x4.add(v128.load(products + at), low), offset);
      const u4 = v128.load(alongA + at, 16);
      const v4 = v128.load(alongB + at, 16);
      let high = madd(as, u4, madd(bs, v4, madd(asLow, u4, f32x4.mul(bsLow, v4))));
      high = f32x4.add(f32x4.add(v128.load(products + at, 16), high), offset);
      Epilogue.finish(parts, out + at, low, high, scale + one, shift + one, residual + at, slopes);
    }
    products += stride;
    alongA += stride;
    alongB += stride;
    residual += residualStride;
    out += outStride;
  }
}
