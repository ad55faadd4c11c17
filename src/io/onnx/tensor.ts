/**
 * Constants of an ONNX file as the importer computes with them, and how they are read: out of the model
 * itself or out of the data file beside it.
 */
import { type Fail, failAt, quoted } from '../errors.js';
import { checkedElements } from '../limits.js';
import { decode, type Scalar, scalarBytes, type TypedArray } from '../scalars.js';
import type { TensorProto } from './proto.js';

/** A file as the user gave it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * A known value, row-major. `float` has float32 data. `int` (and `bool`, 0 or 1) has float64 data, in which
 * NaN stands for the size of the batch; integers beyond ±2⁵³ are rounded, as PyTorch writes 2⁶³ − 1 for
 * "to the end".
 */
export interface Constant {
  readonly type: 'float' | 'int' | 'bool';
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/** A constant with where it comes from. */
export interface Known {
  readonly kind: 'known';
  readonly constant: Constant;
  /** Of the initializer, or null for what was computed. */
  readonly name: string | null;
  /** What the constant was before a `Transpose` with two axes; it stands before MatMul in the files. */
  readonly transposed: Constant | null;
}

/** Elements of all stored constants together; 2²⁶ float32 are 256 MiB, several times what an engine here runs. */
const MAX_STORED = 2 ** 26;
/** Elements of all computed constants together; they are sizes and zeros, now and then a transposed weight. */
const MAX_COMPUTED = 2 ** 24;

/** Counts what is allocated for constants, so that a small file cannot ask for many or large ones. */
export class Budget {
  private stored = MAX_STORED;
  private computed = MAX_COMPUTED;

  /** Throws FileError when `count` more stored elements are too many. */
  store(count: number, fail: Fail): void {
    this.stored -= count;
    if (!(this.stored >= 0)) {
      fail(`the file's constants have more than ${MAX_STORED} elements together; export a smaller network`);
    }
  }

  /** Throws FileError when `count` more computed elements are too many. */
  compute(count: number, fail: Fail): void {
    this.computed -= count;
    if (!(this.computed >= 0)) {
      fail(`it computes constants of more than ${MAX_COMPUTED} elements together; export a smaller network`);
    }
  }
}

interface Element {
  readonly scalar: Scalar;
  readonly type: Constant['type'];
  readonly name: string;
}

/** TensorProto.DataType. */
const elementTypes: ReadonlyMap<number, Element> = new Map([
  [1, { scalar: 'f4', type: 'float', name: 'float32' }],
  [2, { scalar: 'u1', type: 'int', name: 'uint8' }],
  [3, { scalar: 'i1', type: 'int', name: 'int8' }],
  [4, { scalar: 'u2', type: 'int', name: 'uint16' }],
  [5, { scalar: 'i2', type: 'int', name: 'int16' }],
  [6, { scalar: 'i4', type: 'int', name: 'int32' }],
  [7, { scalar: 'i8', type: 'int', name: 'int64' }],
  [9, { scalar: 'b1', type: 'bool', name: 'bool' }],
  [10, { scalar: 'f2', type: 'float', name: 'float16' }],
  [11, { scalar: 'f8', type: 'float', name: 'float64' }],
  [12, { scalar: 'u4', type: 'int', name: 'uint32' }],
  [13, { scalar: 'u8', type: 'int', name: 'uint64' }],
  [16, { scalar: 'bf2', type: 'float', name: 'bfloat16' }],
]);

/** What a number of TensorProto.DataType means to the importer, or undefined for strings and the like. */
export function elementType(dataType: number): Element | undefined {
  return elementTypes.get(dataType);
}

/** A tensor read, and the name of its element type in the file. */
export interface ReadTensor {
  readonly constant: Constant;
  readonly stored: string;
}

/** Reads a tensor; `others` are the files given together with the model. Throws FileError. */
export function readTensor(
  tensor: TensorProto,
  file: string,
  others: readonly NamedBytes[],
  budget: Budget,
): ReadTensor {
  const fail = failAt(file, tensor.name === '' ? 'a constant' : `tensor ${quoted(tensor.name)}`);
  const element = elementTypes.get(tensor.dataType);
  if (element === undefined) {
    return fail(`its element type ${tensor.dataType} is neither a real nor an integer; export it as float32`);
  }
  const { scalar, type } = element;
  const count = checkedElements(tensor.dims, scalarBytes[scalar], fail);
  budget.store(count, fail);
  const raw = tensor.external === null ? tensor.raw : externalBytes(tensor.external, others, fail);
  const values = raw === null ? listed(tensor, scalar, count, fail) : stored(raw, scalar, count, fail);
  const data = type === 'float' ? toFloat32(values) : Float64Array.from(values);
  return { constant: { type, shape: tensor.dims, data }, stored: element.name };
}

function toFloat32(values: ArrayLike<number>): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

/** Numbers out of raw bytes, little-endian by ONNX's rule. */
function stored(bytes: Uint8Array, scalar: Scalar, count: number, fail: Fail): TypedArray {
  const needed = count * scalarBytes[scalar];
  if (bytes.length !== needed) {
    return fail(
      `it has ${bytes.length} bytes where its shape needs ${needed}; export or copy the file again`,
    );
  }
  if (scalar !== 'i8' && scalar !== 'u8') return decode(scalar, bytes, fail);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = scalar === 'i8' ? view.getBigInt64.bind(view) : view.getBigUint64.bind(view);
  return Float64Array.from({ length: count }, (_, i) => Number(read(8 * i, true)));
}

/** Numbers out of the typed fields. */
function listed({ floats, integers }: TensorProto, scalar: Scalar, count: number, fail: Fail): TypedArray {
  // Half-precision bits stand in int32_data, so they have to be taken for what they are.
  const half = scalar === 'f2' || scalar === 'bf2';
  const values = scalar === 'f4' || scalar === 'f8' ? floats : integers;
  if (values.length !== count) {
    return fail(
      `it has ${values.length} values where its shape needs ${count}; export or copy the file again`,
    );
  }
  return half
    ? decode(scalar, new Uint8Array(Uint16Array.from(values).buffer), fail)
    : Float64Array.from(values);
}

/**
 * The bytes that external_data points at, in the file of that base name among those given. Folders in the
 * location are ignored: no path is ever followed.
 */
function externalBytes(
  entries: ReadonlyMap<string, string>,
  others: readonly NamedBytes[],
  fail: Fail,
): Uint8Array {
  const wanted = baseName(entries.get('location') ?? '');
  const found = others.find(({ name }) => baseName(name) === wanted);
  if (wanted === '' || found === undefined) {
    return fail(
      `its values stand in the file ${quoted(wanted)}, which was not given; open both files together, or export with external_data=False`,
    );
  }
  const offset = byteCount(entries.get('offset') ?? '0');
  const length = byteCount(entries.get('length') ?? String(found.bytes.length - (offset ?? 0)));
  if (offset === null || length === null || offset + length > found.bytes.length) {
    return fail(
      `its values should be ${entries.get('length') ?? 'all'} bytes from byte ${entries.get('offset') ?? '0'} of ${quoted(wanted)}, ` +
        `which has ${found.bytes.length}; export both files again, they don't belong together`,
    );
  }
  return found.bytes.subarray(offset, offset + length);
}

function byteCount(text: string): number | null {
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** What follows the last slash or backslash. */
function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}
