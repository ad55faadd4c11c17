/**
 * NumPy's .npy: a magic string, a version, the length of a header that spells a Python dictionary, the
 * numbers. https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
import { elements } from '../model/graph.js';
import { type Fail, failAt, quoted, shownShape } from './errors.js';
import { checkedElements } from './limits.js';
import { parseNpyDictionary } from './npy-header.js';
import { decode, encode, type Scalar, scalarBytes, type TypedArray } from './scalars.js';

/**
 * An array, row-major. `dtype` is NumPy's, e.g. `<f4`; `data` holds `<f2` as float32, `<i8` and `<u8` as
 * float64, everything else as itself.
 */
export interface NpyArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: TypedArray;
}

export interface NpyHeader {
  readonly dtype: string;
  readonly scalar: Scalar;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the numbers begin, and where they end: the length the file must have. */
  readonly dataStart: number;
  readonly totalBytes: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** Headers of plain arrays take 128 bytes; only structured types, which are refused anyway, need many more. */
export const MAX_NPY_HEADER_BYTES = 65_536;

const readable = ['b1', 'u1', 'i1', 'u2', 'i2', 'u4', 'i4', 'u8', 'i8', 'f2', 'f4', 'f8'] as const;

/** The array of an .npy file. Fortran order is transposed to row-major. Throws FileError. */
export function readNpy(bytes: Uint8Array, file: string): NpyArray {
  const fail = failAt(file, '');
  return readNpyArray(bytes, readNpyHeader(bytes, fail), fail);
}

/** Reads and checks the header in the first bytes of a file; no byte of the numbers is needed. */
export function readNpyHeader(bytes: Uint8Array, fail: Fail): NpyHeader {
  if (bytes.length < 12 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    fail('it is no .npy array; save it with numpy.save or numpy.savez');
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) fail(`its .npy version ${version} is not known; save it with numpy.save`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const dataStart = headerStart + headerBytes;
  if (headerBytes > MAX_NPY_HEADER_BYTES) {
    fail(
      `its header has ${headerBytes} bytes and at most ${MAX_NPY_HEADER_BYTES} are read; save a plain array`,
    );
  }
  if (dataStart > bytes.length) fail(`it ends within its header; copy or download the file again`);

  const text = new TextDecoder('latin1').decode(bytes.subarray(headerStart, dataStart));
  const { descr, fortranOrder, shape } = parseNpyDictionary(text, fail);
  const scalar = readable.find((name) => name === descr.slice(1));
  const order = descr[0];
  if (scalar === undefined || !(order === '<' || order === '>' || order === '|' || order === '=')) {
    return fail(
      `its type ${quoted(descr)} is not read; convert it with .astype('float32') or, for labels, .astype('int32')`,
    );
  }
  const count = checkedElements(shape, scalarBytes[scalar], fail);
  return {
    dtype: descr,
    scalar,
    bigEndian: order === '>',
    fortranOrder,
    shape,
    dataStart,
    totalBytes: dataStart + count * scalarBytes[scalar],
  };
}

/** The array behind a header that `readNpyHeader` read from the same bytes. */
export function readNpyArray(bytes: Uint8Array, header: NpyHeader, fail: Fail): NpyArray {
  const { dtype, shape, dataStart, totalBytes } = header;
  if (bytes.length !== totalBytes) {
    fail(
      `its shape ${shownShape(shape)} of ${dtype} needs ${totalBytes} bytes but it has ${bytes.length}; copy or download the file again`,
    );
  }
  const data = decode(header.scalar, bytes.subarray(dataStart), fail, header.bigEndian);
  return { dtype, shape, data: header.fortranOrder ? rowMajor(data, shape) : data };
}

/**
 * An .npy file, version 1.0, little-endian, row-major. The stored type follows `dtype`; half precision is
 * written as the float32 it is held in.
 */
export function writeNpy(array: NpyArray): Uint8Array {
  const name = array.dtype.slice(1);
  const scalar = readable.find((known) => known === name);
  if (scalar === undefined) throw new RangeError(`no such NumPy type: ${array.dtype}`);
  if (elements(array.shape) !== array.data.length) {
    throw new RangeError(`${array.data.length} elements do not fill the shape [${array.shape.join(', ')}]`);
  }
  const stored = scalar === 'f2' ? 'f4' : scalar;
  const descr = `${scalarBytes[stored] === 1 ? '|' : '<'}${stored}`;
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`;
  const text = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;
  const data = encode(stored, array.data);

  // The numbers begin at a multiple of 64, as NumPy aligns them; the header ends in a newline.
  const dataStart = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataStart + data.length).fill(0x20, 0, dataStart);
  bytes.set([...MAGIC, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, dataStart - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[dataStart - 1] = 0x0a;
  bytes.set(data, dataStart);
  return bytes;
}

/** Reorders column-major data: walks the row-major order and keeps the column-major position beside it. */
function rowMajor(data: TypedArray, shape: readonly number[]): TypedArray {
  const result = data.slice();
  const index = shape.map(() => 0);
  const strides: number[] = [];
  let stride = 1;
  for (const size of shape) {
    strides.push(stride);
    stride *= size;
  }
  let source = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = data[source]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      source += strides[axis]!;
      if (index[axis]! < shape[axis]!) break;
      source -= index[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
