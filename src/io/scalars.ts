/**
 * Numbers as files store them: how many bytes each takes, and the typed array it becomes. Half-precision
 * types widen to float32, 64-bit integers become float64 when they are safe integers. Typed arrays are
 * assumed to be little-endian, as on every machine with a browser of today.
 */
import type { Fail } from './errors.js';

export type TypedArray =
  Float32Array | Float64Array | Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** NumPy's letters and byte counts; `bf2` is bfloat16, `b1` a truth value stored as one byte. */
export type Scalar =
  'b1' | 'u1' | 'i1' | 'u2' | 'i2' | 'u4' | 'i4' | 'u8' | 'i8' | 'f2' | 'bf2' | 'f4' | 'f8';

export const scalarBytes: Readonly<Record<Scalar, number>> = {
  b1: 1,
  u1: 1,
  i1: 1,
  u2: 2,
  i2: 2,
  u4: 4,
  i4: 4,
  u8: 8,
  i8: 8,
  f2: 2,
  bf2: 2,
  f4: 4,
  f8: 8,
};

/**
 * The numbers in `bytes`, whose length is a multiple of the scalar's; always a copy. Fails on a 64-bit
 * integer beyond ±2⁵³, which no number holds exactly.
 */
export function decode(scalar: Scalar, bytes: Uint8Array, fail: Fail, bigEndian = false): TypedArray {
  // Not bytes.slice(): on Node's Buffer that is a view of the whole file.
  const copy = new Uint8Array(bytes);
  const size = scalarBytes[scalar];
  if (bigEndian && size > 1) swapBytes(copy, size);
  const { buffer } = copy;
  switch (scalar) {
    case 'b1':
      return copy.map((value) => (value === 0 ? 0 : 1));
    case 'u1':
      return copy;
    case 'i1':
      return new Int8Array(buffer);
    case 'u2':
      return new Uint16Array(buffer);
    case 'i2':
      return new Int16Array(buffer);
    case 'u4':
      return new Uint32Array(buffer);
    case 'i4':
      return new Int32Array(buffer);
    case 'u8':
      return toSafeNumbers(new BigUint64Array(buffer), fail);
    case 'i8':
      return toSafeNumbers(new BigInt64Array(buffer), fail);
    case 'f2':
      return fromHalves(new Uint16Array(buffer));
    case 'bf2':
      return new Float32Array(new Uint32Array(new Uint16Array(buffer)).map((bits) => bits << 16).buffer);
    case 'f4':
      return new Float32Array(buffer);
    case 'f8':
      return new Float64Array(buffer);
  }
}

/**
 * The bytes of `values` as this scalar, little-endian. Throws RangeError on a value that the scalar
 * cannot hold: writers are called by the program, so this is its mistake, not the user's.
 */
export function encode(scalar: Exclude<Scalar, 'f2' | 'bf2'>, values: TypedArray): Uint8Array {
  const stored = store(scalar, values);
  for (let i = 0; i < values.length; i++) {
    const back = Number(stored[i]);
    const exact = scalar === 'f4' ? Math.fround(values[i]!) : values[i]!;
    // 0 and -0 are the same integer, so `===` and not Object.is.
    if (back !== exact && !(Number.isNaN(back) && Number.isNaN(exact))) {
      throw new RangeError(`element ${i} is ${values[i]}, which ${scalar} cannot hold`);
    }
  }
  return new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
}

function store(
  scalar: Exclude<Scalar, 'f2' | 'bf2'>,
  values: TypedArray,
): TypedArray | BigInt64Array | BigUint64Array {
  switch (scalar) {
    case 'b1':
    case 'u1':
      return new Uint8Array(values);
    case 'i1':
      return new Int8Array(values);
    case 'u2':
      return new Uint16Array(values);
    case 'i2':
      return new Int16Array(values);
    case 'u4':
      return new Uint32Array(values);
    case 'i4':
      return new Int32Array(values);
    case 'u8':
      return BigUint64Array.from(Array.from(values, BigInt));
    case 'i8':
      return BigInt64Array.from(Array.from(values, BigInt));
    case 'f4':
      return new Float32Array(values);
    case 'f8':
      return new Float64Array(values);
  }
}

function fromHalves(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = fromHalf(halves[i]!);
  return values;
}

/** The value of IEEE 754 binary16 bits. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function toSafeNumbers(values: BigInt64Array | BigUint64Array, fail: Fail): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (!Number.isSafeInteger(value)) {
      fail(`element ${i} is ${values[i]}, beyond the ±2^53 that is read exactly; save it as float64`);
    }
    numbers[i] = value;
  }
  return numbers;
}

function swapBytes(bytes: Uint8Array, size: number): void {
  for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
}
