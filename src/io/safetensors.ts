/**
 * safetensors: eight bytes with the header's length, the header in JSON, then the tensors' bytes.
 * https://github.com/huggingface/safetensors#format
 */
import { elements, type Shape } from '../model/graph.js';
import { type Fail, failAt, quoted, shownShape } from './errors.js';
import { checkedElements } from './limits.js';
import { decode, encode, type Scalar, scalarBytes, type TypedArray } from './scalars.js';

export type TensorType =
  'BOOL' | 'U8' | 'I8' | 'U16' | 'I16' | 'F16' | 'BF16' | 'U32' | 'I32' | 'F32' | 'U64' | 'I64' | 'F64';

/**
 * A tensor, row-major. `dtype` is what the file has; `data` holds F16 and BF16 as float32, I64 and U64 as
 * float64, everything else as itself.
 */
export interface Tensor {
  readonly dtype: TensorType;
  readonly shape: Shape;
  readonly data: TypedArray;
}

const scalars: ReadonlyMap<string, Scalar> = new Map<TensorType, Scalar>([
  ['BOOL', 'b1'],
  ['U8', 'u1'],
  ['I8', 'i1'],
  ['U16', 'u2'],
  ['I16', 'i2'],
  ['F16', 'f2'],
  ['BF16', 'bf2'],
  ['U32', 'u4'],
  ['I32', 'i4'],
  ['F32', 'f4'],
  ['U64', 'u8'],
  ['I64', 'i8'],
  ['F64', 'f8'],
]);

const LENGTH_BYTES = 8;
/** 16 MiB of header describe about 150 000 tensors: a ResNet-20 at a thousand steps of a run. */
export const MAX_HEADER_BYTES = 2 ** 24;
export const MAX_TENSORS = 100_000;
const METADATA = '__metadata__';

/** Every tensor by name, in the order of the file's bytes. Throws FileError. */
export function readSafetensors(bytes: Uint8Array, file: string): Map<string, Tensor> {
  const fail = failAt(file, 'header');
  const { header, dataStart } = readHeader(bytes, fail);
  const data = bytes.subarray(dataStart);

  const entries = Object.entries(header).filter(([name]) => name !== METADATA);
  if (entries.length > MAX_TENSORS) {
    fail(`it lists ${entries.length} tensors and at most ${MAX_TENSORS} are read; save fewer of them`);
  }
  const described = entries.map(([name, entry]) =>
    describe(name, entry, failAt(file, `tensor ${quoted(name)}`)),
  );
  described.sort((a, b) => a.begin - b.begin || a.end - b.end);

  // The format allows neither holes nor overlaps, so one pass settles that every byte has one owner.
  let position = 0;
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, scalar, shape, begin, end, fail: failTensor } of described) {
    if (begin !== position) {
      failTensor(
        `its bytes begin at ${begin} and not at ${position} where the previous tensor ends; save the file again`,
      );
    }
    if (end > data.length) {
      failTensor(
        `its bytes end at ${end} but the file has only ${data.length} of them; copy or download it again`,
      );
    }
    tensors.set(name, { dtype, shape, data: decode(scalar, data.subarray(begin, end), failTensor) });
    position = end;
  }
  if (position !== data.length) {
    fail(`${data.length - position} bytes at the end belong to no tensor; save the file again`);
  }
  return tensors;
}

/** What the file says of itself beside its tensors; texts alone, as the format has it. Throws FileError. */
export function readSafetensorsMetadata(bytes: Uint8Array, file: string): Map<string, string> {
  const { header } = readHeader(bytes, failAt(file, 'header'));
  const metadata: unknown = Object.entries(header).find(([name]) => name === METADATA)?.[1];
  if (typeof metadata !== 'object' || metadata === null) return new Map();
  return new Map(
    Object.entries(metadata).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/**
 * A safetensors file. F16 and BF16 tensors are written as the F32 numbers they hold. The same tensors
 * always give the same bytes.
 */
export function writeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: HeaderEntry[] = [];
  const parts: Uint8Array[] = [];
  for (const [name, tensor] of tensors) {
    if (elements(tensor.shape) !== tensor.data.length) {
      throw new RangeError(
        `${name} has ${tensor.data.length} elements but the shape [${tensor.shape.join(', ')}]`,
      );
    }
    const half = tensor.dtype === 'F16' || tensor.dtype === 'BF16';
    const dtype = half ? 'F32' : tensor.dtype;
    const part = encode(half ? 'f4' : (scalars.get(dtype) as 'f4'), tensor.data);
    entries.push({ name, dtype, shape: tensor.shape });
    parts.push(part);
  }
  const header = safetensorsHeader(entries, metadata);
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, header.length));
  file.set(header);
  let start = header.length;
  for (const part of parts) {
    file.set(part, start);
    start += part.length;
  }
  return file;
}

