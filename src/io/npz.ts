/** NumPy's .npz: a zip archive with one .npy file per array. */
import { type Zippable, zipSync } from 'fflate';
import { crc32 } from '../math/hash.js';
import { type Fail, failAt, FileError, quoted } from './errors.js';
import { type Inflated, Inflating, MAX_DEFLATE_RATIO } from './inflate.js';
import { MAX_BYTES } from './limits.js';
import { MAX_NPY_HEADER_BYTES, type NpyArray, readNpyArray, readNpyHeader, writeNpy } from './npy.js';
import { readZip, type ZipEntry } from './zip.js';

const SUFFIX = '.npy';
/** Enough of an array to hold the longest header that is read. */
const PREFIX_BYTES = MAX_NPY_HEADER_BYTES + 12;
/** The earliest time a zip archive can state; a fixed one, so that equal arrays give equal bytes. */
const ZIP_EPOCH = new Date(1980, 0, 1);

/**
 * Every array by name, without `.npy`; other files in the archive are left alone, and so are arrays that cannot be read,
 * such as names of classes, unless they are `needed` (by default all are). What is allocated follows from each array's own
 * header, in all at most `MAX_BYTES`, never from the archive's directory. Throws FileError.
 */
export function readNpz(bytes: Uint8Array, file: string, needed?: readonly string[]): Map<string, NpyArray> {
  const arrays = new Map<string, NpyArray>();
  const budget = { left: MAX_BYTES };
  for (const entry of readZip(bytes, file)) {
    if (!entry.name.endsWith(SUFFIX)) continue;
    const name = entry.name.slice(0, -SUFFIX.length);
    try {
      arrays.set(name, readEntry(entry, failAt(file, `array ${quoted(name)}`), budget));
    } catch (error) {
      if (needed === undefined || needed.includes(name) || !(error instanceof FileError)) throw error;
    }
  }
  if (arrays.size === 0) failAt(file, '')('it holds no arrays; save it with numpy.savez');
  return arrays;
}

/** `budget` is what all entries together may still take. */
function readEntry(entry: ZipEntry, fail: Fail, budget: { left: number }): NpyArray {
  const unpack = unpacking(entry, fail);
  const prefix = unpack(PREFIX_BYTES);
  const header = readNpyHeader(prefix.data, fail);
  budget.left -= header.totalBytes;
  if (budget.left < 0) fail(`the arrays take more than ${MAX_BYTES / 2 ** 20} MiB in all; save fewer rows`);
  if (header.totalBytes > (entry.packed.length + 1) * MAX_DEFLATE_RATIO) {
    fail(`it claims ${header.totalBytes} bytes but has ${entry.packed.length} packed ones; save it again`);
  }
  const { data, complete } = prefix.complete ? prefix : unpack(header.totalBytes);
  if (!complete)
    fail(`it goes on after the ${header.totalBytes} bytes that its header tells of; save it again`);
  if (crc32(data) !== entry.crc) fail('its checksum is wrong; copy or download the file again');
  return readNpyArray(data, header, fail);
}

/** An array and its name in the file. */
export type NpzEntry = readonly [name: string, array: NpyArray];

/** An .npz file, deflated. The same arrays always give the same bytes. */
export function writeNpz(arrays: Iterable<NpzEntry>): Uint8Array {
  const files: Zippable = {};
  for (const [name, array] of arrays) {
    if (Object.hasOwn(files, name + SUFFIX)) throw new RangeError(`two arrays are named ${name}`);
    files[name + SUFFIX] = writeNpy(array);
  }
  return zipSync(files, { level: 6, mtime: ZIP_EPOCH });
}

/** Gives the first bytes of an entry, at most so many. */
function unpacking({ method, packed }: ZipEntry, fail: Fail): (cap: number) => Inflated {
  if (method !== 'deflate')
    return (cap) => ({ data: packed.subarray(0, cap), complete: packed.length <= cap });
  const inflating = new Inflating(packed, 'deflate', fail);
  return (cap) => inflating.upTo(cap);
}
