/** IDX, CIFAR and CSV: the data sets people have at hand. */
import { gzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { cifarKind, readCifar } from '../../../src/io/cifar.js';
import { readCsv } from '../../../src/io/csv.js';
import { FileError } from '../../../src/io/errors.js';
import { readIdx, readIdxPair } from '../../../src/io/idx.js';

function refusal(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
  throw new Error('it was read');
}

/** An IDX file of this type and shape with these data bytes. */
function idx(type: number, shape: number[], data: number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data]);
}

describe('IDX', () => {
  const images = idx(8, [2, 2, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
  const labels = idx(8, [2], [7, 0]);

  test('reads bytes, and big-endian numbers of the other types', () => {
    expect(readIdx(images, 'i')).toMatchObject({ dtype: '|u1', shape: [2, 2, 3] });
    expect([...readIdx(idx(9, [1], [255]), 'i').data]).toEqual([-1]);
    expect([...readIdx(idx(0x0b, [2], [1, 0, 255, 254]), 'i').data]).toEqual([256, -2]);
    expect([...readIdx(idx(0x0c, [1], [0, 1, 0, 0]), 'i').data]).toEqual([65536]);
    expect([...readIdx(idx(0x0d, [1], [0x3f, 0x80, 0, 0]), 'i').data]).toEqual([1]);
    expect([...readIdx(idx(0x0e, [1], [0xc0, 0, 0, 0, 0, 0, 0, 0]), 'i').data]).toEqual([-2]);
  });

  test('takes a pair in either order, plain or gzipped; images get an axis for their channel', () => {
    for (const pair of [
      [images, labels],
      [labels, images],
      [gzipSync(labels), gzipSync(images)],
    ]) {
      const [one, other] = pair.map((bytes, i) => ({ file: `f${i}`, bytes }));
      const { x, y } = readIdxPair(one!, other!);
      expect(x.shape).toEqual([2, 1, 2, 3]);
      expect([...x.data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255]);
      expect([...y.data]).toEqual([7, 0]);
    }
  });

  const gz = gzipSync(images);
  const badSum = gz.slice();
  badSum[badSum.length - 5]! ^= 1;
  test.each<[string, Uint8Array, RegExp]>([
    ['other files', new Uint8Array(20).fill(9), /^i: it is no IDX file; .*\.$/],
    ['an unknown type', idx(0x0a, [1], [1]), /no IDX file/],
    ['nine axes', idx(8, Array(9).fill(1), [1]), /no IDX file/],
    ['a cut header', images.subarray(0, 9), /breaks off within its header/],
    ['cut data', images.subarray(0, 20), /shape \[2, 2, 3\] needs 28 bytes but it has 20/],
    ['trailing bytes', idx(8, [1], [1, 2]), /needs 9 bytes but it has 10/],
    ['a huge claim', idx(8, [2 ** 31, 2 ** 31], []), /more than 1024 MiB/],
    ['damaged gzip', gz.slice(0, 14).fill(0xff, 10), /compressed data are damaged|no IDX file/],
    ['a wrong checksum', badSum, /checksum is wrong/],
  ])('refuses %s in one sentence', (_, bytes, message) => {
    expect(refusal(() => readIdx(bytes, 'i'))).toMatch(message);
  });

  test('refuses two files that are no pair', () => {
    const pair = (one: Uint8Array, other: Uint8Array) => () =>
      readIdxPair({ file: 'one', bytes: one }, { file: 'other', bytes: other });
    expect(refusal(pair(images, images))).toMatch(/^one: neither it nor other holds labels/);
    expect(refusal(pair(labels, labels))).toMatch(/holds images/);
    expect(refusal(pair(images, idx(8, [3], [1, 2, 3])))).toMatch(
      /^other: it holds 3 labels for the 2 images of one/,
    );
  });

  test('a gzip bomb stops at what its header tells of', () => {
    const bomb = gzipSync(idx(8, [3], Array<number>(2 ** 20).fill(0)));
    expect(refusal(() => readIdx(bomb, 'i'))).toMatch(/unpacks to more than the 11 bytes/);
  });

  test('gzip members may be joined', () => {
    const parts = [gzipSync(images.subarray(0, 10)), gzipSync(images.subarray(10))];
    expect([...readIdx(Buffer.concat(parts), 'i').data]).toEqual([...images.subarray(16)]);
  });
});

describe('CIFAR', () => {
  const record = (labelBytes: number[], fill: number) => [...labelBytes, ...Array<number>(3072).fill(fill)];

  test('reads records of one or more batches', () => {
    const one = {
      file: 'data_batch_1.bin',
      bytes: Uint8Array.from([...record([3], 10), ...record([9], 20)]),
    };
    const two = { file: 'data_batch_2.bin', bytes: Uint8Array.from(record([0], 30)) };
    const { x, y } = readCifar([one, two]);
    expect(x.shape).toEqual([3, 3, 32, 32]);
    expect([x.data[0], x.data[3072], x.data[6144 + 3071]]).toEqual([10, 20, 30]);
    expect([...y.data]).toEqual([3, 9, 0]);
  });

  test('CIFAR-100 has a coarse label and a fine one, and another length', () => {
    const bytes = Uint8Array.from(record([5, 99], 1));
    expect(cifarKind(bytes.length)).toBe('cifar100');
    expect([...readCifar([{ file: 'train.bin', bytes }], 'cifar100').y.data]).toEqual([99]);
    expect(cifarKind(3073 * 10_000)).toBe('cifar10');
    expect(cifarKind(100)).toBeNull();
    expect(cifarKind(0)).toBeNull();
  });

  test('refuses lengths and labels that are none', () => {
    const read = (bytes: Uint8Array) => () => readCifar([{ file: 'b.bin', bytes }]);
    expect(refusal(read(new Uint8Array(3000)))).toMatch(
      /^b\.bin: its 3000 bytes are no whole number of 3073-byte/,
    );
    expect(refusal(read(new Uint8Array()))).toMatch(/its 0 bytes/);
    expect(refusal(read(Uint8Array.from([...record([1], 0), ...record([10], 0)])))).toMatch(
      /^b\.bin, record 1: its label 10 is not one of 0 to 9/,
    );
  });
});

describe('CSV', () => {
  const read = (text: string, options = {}) => readCsv(new TextEncoder().encode(text), 't.csv', options);

  test('numbers and the label in the last column', () => {
    const table = read('a,b,label\n1,2.5,0\n-3e2, .5 ,1\n');
    expect(table.x.shape).toEqual([2, 2]);
    expect([...table.x.data]).toEqual([1, 2.5, -300, 0.5]);
    expect([...table.y.data]).toEqual([0, 1]);
    expect(table).toMatchObject({ columns: ['a', 'b'], label: 'label', classes: null });
  });

  test('text labels become classes, a chosen column the label', () => {
    const table = read('species,width\nsetosa,1\nvirginica,2\n"a, b",3\nsetosa,4\n', { label: 'species' });
    expect(table.classes).toEqual(['a, b', 'setosa', 'virginica']);
    expect([...table.y.data]).toEqual([1, 2, 0, 1]);
    expect([...table.x.data]).toEqual([1, 2, 3, 4]);
  });

  test('the only column of text is the label, wherever it stands; of several, the last one', () => {
    const table = read('width,species,height\n1,setosa,2\n3,virginica,4\n');
    expect(table).toMatchObject({ columns: ['width', 'height'], label: 'species' });
    expect([...table.x.data]).toEqual([1, 2, 3, 4]);
    expect(refusal(() => read('a,b,c\nx,y,1\n'))).toMatch(/line 2: "x" in the column "a" is no number/);
    // A value that is missing is no text.
    expect(refusal(() => read('a,b\nnan,1\n'))).toMatch(/line 2: "nan" in the column "a" is no number/);
  });

  test('quotes, Windows lines, a byte-order mark, empty lines, semicolons, no last line break', () => {
    const table = read('\uFEFF"the ""x""\nof it";y\r\n\r\n"1";2\r\n3;4');
    expect(table.columns).toEqual(['the "x"\nof it']);
    expect([...table.x.data]).toEqual([1, 3]);
    expect([...table.y.data]).toEqual([2, 4]);
    expect([...read('a\tb\n1\t2\n').x.data]).toEqual([1]);
    const spaced = read('a, "b, c" ,"label"\n1, 2, "x"\n3, 4 , "y"\n');
    expect(spaced).toMatchObject({ columns: ['a', 'b, c'], label: 'label', classes: ['x', 'y'] });
    const old = read('a,b\r1,2\r3,4\r');
    expect([...old.x.data, ...old.y.data]).toEqual([1, 3, 2, 4]);
  });

  test('regression takes the label as a number', () => {
    expect([...read('a,y\n1,0.25\n', { regression: true }).y.data]).toEqual([0.25]);
    expect(refusal(() => read('a,y\n1,cat\n', { regression: true }))).toMatch(
      /line 2: "cat" in the column "y"/,
    );
  });

  test.each<[string, string, object, RegExp]>([
    ['nothing', '', {}, /^t\.csv: it is empty; .*\.$/],
    ['a header alone', 'a,b\n', {}, /no rows below its header/],
    ['one column', 'a\n1\n', {}, /^t\.csv, line 1: it names one column/],
    ['no header', '1,2\n3,4\n', {}, /line 1: it holds numbers only/],
    ['an unknown label', 'a,b\n1,2\n', { label: 'c' }, /no column "c" among "a", "b"/],
    ['text among the features', 'a,b\n1,2\nx,3\n', {}, /line 3: "x" in the column "a" is no number/],
    ['a missing value', 'a,b\n,3\n', {}, /line 2: "" in the column "a"/],
    ['nan', 'a,b\nnan,3\n', {}, /"nan" in the column/],
    ['hexadecimal', 'a,b\n0x10,3\n', {}, /"0x10"/],
    ['other notations', 'a,b\n-0x1,3\n', {}, /"-0x1"/],
    ['infinity', 'a,b\n-Infinity,3\n', {}, /"-Infinity"/],
    ['a no-break space alone', 'a,b\n\u00a0,3\n', {}, /"" in the column/],
    ['too few fields', 'a,b,c\n1,2\n', {}, /line 2: it has 2 fields but the header has 3/],
    ['too many fields', 'a,b\n1,2,\n', {}, /line 2: it has 3 fields but the header has 2/],
    ['an empty label', 'a,b\n1, \n', {}, /line 2: its label is empty/],
    ['an open quote', 'a,b\n"1,2\n', {}, /line 2: a quoted field is never closed/],
    ['text after a quote', 'a,b\n"1"x,2\n', {}, /line 2: "x,2\\n" follows a closing quote/],
  ])('refuses %s in one sentence', (_, text, options, message) => {
    expect(refusal(() => read(text, options))).toMatch(message);
  });

  test('refuses what is not UTF-8', () => {
    expect(refusal(() => readCsv(Uint8Array.from([0x61, 0xff]), 't.csv'))).toMatch(/no text in UTF-8/);
  });
});
