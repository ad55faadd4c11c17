/** The directory of a zip archive (APPNOTE 6.3: end record, central directory, local headers). */
import { type Fail, failAt, quoted } from './errors.js';

export interface ZipEntry {
  readonly name: string;
  readonly method: 'stored' | 'deflate';
  /** The bytes as they stand in the archive. */
  readonly packed: Uint8Array;
  /** CRC-32 of the unpacked bytes. The unpacked size is left out: it is a claim that nothing here trusts. */
  readonly crc: number;
}

const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const CENTRAL_BYTES = 46;
const LOCAL_BYTES = 30;
/** The end record may be followed by a comment of up to 65 535 bytes. */
const MAX_COMMENT_BYTES = 65_535;
const MAX_ENTRIES = 10_000;

const AGAIN = 'copy or download the file again';

/** Whether the bytes begin as a zip archive does: with an entry, or with its end where it has none. */
export function isZip([p, k, one, two]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && ((one === 3 && two === 4) || (one === 5 && two === 6));
}

/** The files of an archive in the order of its directory. Throws FileError. */
export function readZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const fail = failAt(file, 'zip directory');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, fail);
  const count = view.getUint16(end + 10, true);
  const directoryBytes = view.getUint32(end + 12, true);
  let position = view.getUint32(end + 16, true);
  if (count > MAX_ENTRIES) fail(`it lists ${count} files and at most ${MAX_ENTRIES} are read; pack fewer`);
  if (position + directoryBytes > end) fail(`it is not where the archive says; ${AGAIN}`);

  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let packedBytes = 0;
  for (let i = 0; i < count; i++) {
    if (position + CENTRAL_BYTES > end || view.getUint32(position, true) !== CENTRAL_SIGNATURE) {
      fail(`entry ${i} of ${count} is damaged; ${AGAIN}`);
    }
    const nameBytes = view.getUint16(position + 28, true);
    const name = new TextDecoder().decode(
      bytes.subarray(position + CENTRAL_BYTES, position + CENTRAL_BYTES + nameBytes),
    );
    const failEntry = failAt(file, quoted(name));
    if (names.has(name)) failEntry('the archive holds it twice; pack it again');
    names.add(name);
    const entry = readEntry(view, bytes, position, name, failEntry);
    packedBytes += entry.packed.length;
    // Entries that share bytes are how a small archive unpacks to a huge one.
    if (packedBytes > bytes.length) failEntry(`its bytes overlap those of another; pack the archive again`);
    entries.push(entry);
    position +=
      CENTRAL_BYTES + nameBytes + view.getUint16(position + 30, true) + view.getUint16(position + 32, true);
  }
  return entries;
}

function readEntry(view: DataView, bytes: Uint8Array, at: number, name: string, fail: Fail): ZipEntry {
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const crc = view.getUint32(at + 16, true);
  const packedBytes = view.getUint32(at + 20, true);
  const local = view.getUint32(at + 42, true);
  if (flags & 1) fail('it is encrypted; pack it without a password');
  if (method !== 0 && method !== 8)
    fail(`its compression method ${method} is not known; pack it with deflate`);
  if (local + LOCAL_BYTES > bytes.length || view.getUint32(local, true) !== LOCAL_SIGNATURE) {
    fail(`its header is not at byte ${local} where the directory says; ${AGAIN}`);
  }
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  if (start + packedBytes > bytes.length) {
    fail(`its ${packedBytes} bytes run past the end of the archive; ${AGAIN}`);
  }
  return {
    name,
    method: method === 0 ? 'stored' : 'deflate',
    packed: bytes.subarray(start, start + packedBytes),
    crc,
  };
}

function findEnd(view: DataView, fail: Fail): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT_BYTES); at--) {
    if (view.getUint32(at, true) === END_SIGNATURE) return at;
  }
  return fail(`the file is no zip archive or breaks off; ${AGAIN}`);
}
