import { madd } from './lanes';

/**
 * 24·`rounds` vector multiply-adds on registers alone, what the machine can do at best: 192·`rounds` FLOP. Twelve
 * independent chains hide the latency of two units.
 */
export function peak(rounds: i32, factor: f32): f32 {
  const f = f32x4.splat(factor);
  const c = f32x4.splat(0.5);
  let a0 = f32x4.splat(0);
  let a1 = f32x4.splat(1);
  let a2 = f32x4.splat(2);
  let a3 = f32x4.splat(3);
  let a4 = f32x4.splat(4);
  let a5 = f32x4.splat(5);
  let a6 = f32x4.splat(6);
  let a7 = f32x4.splat(7);
  let a8 = f32x4.splat(8);
  let a9 = f32x4.splat(9);
  let a10 = f32x4.splat(10);
  let a11 = f32x4.splat(11);
  for (let i: i32 = 0; i < rounds * 2; i++) {
    a0 = madd(a0, f, c);
    a1 = madd(a1, f, c);
    a2 = madd(a2, f, c);
    a3 = madd(a3, f, c);
    a4 = madd(a4, f, c);
    a5 = madd(a5, f, c);
    a6 = madd(a6, f, c);
    a7 = madd(a7, f, c);
    a8 = madd(a8, f, c);
    a9 = madd(a9, f, c);
    a10 = madd(a10, f, c);
    a11 = madd(a11, f, c);
  }
  let sum = f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(a4, a5), f32x4.add(a6, a7)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(a8, a9), f32x4.add(a10, a11)));
  return f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 3);
}
