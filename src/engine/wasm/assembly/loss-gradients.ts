/**
 * Gradients of the losses by the outputs z `[groups][outputs][8]`, times `factor`, one over the samples of the batch;
 * 0 in the lanes of the last group that are no samples. Definitions are those of src/model/loss-derivatives.ts.
 */
import { Elementary } from './elementary';
import { ROW } from './lanes';

/** Which of the four lanes from `sample` are samples. */
function counted(sample: i32, samples: i32): v128 {
  return i32x4.lt_s(i32x4.add(i32x4.splat(sample), i32x4(0, 1, 2, 3)), i32x4.splat(samples));
}

/** Of cross-entropy: the softmax p_j, and −Σ_{j≠label} p_j at the label, where p − 1 would cancel. `labels` are int32. */
export function ce_gradient(
  z: usize,
  labels: usize,
  out: usize,
  outputs: i32,
  groups: i32,
  samples: i32,
  factor: f32,
): void {
  const bytes = <usize>outputs * ROW;
  for (let four: i32 = 0; four < groups * 2; four++) {
    const half = <usize>(four >> 1) * bytes + ((<usize>(four & 1)) << 4);
    const from = z + half;
    const to = out + half;
    const label = v128.load(labels + ((<usize>four) << 4));
    let top = v128.load(from);
    for (let at: usize = ROW; at < bytes; at += ROW) top = f32x4.pmax(top, v128.load(from + at));
    let others = f32x4.splat(0);
    let own = others;
    for (let at: usize = 0; at < bytes; at += ROW) {
      const e = Elementary.exp(f32x4.sub(v128.load(from + at), top));
      const mine = i32x4.eq(label, i32x4.splat(<i32>(at >> 5)));
      others = f32x4.add(others, v128.andnot(e, mine));
      own = f32x4.add(own, v128.and(e, mine));
      v128.store(to + at, e);
    }
    const share = v128.and(
      f32x4.div(f32x4.splat(factor), f32x4.add(others, own)),
      counted(four * 4, samples),
    );
    for (let at: usize = 0; at < bytes; at += ROW) {
      const mine = i32x4.eq(label, i32x4.splat(<i32>(at >> 5)));
      const value = v128.bitselect(f32x4.neg(others), v128.load(to + at), mine);
      v128.store(to + at, f32x4.mul(value, share));
    }
  }
}

/** 2·(z − t) over the number of outputs; `targets` lie as z does. */
export function mse_gradient(
  z: usize,
  targets: usize,
  out: usize,
  outputs: i32,
  groups: i32,
  samples: i32,
  factor: f32,
): void {
  const share = f32x4.splat(<f32>((2 * <f64>factor) / <f64>outputs));
  for (let g: i32 = 0; g < groups; g++) {
    const kept = v128.and(share, counted(g * 8, samples));
    const kept4 = v128.and(share, counted(g * 8 + 4, samples));
    for (let j: i32 = 0; j < outputs; j++) {
      v128.store(out, f32x4.mul(f32x4.sub(v128.load(z), v128.load(targets)), kept));
      v128.store(out, f32x4.mul(f32x4.sub(v128.load(z, 16), v128.load(targets, 16)), kept4), 16);
      z += ROW;
      targets += ROW;
      out += ROW;
    }
  }
}

/** ((1 − t)·logistic(z) − t·logistic(−z)) over the number of outputs. */
export function bce_gradient(
  z: usize,
  targets: usize,
  out: usize,
  outputs: i32,
  groups: i32,
  samples: i32,
  factor: f32,
): void {
  const share = f32x4.splat(<f32>(<f64>factor / <f64>outputs));
  const one = f32x4.splat(1);
  for (let four: i32 = 0; four < groups * 2; four++) {
    const half = <usize>(four >> 1) * <usize>outputs * ROW + ((<usize>(four & 1)) << 4);
    const kept = v128.and(share, counted(four * 4, samples));
    for (let j: i32 = 0; j < outputs; j++) {
      const at = half + <usize>j * ROW;
      const v = v128.load(z + at);
      const t = v128.load(targets + at);
      const up = f32x4.mul(f32x4.sub(one, t), Elementary.sigmoid(v));
      const down = f32x4.mul(t, Elementary.sigmoid(f32x4.neg(v)));
      v128.store(out + at, f32x4.mul(f32x4.sub(up, down), kept));
    }
  }
}
