import { type Fail, quoted, shownShape } from './errors.js';

/** More bytes than this are never allocated for what one file unpacks to: 1 GiB. */
export const MAX_BYTES = 2 ** 30;

/** Axes of one array; PyTorch's and NumPy's own users stay below 6. */
export const MAX_RANK = 8;

/**
 * Number of elements of a shape read from a file, checked before anything is allocated: at most
 * `MAX_RANK` axes, every size a non-negative safe integer, `elements · bytesEach` at most `MAX_BYTES`.
 */
export function checkedElements(shape: readonly unknown[], bytesEach: number, fail: Fail): number {
  if (shape.length > MAX_RANK) {
    fail(`it has ${shape.length} axes and at most ${MAX_RANK} are read; reshape it before saving`);
  }
  let product = 1;
  let empty = false;
  for (const size of shape) {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      return fail(
        `its shape has the size ${quoted(size)}, which is no whole number of elements; save it again`,
      );
    }
    // A zero may stand anywhere, so the other sizes are still bounded by their own product.
    if (size === 0) empty = true;
    else product *= size;
    if (product * bytesEach > MAX_BYTES) {
      fail(`its shape ${shownShape(shape)} needs more than ${MAX_BYTES / 2 ** 20} MiB; save fewer rows`);
    }
  }
  return empty ? 0 : product;
}
