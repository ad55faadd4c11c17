import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { readSafetensors, type Tensor, toFloat32, writeSafetensors } from '../../../src/io/safetensors.js';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

/** A file with this header text and these data bytes. */
function file(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const refusal = (bytes: Uint8Array): string => {
  try {
    readSafetensors(bytes, 'w.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
  throw new Error('it was read');
};

describe('safetensors', () => {
  test("reads PyTorch's weights: names, shapes, numbers", () => {
    const tensors = readSafetensors(fixture('bnmlp10-plain.safetensors'), 'bnmlp10-plain.safetensors');
    const weights = [...tensors].filter(([name]) => name.endsWith('.weight'));
    expect(weights.length).toBeGreaterThan(20);
    for (const [, { dtype, shape, data }] of weights) {
      expect(dtype).toBe('F32');
      expect(data).toHaveLength(shape.reduce((a, b) => a * b, 1));
      expect(data.every(Number.isFinite)).toBe(true);
    }
  });

  test('writes what it reads, byte positions aligned to eight', () => {
    const tensors = new Map<string, Tensor>([
      ['__proto__', { dtype: 'F32', shape: [2, 2], data: new Float32Array([1, -0, NaN, Infinity]) }],
      ['7', { dtype: 'F64', shape: [], data: new Float64Array([Math.PI]) }],
      ['long', { dtype: 'I64', shape: [2], data: new Float64Array([-(2 ** 53 - 1), 5]) }],
      ['none', { dtype: 'U8', shape: [0, 3], data: new Uint8Array() }],
      ['true', { dtype: 'BOOL', shape: [1], data: new Uint8Array([1]) }],
      ['short', { dtype: 'I16', shape: [1, 1, 3], data: new Int16Array([-3, 2, 1]) }],
    ]);
    const bytes = writeSafetensors(tensors, { format: 'pt' });
    const read = readSafetensors(bytes, 'w');
    expect([...read.keys()].sort()).toEqual([...tensors.keys()].sort());
    for (const [name, tensor] of tensors) expect(read.get(name)).toEqual(tensor);
    expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
  });

  test('half precision becomes the float32 numbers it stands for', () => {
    const half = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x8400, 0x7c00, 0xfc00, 0x3555];
    const bits = new Uint8Array(new Uint16Array([...half, 0x3f80, 0xc2f7, 0x7f80]).buffer);
    const tensors = readSafetensors(
      file(
        {
          h: { dtype: 'F16', shape: [8], data_offsets: [0, 16] },
          b: { dtype: 'BF16', shape: [3], data_offsets: [16, 22] },
        },
        bits,
      ),
      'w',
    );
    expect([...toFloat32(tensors.get('h')!)]).toEqual([
      1,
      -2,
      65504,
      2 ** -24,
      -(2 ** -14),
      Infinity,
      -Infinity,
      0.333251953125,
    ]);
    expect([...toFloat32(tensors.get('b')!)]).toEqual([1, -123.5, Infinity]);
    expect(toFloat32({ dtype: 'F64', shape: [1], data: new Float64Array([0.1]) })[0]).toBe(Math.fround(0.1));
  });

  const f32 = (shape: unknown, offsets: unknown) => ({ dtype: 'F32', shape, data_offsets: offsets });
  const zeros = (n: number) => new Uint8Array(n);
  test.each<[string, Uint8Array, RegExp]>([
    [
      'nothing at all',
      zeros(3),
      /^w\.safetensors, header: the file has 3 bytes and is no safetensors file; .*\.$/,
    ],
    ['a length beyond 16 MiB', new Uint8Array(16).fill(255), /above 16777216/],
    ['a length beyond the file', file('{}', zeros(0)).subarray(0, 9), /needs 10 bytes but the file has 9/],
    ['broken JSON', file('{"a":', zeros(0)), /not valid JSON/],
    ['a list', file('[]', zeros(0)), /no JSON object/],
    [
      'an unknown type',
      file({ a: { ...f32([1], [0, 4]), dtype: 'F8_E4M3' } }, zeros(4)),
      /tensor "a": its type "F8_E4M3"/,
    ],
    [
      'nine axes',
      file({ a: f32([1, 1, 1, 1, 1, 1, 1, 1, 1], [0, 4]) }, zeros(4)),
      /has 9 axes and at most 8/,
    ],
    ['a negative size', file({ a: f32([-1], [0, 4]) }, zeros(4)), /the size -1/],
    ['a fractional size', file({ a: f32([0.5], [0, 2]) }, zeros(2)), /the size 0.5/],
    ['an unsafe product', file({ a: f32([2 ** 40, 2 ** 40], [0, 4]) }, zeros(4)), /needs more than 1024 MiB/],
    [
      'an unsafe product behind a zero',
      file({ a: f32([0, 2 ** 52, 2 ** 52], [0, 0]) }, zeros(0)),
      /more than 1024 MiB/,
    ],
    ['hostile objects', file({ a: f32([{ toString: 1 }], [0, 4]) }, zeros(4)), /the size an object/],
    [
      'bytes that do not fit the shape',
      file({ a: f32([2], [0, 4]) }, zeros(4)),
      /needs 8 bytes but it has 4/,
    ],
    ['offsets past the end', file({ a: f32([2], [0, 8]) }, zeros(4)), /end at 8 but the file has only 4/],
    [
      'a hole',
      file({ a: f32([1], [0, 4]), b: f32([1], [8, 12]) }, zeros(12)),
      /tensor "b": its bytes begin at 8 and not at 4/,
    ],
    [
      'an overlap',
      file({ a: f32([2], [0, 8]), b: f32([1], [4, 8]) }, zeros(8)),
      /tensor "b": its bytes begin at 4/,
    ],
    ['bytes of no tensor', file({ a: f32([1], [0, 4]) }, zeros(6)), /2 bytes at the end belong to no tensor/],
    [
      'offsets that are none',
      file({ a: f32([1], [0, '4']) }, zeros(4)),
      /data_offsets are not two byte positions/,
    ],
  ])('refuses %s in one sentence', (_, bytes, message) => {
    expect(refusal(bytes)).toMatch(message);
  });

  test('refuses a 64-bit integer that no number holds', () => {
    const data = new Uint8Array(new BigInt64Array([2n ** 53n]).buffer);
    expect(refusal(file({ n: { dtype: 'I64', shape: [1], data_offsets: [0, 8] } }, data))).toMatch(
      /tensor "n": element 0 is 9007199254740992/,
    );
  });

  test('reads from a view that begins anywhere in its buffer', () => {
    const bytes = writeSafetensors([['a', { dtype: 'F32', shape: [2], data: new Float32Array([1, 2]) }]]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect([...readSafetensors(shifted.subarray(3), 'w').get('a')!.data]).toEqual([1, 2]);
  });
});
