import { madd } from './lanes';
import { Quad } from './quad';

/** Adds the sums of one output's two taps, and of the next output's, to where they belong. */
function addTwo(sums: v128, out: usize, next: usize, both: bool, second: bool): void {
  if (both) {
    const low = f32x4.add(v128.load64_zero(out), sums);
    v128.store64_lane(out, low, 0);
    if (!second) return;
    const high = f32x4.add(v128.load64_splat(next), sums);
    v128.store64_lane(next, high, 1);
    return;
  }
  store<f32>(out, load<f32>(out) + f32x4.extract_lane(sums, 0));
  if (second) store<f32>(next, load<f32>(next) + f32x4.extract_lane(sums, 2));
}

/**
 * out[o][k] += Σ g[o]·x[offsets[k]] over eight samples at `rows` × `columns` places: the gradient of a product's weights,
 * `out` row-major `[outputs, taps]`. The gradients g of two outputs lie `plane` bytes apart, `offsets` are
 * bytes; two rows of places are `gLine` and `xLine` bytes apart, two columns `gStep` and `xStep`. For `dense` the
 * places are the groups, for `conv2d` the pixels of one group.
 *
 * Four outputs by two taps are eight accumulators of four lanes, as many as hide the latency of a multiply-add.
 */
export function outer(
  g: usize,
  plane: usize,
  x: usize,
  offsets: usize,
  out: usize,
  outputs: i32,
  taps: i32,
  rows: i32,
  columns: i32,
  gLine: usize,
  gStep: usize,
  xLine: usize,
  xStep: usize,
): void {
  const stride = (<usize>taps) << 2;
  for (let o: i32 = 0; o < outputs; o += 4) {
    // Outputs and taps that are missing repeat the last one, and are dropped.
    const more = outputs - 1 - o;
    const first = g + <usize>o * plane;
    const step1 = plane * <usize>min(1, more);
    const step2 = plane * <usize>min(2, more);
    const step3 = plane * <usize>min(3, more);
    for (let k: i32 = 0; k < taps; k += 2) {
      const both = k + 1 < taps;
      const left = x + <usize>load<u32>(offsets + ((<usize>k) << 2));
      const right = x + <usize>load<u32>(offsets + ((<usize>(both ? k + 1 : k)) << 2));
      let a0 = f32x4.splat(0);
      let b0 = a0;
      let a1 = a0;
      let b1 = a0;
      let a2 = a0;
      let b2 = a0;
      let a3 = a0;
      let b3 = a0;
      for (let row: i32 = 0; row < rows; row++) {
        let g0 = first + <usize>row * gLine;
        let g1 = g0 + step1;
        let g2 = g0 + step2;
        let g3 = g0 + step3;
        let p = left + <usize>row * xLine;
        let q = right + <usize>row * xLine;
        for (let column: i32 = 0; column < columns; column++) {
          const x0 = v128.load(p);
          const x1 = v128.load(q);
          const y0 = v128.load(g0);
          a0 = madd(y0, x0, a0);
          b0 = madd(y0, x1, b0);
          const y1 = v128.load(g1);
          a1 = madd(y1, x0, a1);
          b1 = madd(y1, x1, b1);
          const y2 = v128.load(g2);
          a2 = madd(y2, x0, a2);
          b2 = madd(y2, x1, b2);
          const y3 = v128.load(g3);
          a3 = madd(y3, x0, a3);
          b3 = madd(y3, x1, b3);
          const X0 = v128.load(p, 16);
          const X1 = v128.load(q, 16);
          const Y0 = v128.load(g0, 16);
          a0 = madd(Y0, X0, a0);
          b0 = madd(Y0, X1, b0);
          const Y1 = v128.load(g1, 16);
          a1 = madd(Y1, X0, a1);
          b1 = madd(Y1, X1, b1);
          const Y2 = v128.load(g2, 16);
          a2 = madd(Y2, X0, a2);
          b2 = madd(Y2, X1, b2);
          const Y3 = v128.load(g3, 16);
          a3 = madd(Y3, X0, a3);
          b3 = madd(Y3, X1, b3);
          g0 += gStep;
          g1 += gStep;
          g2 += gStep;
          g3 += gStep;
          p += xStep;
          q += xStep;
        }
      }
      const to = out + <usize>o * stride + ((<usize>k) << 2);
      addTwo(Quad.sums(a0, b0, a1, b1), to, to + stride, both, more > 0);
      if (more > 1) {
        addTwo(Quad.sums(a2, b2, a3, b3), to + stride * 2, to + stride * 3, both, more > 2);
      }
    }
  }
}
