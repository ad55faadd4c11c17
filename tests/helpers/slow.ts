/**
 * Whether WebGPU's tests are for an adapter that takes seconds for a shader, as SwiftShader does: the test command sets
 * `GRID_STRIDE` then, and what is alike is seen fewer times.
 */
export const stride = Number(process.env['GRID_STRIDE'] ?? 1);
export const isSlow = stride > 1;

/** All cases, or on a slow adapter those that are `chosen`; throws where one of these is none of them. */
export function fewer<T>(cases: readonly T[], ...chosen: readonly T[]): readonly T[] {
  const other = chosen.find((one) => !cases.includes(one));
  if (other !== undefined) throw new Error(`${String(other)} is no case`);
  return isSlow ? chosen : cases;
}
