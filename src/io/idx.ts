/**
 * MNIST's IDX: four bytes (0, 0, type, number of axes), the sizes, the numbers; big-endian, often gzipped.
 * http://yann.lecun.com/exdb/mnist/
 */
import { type Fail, failAt, shownShape } from './errors.js';
import { gunzip, Inflating, isGzip } from './inflate.js';
import { checkedElements, MAX_RANK } from './limits.js';
import type { NpyArray } from './npy.js';
import { decode, type Scalar, scalarBytes } from './scalars.js';

const types: ReadonlyMap<number, { readonly scalar: Scalar; readonly dtype: string }> = new Map([
  [0x08, { scalar: 'u1', dtype: '|u1' }],
  [0x09, { scalar: 'i1', dtype: '|i1' }],
  [0x0b, { scalar: 'i2', dtype: '>i2' }],
  [0x0c, { scalar: 'i4', dtype: '>i4' }],
  [0x0d, { scalar: 'f4', dtype: '>f4' }],
  [0x0e, { scalar: 'f8', dtype: '>f8' }],
]);

const MAX_HEADER_BYTES = 4 + 4 * MAX_RANK;

/** One file of a pair, as the user gave it. */
export interface NamedBytes {
  readonly file: string;
  readonly bytes: Uint8Array;
}

/** Whether the bytes begin as an IDX file does. */
export function isIdx(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes[1] === 0 && types.has(bytes[2]!) && bytes[3]! >= 1 && bytes[3]! <= MAX_RANK;
}

/** The array of an IDX file, plain or gzipped. Throws FileError. */
export function readIdx(packed: Uint8Array, file: string): NpyArray {
  const fail = failAt(file, '');
  const gzipped = isGzip(packed);
  const head = gzipped ? new Inflating(packed, 'gzip', fail).upTo(MAX_HEADER_BYTES).data : packed;
  const { scalar, dtype, shape, dataStart } = readHeader(head, fail);
  const expected = dataStart + checkedElements(shape, scalarBytes[scalar], fail) * scalarBytes[scalar];
  const bytes = gzipped ? gunzip(packed, expected, fail) : packed;
  if (bytes.length !== expected) {
    fail(
      `its shape ${shownShape(shape)} needs ${expected} bytes but it has ${bytes.length}; copy or download it again`,
    );
  }
  return { dtype, shape, data: decode(scalar, bytes.subarray(dataStart), fail, true) };
}

/**
 * Images and labels of a pair of files in either order: the labels are the one with a single axis. Images
 * of [samples, height, width] get an axis for their one channel. Throws FileError.
 */
export function readIdxPair(one: NamedBytes, other: NamedBytes): { x: NpyArray; y: NpyArray } {
  const arrays = [one, other].map(({ file, bytes }) => ({ file, array: readIdx(bytes, file) }));
  const labels = arrays.find(({ array }) => array.shape.length === 1);
  const images = arrays.find(({ array }) => array.shape.length > 1);
  if (labels === undefined || images === undefined) {
    const what = labels === undefined ? 'labels' : 'images';
    const way =
      'give the pair that belongs together, e.g. train-images-idx3-ubyte and train-labels-idx1-ubyte';
    return failAt(one.file, '')(`neither it nor ${other.file} holds ${what}; ${way}`);
  }
  const { shape } = images.array;
  if (shape[0] !== labels.array.shape[0]) {
    failAt(
      labels.file,
      '',
    )(
      `it holds ${labels.array.shape[0]} labels for the ${shape[0]} images of ${images.file}; give the pair that belongs together`,
    );
  }
  const x =
    shape.length === 3 ? { ...images.array, shape: [shape[0]!, 1, shape[1]!, shape[2]!] } : images.array;
  return { x, y: labels.array };
}

function readHeader(bytes: Uint8Array, fail: Fail) {
  if (!isIdx(bytes))
    return fail('it is no IDX file; give one like train-images-idx3-ubyte, plain or gzipped');
  const { scalar, dtype } = types.get(bytes[2]!)!;
  const rank = bytes[3]!;
  const dataStart = 4 + 4 * rank;
  if (bytes.length < dataStart) fail('it breaks off within its header; copy or download it again');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  return { scalar, dtype, shape, dataStart };
}
