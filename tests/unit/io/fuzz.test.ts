/**
 * Whatever bytes come in, a reader gives an object or a FileError with one sentence, in bounded time and
 * without allocating what a header merely claims.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readCifar } from '../../../src/io/cifar.js';
import { readCsv } from '../../../src/io/csv.js';
import { datasetFromArrays } from '../../../src/io/dataset.js';
import { FileError } from '../../../src/io/errors.js';
import { readIdx } from '../../../src/io/idx.js';
import { readNpy, writeNpy } from '../../../src/io/npy.js';
import { readNpz, writeNpz } from '../../../src/io/npz.js';
import { isRun, runFromTensors, writeRun } from '../../../src/io/run.js';
import { readSafetensors, writeSafetensors } from '../../../src/io/safetensors.js';

/** Longest time for one file of some kilobytes, milliseconds; a few are usual, and others may use the machine. */
const LONGEST = 5000;

const small = writeNpy({ dtype: '<f4', shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) });
const idx = Uint8Array.from([0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]);
const text = (content: string) => new TextEncoder().encode(content);

const formats: Record<string, { read: (bytes: Uint8Array) => unknown; samples: Uint8Array[] }> = {
  safetensors: {
    read: (bytes) => readSafetensors(bytes, 'f'),
    samples: [
      writeSafetensors([
        ['fc.weight', { dtype: 'F32', shape: [2, 3], data: new Float32Array(6) }],
        ['steps', { dtype: 'I64', shape: [2], data: new Float64Array([1, 2]) }],
        ['scalar', { dtype: 'F64', shape: [], data: new Float64Array([1]) }],
      ]),
    ],
  },
  run: {
    read: (bytes) => {
      const tensors = readSafetensors(bytes, 'f');
      return isRun(tensors.keys()) ? runFromTensors({ file: 'f', tensors }) : tensors;
    },
    samples: ['F32', 'F64'].map((dtype) =>
      Uint8Array.from(
        [
          ...writeRun(
            [0, 1, 20],
            [
              { name: 'fc.weight', shape: [2, 3] },
              { name: 'fc.bias', shape: [2] },
            ],
            dtype as 'F32' | 'F64',
            (_, name) => new Float64Array(name === 'fc.bias' ? 2 : 6),
          ),
        ].flatMap((piece) => [...piece]),
      ),
    ),
  },
  npy: { read: (bytes) => readNpy(bytes, 'f'), samples: [small] },
  npz: {
    read: (bytes) => readNpz(bytes, 'f'),
    samples: [
      writeNpz([['a', { dtype: '<f8', shape: [40], data: new Float64Array(40).map((_, i) => i * i) }]]),
      zipSync({ 'x.npy': small, 'y.npy': small }, { level: 0 }),
      new Uint8Array(readFileSync(new URL('../../fixtures/bnmlp10-plain.small.npz', import.meta.url))),
    ],
  },
  idx: {
    read: (bytes) => readIdx(bytes, 'f'),
    samples: [idx, gzipSync(idx), gzipSync(new Uint8Array(3000))],
  },
  cifar: { read: (bytes) => readCifar([{ file: 'f', bytes }]), samples: [new Uint8Array(3073)] },
  csv: {
    read: (bytes) => readCsv(bytes, 'f'),
    samples: [text('a,"b ""c""",label\n1,2.5e3,cat\n\r\n-4,.5,"dog, big"\n'), text('x;y\r1;2\r')],
  },
};

type Change = (bytes: Uint8Array) => Uint8Array;

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
/** Numbers that bounds are missed at. */
const telling = fc.oneof(
  fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff),
  fc.nat(),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(position, fc.nat(255)).map(([at, value]): Change => (bytes) => {
    bytes[Math.floor(at * bytes.length)] = value;
    return bytes;
  }),
  fc.tuple(position, telling, fc.constantFrom(2, 4)).map(([at, value, size]): Change => (bytes) => {
    if (bytes.length < size) return bytes;
    const view = new DataView(bytes.buffer);
    const start = Math.floor(at * (bytes.length - size + 1));
    if (size === 2) view.setUint16(start, value & 0xffff, true);
    else view.setUint32(start, value, true);
    return bytes;
  }),
  position.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(0, Math.floor(at * bytes.length)),
  ),
  position.map(
    (at): Change =>
      (bytes) =>
        bytes.slice(Math.floor(at * bytes.length)),
  ),
  fc.tuple(position, fc.uint8Array({ maxLength: 20 })).map(([at, extra]): Change => (bytes) => {
    const cut = Math.floor(at * bytes.length);
    return Uint8Array.from([...bytes.subarray(0, cut), ...extra, ...bytes.subarray(cut)]);
  }),
  fc.tuple(position, position, position).map(([from, length, to]): Change => (bytes) => {
    const start = Math.floor(from * bytes.length);
    bytes.copyWithin(Math.floor(to * bytes.length), start, start + Math.floor(length * 64));
    return bytes;
  }),
  // In the header's text: digits, so that sizes and offsets become others that still parse.
  fc.tuple(position, fc.nat(9)).map(([at, digit]): Change => (bytes) => {
    const digits = [...bytes.keys()].filter((i) => bytes[i]! >= 48 && bytes[i]! <= 57);
    if (digits.length > 0) bytes[digits[Math.floor(at * digits.length)]!] = 48 + digit;
    return bytes;
  }),
);

