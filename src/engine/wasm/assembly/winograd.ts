import { dense } from './dense';
import { Epilogue, partsOf } from './epilogue';
import { ROW } from './lanes';

/** Elements of a transformed tile. */
const POINTS: i32 = 16;

/** One row i of Bᵀ·d·B for four columns, each the sum or difference of two rows of the tile. */
class Transform {
  @inline
  static row(left: v128, middle: v128, right: v128, last: v128, out: usize, step: usize): void {
    v128.store(out, f32x4.sub(left, right));
    v128.store(out + step, f32x4.add(middle, right));
    v128.store(out + step * 2, f32x4.sub(right, middle));
    v128.store(out + step * 3, f32x4.sub(middle, last));
  }

  /** Rows `a` − `b` of a tile. */
  @inline
  static difference(a: usize, b: usize, out: usize, step: usize): void {
    Transform.row(
      f32x4.sub(v128.load(a), v128.load(b)),
      f32x4.sub(v128.load(a, 32), v128.load(b, 32)),
      f32x4.sub(v128.load(a, 64), v128.load(b, 64)),
      f32x4.sub(v128.load(a, 96), v128.load(b, 96)),
      out,
      step,
    );
  }

  /** Rows `a` + `b` of a tile. */
  @inline
  static sum(a: usize, b: usize, out: usize, step: usize): void {
    Transform.row(
      f32x4.add(v128.load(a), v128.load(b)),
      f32x4.add(v128.load(a, 32), v128.load(b, 32)),
      f32x4.add(v128.load(a, 64), v128.load(b, 64)),
      f32x4.add(v128.load(a, 96), v128.load(b, 96)),
      out,
      step,
    );
  }

  /** m₀ + m₁ + m₂ of a column of four products, `step` bytes apart. */
  @inline
  static upper(m: usize, step: usize): v128 {
    return f32x4.add(f32x4.add(v128.load(m), v128.load(m + step)), v128.load(m + step * 2));
  }

  /** m₁ − m₂ − m₃. */
  @inline
  static lower(m: usize, step: usize): v128 {
    return f32x4.sub(f32x4.sub(v128.load(m + step), v128.load(m + step * 2)), v128.load(m + step * 3));
  }
}

/** Bᵀ·d·B of the 4×4 tile at `x`, whose rows are `line` bytes apart, for four samples; results `step` bytes apart. */
function transformInput(x: usize, line: usize, out: usize, step: usize): void {
  const x1 = x + line;
  const x2 = x1 + line;
  const x3 = x2 + line;
  Transform.difference(x, x2, out, step);
  Transform.sum(x1, x2, out + step * 4, step);
  Transform.difference(x2, x1, out + step * 8, step);
  Transform.difference(x1, x3, out + step * 12, step);
}

/**
 * Convolution 3×3 with stride 1 by Winograd's F(2×2, 3×3): four pixels from 16 products instead of 36. `weights` hold
 * the transformed filters G·g·Gᵀ, `[16][⌈outputs/4⌉][inputs][4]`; `x` has zeros around it, so that tiles of 4×4 cover
 * it, lines and planes `line` and `plane` bytes apart. `scratch` has room for 16·(inputs + outputs) rows. The
 * rest is as in `conv2d`.
 */
export function winograd(
  x: usize,
  weights: usize,
  centre: usize,
  scale: usize,
  shift: usize,
  residual: usize,
  out: usize,
  scratch: usize,
  inputs: i32,
  outputs: i32,
  groups: i32,
  rows: i32,
  columns: i32,
  line: usize,
  plane: usize,
  xStride: usize,
  residualStride: usize,
  outStride: usize,
  activation: i32,
  slope: f32,
): void {
  const slopes = f32x4.splat(slope);
  const parts = partsOf(scale, residual, activation);
  const inputStep = <usize>inputs * ROW;
  const outputStep = <usize>outputs * ROW;
  const products = scratch + inputStep * POINTS;
  const filter = <usize>((outputs + 3) & ~3) * <usize>inputs * 4;
  const outLine = <usize>columns * ROW;
  const outPlane = <usize>rows * outLine;
  for (let g: i32 = 0; g < groups; g++) {
    for (let row: i32 = 0; row < rows; row += 2) {
      for (let column: i32 = 0; column < columns; column += 2) {
        let tile = x + <usize>row * line + <usize>column * ROW;
        for (let c: usize = 0; c < inputStep; c += ROW) {
          transformInput(tile, line, scratch + c, inputStep);
          transformInput(tile + 16, line, scratch + c + 16, inputStep);
          tile += plane;
        }
        dense(
          scratch,
          weights,
          filter,
          0,
          0,
          0,
          0,
          products,
          inputs,
          outputs,
          POINTS,
          inputStep,
          0,
          outputStep,
          0,
          0,
        );
        let to = <usize>row * outLine + <usize>column * ROW;
        const wide = column + 1 < columns;
        for (let o: i32 = 0; o < outputs; o++) {
          const one = (<usize>o) << 2;
          const offset = centre != 0 ? v128.load32_splat(centre + one) : f32x4.splat(0);
          const m = products + <usize>o * ROW;
          let at = to;
          for (let i: i32 = 0; i < 2; i++) {
            if (row + i == rows) break;
            const step = outputStep * 4;
            let low0: v128, low1: v128, low2: v128, low3: v128;
            let high0: v128, high1: v128, high2: v128, high3: v128;
            if (i == 0) {
              low0 = Transform.upper(m, step);
              low1 = Transform.upper(m + outputStep, step);
              low2 = Transform.upper(m + outputStep * 2, step);
              low3 = Transform.upper(m + outputStep * 3, step);
              high0 = Transform.upper(m + 16, step);
              high1 = Transform.upper(m + outputStep + 16, step);
              high2 = Transform.upper(m + outputStep * 2 + 16, step);
              high3 = Transform.upper(m + outputStep * 3 + 16, step);
            } else {
              low0 = Transform.lower(m, step);
              low1 = Transform.lower(m + outputStep, step);
              low2 = Transform.lower(m + outputStep * 2, step);
              low3 = Transform.lower(m + outputStep * 3, step);
              high0 = Transform.lower(m + 16, step);
              high1 = Transform.lower(m + outputStep + 16, step);
              high2 = Transform.lower(m + outputStep * 2 + 16, step);
              high3 = Transform.lower(m + outputStep * 3 + 16, step);
            }
            const low = f32x4.add(f32x4.add(f32x4.add(low0, low1), low2), offset);
            const high = f32x4.add(f32x4.add(f32x4.add(high0, high1), high2), offset);
            Epilogue.finish(parts, out + at, low, high, scale + one, shift + one, residual + at, slopes);
            if (wide) {
              const next = f32x4.add(f32x4.sub(f32x4.sub(low1, low2), low3), offset);
              const last = f32x4.add(f32x4.sub(f32x4.sub(high1, high2), high3), offset);
              const right = at + ROW;
              Epilogue.finish(
                parts,
                out + right,
                next,
                last,
                scale + one,
                shift + one,
                residual + right,
                slopes,
              );
            }
            at += outLine;
          }
          to += outPlane;
        }
      }
    }
    x += xStride;
    residual += residualStride;
    out += outStride;
  }
}
