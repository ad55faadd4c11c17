/**
 * The chunks of a PNG file (PNG specification, third edition, W3C 2025): notes are added without touching
 * the picture, and read back.
 */
import { crc32 } from '../math/hash.js';
import { type Fail, failAt } from './errors.js';
import { Inflating } from './inflate.js';

export interface PngChunk {
  /** Four letters, e.g. `IDAT`. */
  readonly type: string;
  readonly data: Uint8Array;
}

/** What is written into a picture beside its pixels. */
export interface PngNotes {
  readonly pixelsPerMetre: number;
  /** Keyword (1 to 79 Latin letters, digits, spaces) and text, in order. */
  readonly texts: readonly (readonly [keyword: string, text: string])[];
}

/** Keyword of the text that says how a picture of this app was made. */
export const provenanceKeyword = 'isoloss';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length, type and checksum of a chunk. */
const CHUNK_OVERHEAD = 12;

/** Chunks of one file; encoders write IDAT in pieces of 8 KiB or more. */
const MAX_CHUNKS = 1_000_000;

/** Longest text that is read, in bytes. */
const MAX_TEXT_BYTES = 16 * 2 ** 20;

/**
 * All chunks in order, IHDR first, as views of `bytes`; what follows IEND is ignored. Checksums are
 * checked. Throws FileError.
 */
export function readPngChunks(bytes: Uint8Array, file: string): PngChunk[] {
  const failFile = failAt(file, '');
  if (!isPng(bytes)) failFile('it is not a PNG picture; choose one that was exported from here');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  let at = SIGNATURE.length;
  while (chunks.at(-1)?.type !== 'IEND') {
    const fail = failAt(file, `byte ${at}`);
    if (chunks.length >= MAX_CHUNKS) fail(`it has more than ${MAX_CHUNKS} chunks; export the picture again`);
    if (at + CHUNK_OVERHEAD > bytes.length) fail('the picture breaks off; copy or download it again');
    const length = view.getUint32(at);
    if (length > bytes.length - at - CHUNK_OVERHEAD) {
      fail(`a chunk claims ${length} bytes and the file ends before; copy or download it again`);
    }
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type))
      fail('there is no chunk where one must begin; copy or download it again');
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      fail(`the checksum of chunk ${type} is wrong; copy or download the picture again`);
    }
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + length) });
    at += CHUNK_OVERHEAD + length;
  }
  if (chunks[0]!.type !== 'IHDR')
    failFile(`it begins with ${chunks[0]!.type} instead of IHDR; export it again`);
  return chunks;
}

/** Whether the bytes begin as a PNG file does. */
export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/** A PNG file of these chunks, checksums computed. */
export function writePngChunks(chunks: readonly PngChunk[]): Uint8Array<ArrayBuffer> {
  const size = chunks.reduce((sum, { data }) => sum + CHUNK_OVERHEAD + data.length, SIGNATURE.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const { type, data } of chunks) {
    if (!/^[A-Za-z]{4}$/.test(type)) throw new RangeError(`PNG chunk type must be four letters: ${type}`);
    view.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = type.charCodeAt(i);
    bytes.set(data, at + 8);
    view.setUint32(at + 8 + data.length, crc32(bytes.subarray(at + 4, at + 8 + data.length)));
    at += CHUNK_OVERHEAD + data.length;
  }
  return bytes;
}

/**
 * The picture with its resolution (pHYs) and texts (iTXt, UTF-8) right after the header, where readers
 * find them without decoding the pixels. A resolution and texts of the same keywords are replaced.
 */
export function annotatePng(png: Uint8Array, notes: PngNotes): Uint8Array<ArrayBuffer> {
  const keywords = new Set(notes.texts.map(([keyword]) => keyword));
  const [header, ...rest] = readPngChunks(png, 'picture');
  const kept = rest.filter(
    (chunk) => chunk.type !== 'pHYs' && !(isText(chunk) && keywords.has(keywordOf(chunk.data) ?? '')),
  );
  return writePngChunks([
    header!,
    resolution(notes.pixelsPerMetre),
    ...notes.texts.map(([keyword, text]) => textChunk(keyword, text)),
    ...kept,
  ]);
}

