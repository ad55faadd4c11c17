import { readFileSync } from 'node:fs';
import { deflateSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { type NpyArray, readNpy, writeNpy } from '../../../src/io/npy.js';
import { readNpz, writeNpz } from '../../../src/io/npz.js';

const fixture = (name: string) => readFileSync(new URL(`../../fixtures/${name}`, import.meta.url));

/** An .npy file, version 1.0 unless told, with this header text and these data bytes. */
function npy(header: string, data: ArrayLike<number>, version = 1): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + header.length + data.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  new DataView(bytes.buffer)[version === 1 ? 'setUint16' : 'setUint32'](8, header.length, true);
  bytes.set(new TextEncoder().encode(header), start);
  bytes.set(Uint8Array.from(data), start + header.length);
  return bytes;
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
  throw new Error('it was read');
}

describe('npy', () => {
  test.each<NpyArray>([
    { dtype: '|u1', shape: [3], data: new Uint8Array([0, 7, 255]) },
    { dtype: '|b1', shape: [2], data: new Uint8Array([0, 1]) },
    { dtype: '|i1', shape: [2], data: new Int8Array([-128, 127]) },
    { dtype: '<u2', shape: [2], data: new Uint16Array([0, 65535]) },
    { dtype: '<i2', shape: [2, 1], data: new Int16Array([-32768, 32767]) },
    { dtype: '<u4', shape: [1], data: new Uint32Array([2 ** 32 - 1]) },
    { dtype: '<i4', shape: [1, 2], data: new Int32Array([-(2 ** 31), 5]) },
    { dtype: '<u8', shape: [1], data: new Float64Array([2 ** 53 - 1]) },
    { dtype: '<i8', shape: [], data: new Float64Array([-3]) },
    { dtype: '<f4', shape: [0, 4], data: new Float32Array() },
    { dtype: '<f8', shape: [2, 3], data: new Float64Array([1, -0, NaN, Infinity, 5e-324, -1]) },
  ])('writes and reads $dtype of shape $shape', (array) => {
    const bytes = writeNpy(array);
    expect(readNpy(bytes, 'x.npy')).toEqual(array);
    expect((bytes.length - array.data.byteLength) % 64).toBe(0);
  });

  test('reads half precision, big-endian, versions 2 and 3, and other spellings of the header', () => {
    expect([...readNpy(npy(header('<f2', '(2,)'), [0x00, 0x3c, 0x00, 0xc0]), 'x').data]).toEqual([1, -2]);
    expect([...readNpy(npy(header('>i4', '(1,)'), [0, 0, 1, 2]), 'x').data]).toEqual([258]);
    for (const version of [2, 3]) {
      expect([...readNpy(npy(header('|u1', '(2,)'), [8, 9], version), 'x').data]).toEqual([8, 9]);
    }
    const python2 = `{"shape":(2L,1L),"fortran_order":False,"descr":"|u1"}`;
    expect(readNpy(npy(python2, [8, 9]), 'x').shape).toEqual([2, 1]);
  });

  test('Fortran order becomes row-major', () => {
    // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)) in memory order.
    const columnMajor = [
      0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23,
    ];
    const array = readNpy(npy(header('|u1', '(2, 3, 4)', 'True'), columnMajor), 'x');
    expect([...array.data]).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['other files', new Uint8Array(64), /^x\.npy: it is no \.npy array; .*\.$/],
    ['objects', npy(header('|O', '(1,)'), [0]), /its type "\|O" is not read/],
    ['text', npy(header('<U5', '(1,)'), new Uint8Array(20)), /its type "<U5"/],
    [
      'records',
      npy(`{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }`, [0, 0, 0, 0]),
      /several types/,
    ],
    ['code', npy(`__import__('os').system('true')`, []), /not understood at "__import__/],
    ['arithmetic', npy(header('|u1', '(2+1,)'), [1, 2, 3]), /not understood/],
    ['a repeated key', npy(`{'shape': (1,), 'shape': (1,)}`, [1]), /unexpected key "shape"/],
    ['a missing key', npy(`{'shape': (1,)}`, [1]), /lacks descr/],
    ['text after the dictionary', npy(`${header('|u1', '(1,)')}x`, [1]), /not understood/],
    ['nine axes', npy(header('|u1', '(1,1,1,1,1,1,1,1,1)'), [1]), /more than 8 axes/],
    ['a huge size', npy(header('<f8', '(9007199254740993,)'), []), /no whole number|1024 MiB/],
    ['a huge product', npy(header('<f8', '(65536, 65536)'), []), /more than 1024 MiB/],
    [
      'too few bytes',
      npy(header('<f4', '(3,)'), [0, 0, 0, 0]),
      /shape \[3\] of <f4 needs \d+ bytes but it has/,
    ],
    ['too many bytes', npy(header('|u1', '(1,)'), [1, 2]), /needs/],
    ['a header past the end', npy(header('|u1', '(1,)'), []).subarray(0, 40), /ends within its header/],
    ['version 9', npy(header('|u1', '(1,)'), [1], 9), /version 9 is not known/],
  ])('refuses %s in one sentence', (_, bytes, message) => {
    expect(refusal(() => readNpy(bytes, 'x.npy'))).toMatch(message);
  });
});

describe('npz', () => {
  test('leaves out what nobody needs and cannot be read, names of classes for instance', () => {
    const names = npy(header('<U1', '(2,)'), [97, 0, 0, 0, 98, 0, 0, 0]);
    const archive = zipSync({ 'x.npy': npy(header('|u1', '(2,)'), [1, 2]), 'class_names.npy': names });
    expect([...readNpz(archive, 'd.npz', ['x', 'y']).keys()]).toEqual(['x']);
    expect(refusal(() => readNpz(archive, 'd.npz', ['class_names']))).toContain('its type "<U1" is not read');
    expect(refusal(() => readNpz(archive, 'd.npz'))).toContain('its type "<U1" is not read');
  });

  test("reads NumPy's own archives", () => {
    const digits = readNpz(fixture('digits.npz'), 'digits.npz');
    expect(digits.get('x')!.shape).toEqual([1797, 1, 8, 8]);
    expect(digits.get('y')!.shape).toEqual([1797]);
    expect(Math.max(...digits.get('x')!.data)).toBe(16);
    const grid = readNpz(fixture('bnmlp10-plain.small.npz'), 'grid');
    expect([...grid.get('a')!.data]).toHaveLength(7);
    expect([...grid.get('samples')!.data]).toEqual([200]);
  });

  test('writes what it reads, the same bytes each time', () => {
    const arrays: [string, NpyArray][] = [
      ['a', { dtype: '<f8', shape: [2], data: new Float64Array([0.1, NaN]) }],
      [
        'big',
        { dtype: '|u1', shape: [80_000], data: Uint8Array.from({ length: 80_000 }, (_, i) => i % 251) },
      ],
      ['__proto__', { dtype: '<i4', shape: [1], data: new Int32Array([4]) }],
    ];
    const bytes = writeNpz(arrays);
    const read = readNpz(bytes, 'x');
    expect([...read.keys()]).toEqual(arrays.map(([name]) => name));
    for (const [name, { dtype, shape, data }] of arrays) {
      const { data: back, ...rest } = read.get(name)!;
      expect(rest).toEqual({ dtype, shape });
      expect(Buffer.compare(Buffer.from(back.buffer), Buffer.from(data.buffer))).toBe(0);
    }
    expect(Buffer.compare(writeNpz(arrays), bytes)).toBe(0);
  });

  test('reads stored archives and leaves other files in them alone', () => {
    const bytes = zipSync(
      { 'x.npy': npy(header('|u1', '(2,)'), [1, 2]), 'README.md': new Uint8Array(5) },
      { level: 0 },
    );
    expect([...readNpz(bytes, 'x').keys()]).toEqual(['x']);
  });

  test('a bomb stops at what its header tells of, before it is unpacked', () => {
    const zeros = new Uint8Array(2 ** 21);
    const longer = zipSync({ 'x.npy': npy(header('|u1', '(5,)'), zeros) });
    expect(refusal(() => readNpz(longer, 'bomb.npz'))).toMatch(
      /^bomb\.npz, array "x": it goes on after the \d+ bytes/,
    );
    const claims = zipSync({ 'x.npy': npy(header('<f8', '(100000000,)'), zeros.subarray(0, 1000)) });
    expect(refusal(() => readNpz(claims, 'bomb.npz'))).toMatch(
      /claims 800000\d+ bytes but has \d+ packed ones/,
    );
    const many = zipSync(
      Object.fromEntries(
        Array.from({ length: 3 }, (_, i) => [
          `${i}.npy`,
          npy(header('|u1', '(500000000,)'), zeros.subarray(0, 2 ** 20)),
        ]),
      ),
      { level: 0 },
    );
    expect(refusal(() => readNpz(many, 'bomb.npz'))).toMatch(/needs 500000\d+ bytes|1024 MiB in all/);
  });

  test('a flipped bit is found by the checksum, a cut file by its missing directory', () => {
    const good = zipSync({ 'x.npy': npy(header('|u1', '(2,)'), [1, 2]) }, { level: 0 });
    const flipped = good.slice();
    const at = flipped.findIndex((byte, i) => byte === 1 && flipped[i + 1] === 2 && i > 100);
    flipped[at] = 3;
    expect(refusal(() => readNpz(flipped, 'x.npz'))).toMatch(/checksum is wrong/);
    expect(refusal(() => readNpz(good.subarray(0, good.length - 30), 'x.npz'))).toMatch(
      /no zip archive or breaks off/,
    );
    expect(refusal(() => readNpz(deflateSync(good), 'x.npz'))).toMatch(/no zip archive/);
  });

  test('refuses an encrypted, an unknown and an empty archive', () => {
    const good = zipSync({ 'x.npy': npy(header('|u1', '(2,)'), [1, 2]) });
    const central = good.findIndex(
      (_, i) => new DataView(good.buffer).getUint32(Math.min(i, good.length - 4), true) === 0x02014b50,
    );
    const encrypted = good.slice();
    encrypted[central + 8]! |= 1;
    expect(refusal(() => readNpz(encrypted, 'x.npz'))).toMatch(/it is encrypted/);
    const unknown = good.slice();
    unknown[central + 10] = 93;
    expect(refusal(() => readNpz(unknown, 'x.npz'))).toMatch(/compression method 93/);
    expect(refusal(() => readNpz(zipSync({}), 'x.npz'))).toMatch(/holds no arrays/);
  });
});
