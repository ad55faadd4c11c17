import { Epilogue, partsOf } from './epilogue';
import { madd, ROW } from './lanes';

/**
 * out[o] = activation((centre[o] + Σ_k W[o][k]·x[k])·scale[o] + shift[o] + residual[o]) for groups of eight
 * samples; an address 0 leaves centre, scale with shift, or residual out. Weights are packed
 * [⌈outputs/4⌉][inputs][4], centre, scale and shift padded to a multiple of 4. Strides are bytes a group;
 * that of the weights is 0 unless every group has its own.
 *
 * Four outputs by eight samples are eight accumulators; larger tiles make V8 spill (11.3: 16 registers, one
 * its own), and an unrolled inner loop costs it moves at the loop's end.
 */
export function dense(
  x: usize,
  weights: usize,
  weightsStride: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  residual: usize,
  out: usize,
  inputs: i32,
  outputs: i32,
  groups: i32,
  xStride: usize,
  residualStride: usize,
  outStride: usize,
  activation: i32,
  slope: f32,
): void {
  const slopes = f32x4.splat(slope);
  const parts = partsOf(scale, residual, activation);
  const rest = outputs & 3;
  // One or two outputs beyond the tiles go by sixteen samples.
  const tiled = rest == 1 || rest == 2 ? outputs - rest : outputs;
  if (tiled < outputs) {
    const one = (<usize>tiled) << 2;
    const row = <usize>tiled * ROW;
    denseOfTwo(
      parts,
      x,
      weights + <usize>tiled * <usize>inputs * 4,
      weightsStride,
      centre != 0 ? centre + one : 0,
      scale + one,
      shift + one,
      residual + row,
      out + row,
      inputs,
      rest,
      groups,
      xStride,
      residualStride,
      outStride,
      slopes,
    );
  }
  for (let g: i32 = 0; g < groups; g++) {
    let w = weights + <usize>g * weightsStride;
    for (let o: i32 = 0; o < tiled; o += 4) {
      let low0 = f32x4.splat(0);
      let high0 = low0;
      let low1 = low0;
      let high1 = low0;
      let low2 = low0;
      let high2 = low0;
      let low3 = low0;
      let high3 = low0;
      if (centre != 0) {
        const at = centre + ((<usize>o) << 2);
        low0 = v128.load32_splat(at);
        high0 = low0;
        low1 = v128.load32_splat(at, 4);
        high1 = low1;
        low2 = v128.load32_splat(at, 8);
        high2 = low2;
        low3 = v128.load32_splat(at, 12);
        high3 = low3;
      }
      let h = x;
      for (let k: i32 = 0; k < inputs; k++) {
        const low = v128.load(h);
        const high = v128.load(h, 16);
        const four = v128.load(w);
        const w0 = i8x16.shuffle(four, four, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        low0 = madd(w0, low, low0);
        high0 = madd(w0, high, high0);
        const w1 = i8x16.shuffle(four, four, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
        low1 = madd(w1, low, low1);
        high1 = madd(w1, high, high1);
        const w2 = i8x16.shuffle(four, four, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11);
        low2 = madd(w2, low, low2);
        high2 = madd(w2, high, high2);
        const w3 = i8x16.shuffle(four, four, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15);
        low3 = madd(w3, low, low3);
        high3 = madd(w3, high, high3);
        h += ROW;
        w += 16;
      }
      if (parts == 0 && outputs - o > 3) {
        const to = out + <usize>o * ROW;
        v128.store(to, low0);
        v128.store(to, high0, 16);
        v128.store(to, low1, 32);
        v128.store(to, high1, 48);
        v128.store(to, low2, 64);
        v128.store(to, high2, 80);
        v128.store(to, low3, 96);
        v128.store(to, high3, 112);
        continue;
      }
      const one = (<usize>o) << 2;
      let to = <usize>o * ROW;
      const s = scale + one;
      const t = shift + one;
      Epilogue.finish(parts, out + to, low0, high0, s + 0, t + 0, residual + to, slopes);
      if (outputs - o > 1) {
        to += ROW;
        Epilogue.finish(parts, out + to, low1, high1, s + 4, t + 4, residual + to, slopes);
      }
      if (outputs - o > 2) {
        to += ROW;
        Epilogue.finish(parts, out + to, low2, high2, s + 8, t + 8, residual + to, slopes);
      }
      if (outputs - o > 3) {
        to += ROW;
        Epilogue.finish(parts, out + to, low3, high3, s + 12, t + 12, residual + to, slopes);
      }
    }
    x += xStride;
    out += outStride;
    residual += residualStride;
  }
}

/** The same for one or two outputs, two groups at a time, of which the last may be one group twice. */
function denseOfTwo(
  parts: i32,
  x: usize,
  weights: usize,
  weightsStride: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  residual: usize,
  out: usize,
  inputs: i32,
  outputs: i32,
  groups: i32,
  xStride: usize,
  residualStride: usize,
  outStride: usize,
  slopes: v128,
): void {
  // Groups with weights of their own go one by one.
  const step: i32 = weightsStride == 0 ? 2 : 1;
  for (let g: i32 = 0; g < groups; g += step) {
    const other: usize = step == 2 && g + 1 < groups ? 1 : 0;
    let w = weights + <usize>g * weightsStride;
    let low0 = f32x4.splat(0);
    let low1 = low0;
    if (centre != 0) {
      low0 = v128.load32_splat(centre);
      low1 = v128.load32_splat(centre, 4);
    }
    let high0 = low0;
    let next0 = low0;
    let last0 = low0;
    let high1 = low1;
    let next1 = low1;
    let last1 = low1;
    let h = x;
    let k4 = x + other * xStride;
    for (let k: i32 = 0; k < inputs; k++) {
      const low = v128.load(h);
      const high = v128.load(h, 16);
      const next = v128.load(k4);
      const last = v128.load(k4, 16);
      const two = v128.load(w);
      const w0 = i8x16.shuffle(two, two, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
      low0 = madd(w0, low, low0);
      high0 = madd(w0, high, high0);
      next0 = madd(w0, next, next0);
      last0 = madd(w0, last, last0);
      const w1 = i8x16.shuffle(two, two, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7);
      low1 = madd(w1, low, low1);
      high1 = madd(w1, high, high1);
      next1 = madd(w1, next, next1);
      last1 = madd(w1, last, last1);
      h += ROW;
      k4 += ROW;
      w += 16;
    }
    const to = out + other * outStride;
    const added = residual + other * residualStride;
    Epilogue.finish(parts, out, low0, high0, scale, shift, residual, slopes);
    if (outputs == 2) {
      Epilogue.finish(parts, out + ROW, low1, high1, scale + 4, shift + 4, residual + ROW, slopes);
    }
    // Not twice for one group: its result may lie where its residual was.
    if (other) {
      Epilogue.finish(parts, to, next0, last0, scale, shift, added, slopes);
      if (outputs == 2) {
        Epilogue.finish(parts, to + ROW, next1, last1, scale + 4, shift + 4, added + ROW, slopes);
      }
    }
    x += <usize>step * xStride;
    residual += <usize>step * residualStride;
    out += <usize>step * outStride;
  }
}