function resolution(pixelsPerMetre: number): PngChunk {
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  view.setUint32(0, pixelsPerMetre);
  view.setUint32(4, pixelsPerMetre);
  data[8] = 1;
  return { type: 'pHYs', data };
}

function textChunk(keyword: string, text: string): PngChunk {
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,77}[\x21-\x7e])?$/.test(keyword)) {
    throw new RangeError(`PNG keyword must be 1 to 79 ASCII characters: ${keyword}`);
  }
  // Keyword, 0, compression flag and method, empty language tag and translated keyword, each ended by 0.
  // Lone surrogates become U+FFFD, and a zero byte would end the text for some readers.
  return {
    type: 'iTXt',
    data: new TextEncoder().encode(`${keyword}\0\0\0\0\0${text.replaceAll('\0', ' ')}`),
  };
}

/** Resolution in pixels per metre, or null when the file states none. Throws FileError. */
export function readPngResolution(bytes: Uint8Array, file: string): { x: number; y: number } | null {
  const chunk = readPngChunks(bytes, file).find(({ type }) => type === 'pHYs');
  if (!chunk || chunk.data.length !== 9 || chunk.data[8] !== 1) return null;
  const view = new DataView(chunk.data.buffer, chunk.data.byteOffset, 9);
  return { x: view.getUint32(0), y: view.getUint32(4) };
}

/** Texts by keyword (tEXt and iTXt, compressed or not); the first of a keyword counts. Throws FileError. */
export function readPngTexts(bytes: Uint8Array, file: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const chunk of readPngChunks(bytes, file)) {
    if (!isText(chunk)) continue;
    const keyword = keywordOf(chunk.data);
    if (keyword === null || texts.has(keyword)) continue;
    const fail = failAt(file, `text '${keyword}'`);
    const body = chunk.data.subarray(keyword.length + 1);
    if (body.length > MAX_TEXT_BYTES)
      fail(`it is longer than ${MAX_TEXT_BYTES} bytes; export the picture again`);
    texts.set(keyword, chunk.type === 'tEXt' ? latin1(body) : internationalText(body, fail));
  }
  return texts;
}

/**
 * What made the picture: the JSON under the keyword `isoloss`, parsed but not otherwise checked. Throws
 * FileError when the file is no PNG or was not made by this app.
 */
export function readPngProvenance(bytes: Uint8Array, file: string): unknown {
  const text = readPngTexts(bytes, file).get(provenanceKeyword);
  if (text === undefined) {
    return failAt(
      file,
      '',
    )('the picture does not say how it was made; use one that was exported from here and not edited since');
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return failAt(file, `text '${provenanceKeyword}'`)('it is no JSON; use a picture that was not edited');
  }
}

function isText({ type }: PngChunk): boolean {
  return type === 'iTXt' || type === 'tEXt';
}

/** Text before the first zero byte, null when there is none within 80 bytes. */
function keywordOf(data: Uint8Array): string | null {
  const end = data.subarray(0, 80).indexOf(0);
  return end < 1 ? null : latin1(data.subarray(0, end));
}

/** Body of an iTXt chunk after its keyword: flag, method, language, translated keyword, text. */
function internationalText(body: Uint8Array, fail: Fail): string {
  const language = body.indexOf(0, 2);
  const translated = language < 0 ? -1 : body.indexOf(0, language + 1);
  if (translated < 0 || body[0]! > 1) return fail('it is not formed as a text is; export the picture again');
  const text = body.subarray(translated + 1);
  if (body[0] === 0) return new TextDecoder().decode(text);
  // A zlib stream: two bytes of header, then deflate.
  const { data, complete } = new Inflating(text.subarray(2), 'deflate', fail).upTo(MAX_TEXT_BYTES);
  if (!complete) fail(`it unpacks to more than ${MAX_TEXT_BYTES} bytes; export the picture again`);
  return new TextDecoder().decode(data);
}

function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