/** A tensor as the header of a file describes it. */
interface HeaderEntry {
  readonly name: string;
  readonly dtype: Exclude<TensorType, 'F16' | 'BF16'>;
  readonly shape: Shape;
}

/** Everything before the first tensor's bytes, which follow in the order of the entries without gaps. */
export function safetensorsHeader(
  entries: readonly HeaderEntry[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header = new Map<string, unknown>();
  if (metadata !== undefined) header.set(METADATA, metadata);
  let position = 0;
  for (const { name, dtype, shape } of entries) {
    if (header.has(name) || name === METADATA) throw new RangeError(`two tensors are named ${name}`);
    const end = position + elements(shape) * scalarBytes[scalars.get(dtype)!];
    header.set(name, { dtype, shape, data_offsets: [position, end] });
    position = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  // Spaces after the JSON align the tensors to eight bytes, as the format recommends.
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(LENGTH_BYTES + headerBytes).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, LENGTH_BYTES);
  return bytes;
}

/** The tensor's numbers as float32: itself when it is that already, else rounded to nearest. */
export function toFloat32(tensor: Tensor): Float32Array {
  return tensor.data instanceof Float32Array ? tensor.data : new Float32Array(tensor.data);
}

function readHeader(bytes: Uint8Array, fail: Fail): { header: object; dataStart: number } {
  if (bytes.length < LENGTH_BYTES) {
    fail(`the file has ${bytes.length} bytes and is no safetensors file; choose another or save it again`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    fail(
      `its length would be ${length} bytes, above ${MAX_HEADER_BYTES}, so this is no safetensors file; choose another`,
    );
  }
  const dataStart = LENGTH_BYTES + Number(length);
  if (dataStart > bytes.length) {
    fail(`it needs ${dataStart} bytes but the file has ${bytes.length}; copy or download it again`);
  }
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, dataStart)),
    );
  } catch {
    fail('it is not valid JSON; save the file again with safetensors');
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    return fail('it is no JSON object; save the file again with safetensors');
  }
  return { header, dataStart };
}

function describe(name: string, entry: unknown, fail: Fail) {
  if (typeof entry !== 'object' || entry === null) {
    return fail('its header entry is no object; save the file again with safetensors');
  }
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  const scalar = typeof dtype === 'string' ? scalars.get(dtype) : undefined;
  if (scalar === undefined) {
    return fail(
      `its type ${quoted(dtype)} is not one of ${[...scalars.keys()].join(', ')}; convert it to F32`,
    );
  }
  if (!Array.isArray(shape))
    return fail('its header entry has no shape; save the file again with safetensors');
  const bytes = checkedElements(shape, scalarBytes[scalar], fail) * scalarBytes[scalar];
  if (
    !Array.isArray(offsets) ||
    offsets.length !== 2 ||
    !offsets.every((o) => Number.isSafeInteger(o) && o >= 0)
  ) {
    return fail('its data_offsets are not two byte positions; save the file again with safetensors');
  }
  const [begin, end] = offsets as [number, number];
  if (end - begin !== bytes) {
    fail(
      `its shape ${shownShape(shape)} of ${quoted(dtype)} needs ${bytes} bytes but it has ${end - begin}; save the file again`,
    );
  }
  return { name, dtype: dtype as TensorType, scalar, shape: shape as number[], begin, end, fail };
}