/** The outcome is an object, or a FileError whose message is one sentence about this file. */
function expectOrderly(read: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  const begin = performance.now();
  try {
    expect(typeof read(bytes)).toBe('object');
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    expect(error.message).toMatch(/^f(, [^:]*)?.*: .*[^.]\.$/s);
    expect(error.message.length).toBeLessThan(1500);
  }
  expect(performance.now() - begin).toBeLessThan(LONGEST);
}

describe.each(Object.entries(formats))('%s', (_, { read, samples }) => {
  test('mutated and truncated at random: an object or a FileError', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        (sample, changes) => {
          expectOrderly(
            read,
            changes.reduce<Uint8Array>((bytes, apply) => apply(bytes), sample.slice()),
          );
        },
      ),
      { numRuns: 1500 },
    );
  });

  test('truncated at every length: an object or a FileError', () => {
    for (const sample of samples) {
      for (let length = 0; length < Math.min(sample.length, 600); length++)
        expectOrderly(read, sample.slice(0, length));
    }
  });

  test('random bytes: an object or a FileError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectOrderly(read, bytes)),
      { numRuns: 500 },
    );
  });
});

describe('whatever is written', () => {
  const shape = fc.array(fc.nat(4), { maxLength: 4 });
  const array = shape.chain((sizes) => {
    const count = sizes.reduce((a, b) => a * b, 1);
    return fc
      .array(fc.float({ noNaN: true }), { minLength: count, maxLength: count })
      .map((values) => ({ shape: sizes, data: Float32Array.from(values) }));
  });
  const named = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 8 }), array), {
    maxLength: 5,
    selector: ([name]) => name,
  });

  test('safetensors are read back', () => {
    fc.assert(
      fc.property(named, (entries) => {
        const kept = entries.filter(([name]) => name !== '__metadata__');
        const read = readSafetensors(
          writeSafetensors(kept.map(([name, a]) => [name, { ...a, dtype: 'F32' }])),
          'f',
        );
        expect(read.size).toBe(kept.length);
        for (const [name, { shape, data }] of kept)
          expect(read.get(name)).toEqual({ dtype: 'F32', shape, data });
      }),
      { numRuns: 200 },
    );
  });

  test('npz are read back', () => {
    fc.assert(
      fc.property(named, (entries) => {
        fc.pre(entries.length > 0);
        const read = readNpz(writeNpz(entries.map(([name, a]) => [name, { ...a, dtype: '<f4' }])), 'f');
        expect(read.size).toBe(entries.length);
        for (const [name, { shape, data }] of entries)
          expect(read.get(name)).toEqual({ dtype: '<f4', shape, data });
      }),
      { numRuns: 200 },
    );
  });
});

test('data sets of any arrays: a Dataset or a FileError', () => {
  const value = fc.oneof(fc.double(), fc.nat(12));
  const arrays = fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return fc
      .array(value, { minLength: count, maxLength: count })
      .map((values) => ({ dtype: '<f8', shape, data: Float64Array.from(values) }));
  });
  const list = fc.array(fc.oneof(fc.double(), fc.constant(1)), { maxLength: 3 });
  const options = fc.record(
    {
      shape: fc.array(fc.nat(4), { maxLength: 3 }),
      samples: fc.integer({ min: -1, max: 5 }),
      regression: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(arrays, fc.option(arrays), list, list, options, (x, y, divide, mean, given) => {
      expectOrderly(() => {
        const data = datasetFromArrays('f', x, y, { divide, mean, std: [1] }, given);
        expect(data.inputs.length).toBe(data.samples * data.shape.reduce((a, b) => a * b, 1));
        expect(data.inputs.every(Number.isFinite)).toBe(true);
        return data;
      }, new Uint8Array());
    }),
    { numRuns: 1000 },
  );
});
