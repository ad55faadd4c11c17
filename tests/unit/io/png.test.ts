import fc from 'fast-check';
import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import {
  annotatePng,
  type PngChunk,
  readPngChunks,
  readPngProvenance,
  readPngResolution,
  readPngTexts,
  writePngChunks,
} from '../../../src/io/png.js';
import { decodePng } from '../../helpers/png.js';

/** A 2 × 2 RGBA picture; the second row is filtered against the first. */
const rows = [0, 255, 0, 0, 255, 0, 255, 0, 255, 2, 1, 2, 3, 0, 4, 5, 6, 0];
const header = Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 2, 8, 6, 0, 0, 0);
const plain = writePngChunks([
  { type: 'IHDR', data: header },
  { type: 'IDAT', data: deflateSync(Uint8Array.from(rows)) },
  { type: 'IEND', data: new Uint8Array() },
]);

const made = { seed: 7, title: '损失景观 · «ландшафт» · 𝛂🙂', grid: { a: [-1, 1, 51] } };
const annotated = annotatePng(plain, {
  pixelsPerMetre: 3780,
  texts: [
    ['Title', 'Digits · 20 blocks'],
    ['Software', 'Isoloss'],
    ['isoloss', JSON.stringify(made)],
  ],
});

const textChunk = (type: string, bytes: readonly number[] | Uint8Array): PngChunk => ({
  type,
  data: Uint8Array.from(bytes),
});
const ascii = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));
const withChunk = (chunk: PngChunk): Uint8Array => {
  const [first, ...rest] = readPngChunks(plain, 'x.png');
  return writePngChunks([first!, chunk, ...rest]);
};

describe('PNG notes', () => {
  it('come back as they were, in every script', () => {
    expect(readPngProvenance(annotated, 'x.png')).toEqual(made);
    expect(readPngResolution(annotated, 'x.png')).toEqual({ x: 3780, y: 3780 });
    expect([...readPngTexts(annotated, 'x.png').keys()]).toEqual(['Title', 'Software', 'isoloss']);
    expect(readPngResolution(plain, 'x.png')).toBeNull();
  });

  it('leave the pixels alone and stand right after the header', () => {
    expect(decodePng(Buffer.from(annotated))).toEqual(decodePng(Buffer.from(plain)));
    expect([...decodePng(Buffer.from(annotated)).pixels.subarray(12)]).toEqual([4, 4, 6, 255]);
    expect(readPngChunks(annotated, 'x.png').map(({ type }) => type)).toEqual([
      'IHDR',
      'pHYs',
      'iTXt',
      'iTXt',
      'iTXt',
      'IDAT',
      'IEND',
    ]);
  });

  it('have the checksums that zlib computes', () => {
    const view = new DataView(annotated.buffer);
    let at = 8;
    for (const { data } of readPngChunks(annotated, 'x.png')) {
      const body = annotated.subarray(at + 4, at + 8 + data.length);
      expect(view.getUint32(at + 8 + data.length)).toBe(zlibCrc32(body));
      at += 12 + data.length;
    }
    expect(at).toBe(annotated.length);
  });

  it('replace those of the same keyword, and a resolution', () => {
    const twice = annotatePng(annotated, { pixelsPerMetre: 7559, texts: [['isoloss', '{"seed":8}']] });
    expect(readPngProvenance(twice, 'x.png')).toEqual({ seed: 8 });
    expect(readPngResolution(twice, 'x.png')).toEqual({ x: 7559, y: 7559 });
    expect(readPngChunks(twice, 'x.png')).toHaveLength(readPngChunks(annotated, 'x.png').length);
    expect(readPngTexts(twice, 'x.png').get('Title')).toBe('Digits · 20 blocks');
  });

  it('are read from tEXt and from compressed iTXt as well', () => {
    const latin = withChunk(textChunk('tEXt', [...ascii('Comment'), 0, 0xe9]));
    expect(readPngTexts(latin, 'x.png').get('Comment')).toBe('é');
    const body = deflateSync(new TextEncoder().encode('{"seed":"ü"}'));
    const packed = withChunk(textChunk('iTXt', [...ascii('isoloss'), 0, 1, 0, 0, 0, ...body]));
    expect(readPngProvenance(packed, 'x.png')).toEqual({ seed: 'ü' });
  });

  it('refuse keywords that are no keywords', () => {
    for (const keyword of ['', ' x', 'é', 'k'.repeat(80)]) {
      expect(() => annotatePng(plain, { pixelsPerMetre: 1, texts: [[keyword, '']] })).toThrow(RangeError);
    }
  });
});

describe('PNG files that cannot be read', () => {
  it('are named with place and way out', () => {
    const damaged = annotated.slice();
    damaged[45] = damaged[45]! ^ 1;
    const cases: [Uint8Array, RegExp][] = [
      [new TextEncoder().encode('GIF89a'), /^x\.png: it is not a PNG picture; choose/],
      [plain.subarray(0, 40), /^x\.png, byte 33: .*download it again/],
      [damaged, /^x\.png, byte 33: the checksum of chunk pHYs is wrong/],
      [plain, /^x\.png: the picture does not say how it was made/],
      [
        withChunk(textChunk('iTXt', [...ascii('isoloss'), 0, 0, 0, 0, 0, ...ascii('{')])),
        /text 'isoloss': it is no JSON/,
      ],
      [
        withChunk(textChunk('iTXt', [...ascii('isoloss'), 0, 7, 0, 0, 0])),
        /text 'isoloss': it is not formed/,
      ],
      [withChunk(textChunk('iTXt', [...ascii('isoloss'), 0, 1, 0, 0, 0, 9, 9, 255, 255])), /text 'isoloss'/],
    ];
    for (const [bytes, message] of cases) {
      expect(() => readPngProvenance(bytes, 'x.png')).toThrow(FileError);
      expect(() => readPngProvenance(bytes, 'x.png')).toThrow(message);
    }
  });

  it('give a value or a FileError, whatever is changed or cut', () => {
    const edits = fc.array(fc.tuple(fc.nat(annotated.length - 1), fc.nat(255)), { maxLength: 6 });
    fc.assert(
      fc.property(edits, fc.nat(annotated.length), (changes, length) => {
        const bytes = annotated.slice(0, length);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        try {
          readPngProvenance(bytes, 'x.png');
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('cost no more than the cap, however far a text unpacks', () => {
    const bomb = deflateSync(new Uint8Array(40 * 2 ** 20));
    const file = withChunk(textChunk('iTXt', [...ascii('isoloss'), 0, 1, 0, 0, 0, ...bomb]));
    expect(() => readPngTexts(file, 'x.png')).toThrow(/unpacks to more than/);
  });
});
