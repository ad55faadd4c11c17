/**
 * Reads a PNG file by the specification alone (https://www.w3.org/TR/png-3/), independently of the code
 * that wrote it.
 */
import { crc32, inflateSync } from 'node:zlib';

export interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, alpha per pixel, 0 … 255, row by row. */
  readonly pixels: Uint8Array;
}

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The chunks in their order; throws when the signature, a length or a checksum is wrong. */
export function pngChunks(file: Buffer): Chunk[] {
  if (!file.subarray(0, 8).equals(SIGNATURE)) throw new Error('the file has no PNG signature');
  const chunks: Chunk[] = [];
  for (let at = 8; at < file.length;) {
    const end = at + 8 + file.readUInt32BE(at);
    const type = file.toString('latin1', at + 4, at + 8);
    if (crc32(file.subarray(at + 4, end)) !== file.readUInt32BE(end))
      throw new Error(`${type}: wrong checksum`);
    chunks.push({ type, data: file.subarray(at + 8, end) });
    at = end + 4;
  }
  return chunks;
}

/** Text of an uncompressed iTXt chunk with this keyword. */
export function internationalText(chunks: readonly Chunk[], keyword: string): string {
  for (const { type, data } of chunks) {
    if (type !== 'iTXt' || data.toString('latin1', 0, data.indexOf(0)) !== keyword) continue;
    const flags = data.indexOf(0) + 1;
    const compressed = data[flags] === 1;
    const language = data.indexOf(0, flags + 2);
    const translated = data.indexOf(0, language + 1);
    const text = data.subarray(translated + 1);
    return (compressed ? inflateSync(text) : text).toString('utf8');
  }
  throw new Error(`there is no iTXt chunk ${keyword}`);
}

/** Decodes what browsers write: eight bits, RGB or RGBA, not interlaced. */
export function decodePng(file: Buffer): Picture {
  const chunks = pngChunks(file);
  const header = chunks[0]!.data;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colour, , , interlaced] = header.subarray(8);
  if (depth !== 8 || (colour !== 2 && colour !== 6) || interlaced !== 0)
    throw new Error('the PNG is of another kind');
  const channels = colour === 6 ? 4 : 3;
  const raw = inflateSync(
    Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data)),
  );
  const stride = width * channels;
  const pixels = new Uint8Array(width * height * 4).fill(255);
  let above = new Uint8Array(stride);
  for (let y = 0; y < height; y++) {
    const start = y * (stride + 1);
    const line = unfilter(raw[start]!, raw.subarray(start + 1, start + 1 + stride), above, channels);
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) pixels[(y * width + x) * 4 + c] = line[x * channels + c]!;
    }
    above = line;
  }
  return { width, height, pixels };
}

function unfilter(
  filter: number,
  line: Uint8Array,
  above: Uint8Array,
  channels: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(line.length);
  for (let i = 0; i < line.length; i++) {
    const left = i < channels ? 0 : out[i - channels]!;
    const up = above[i]!;
    const corner = i < channels ? 0 : above[i - channels]!;
    const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
    if (guess === undefined) throw new Error(`there is no PNG filter ${filter}`);
    out[i] = line[i]! + guess;
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [left, up, corner].map((value) => Math.abs(estimate - value)) as [
    number,
    number,
    number,
  ];
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}
