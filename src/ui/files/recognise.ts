/**
 * What the files are that a person drops or opens, by their first bytes and then by their names, and which
 * of them belong together.
 */
import { cifarKind, type CifarKind } from '../../io/cifar.js';
import { FileError } from '../../io/errors.js';
import { isIdx } from '../../io/idx.js';
import { Inflating, isGzip } from '../../io/inflate.js';
import { isPng } from '../../io/png.js';
import { isZip } from '../../io/zip.js';
import { MAX_HEADER_BYTES } from '../../io/safetensors.js';

/** A file as the user gave it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Files that make one thing together. */
export type Group =
  /** The network and the files that may hold its weights. */
  | { readonly kind: 'onnx'; readonly file: NamedBytes; readonly beside: readonly NamedBytes[] }
  | { readonly kind: 'safetensors'; readonly file: NamedBytes }
  | { readonly kind: 'npz'; readonly file: NamedBytes }
  /** `y` is null when one array was given alone. */
  | { readonly kind: 'npy'; readonly x: NamedBytes; readonly y: NamedBytes | null }
  | { readonly kind: 'idx'; readonly pair: readonly [NamedBytes, NamedBytes] }
  | { readonly kind: 'cifar'; readonly batches: readonly NamedBytes[]; readonly of: CifarKind }
  | { readonly kind: 'csv'; readonly file: NamedBytes }
  | { readonly kind: 'png'; readonly file: NamedBytes };

type Kind = Group['kind'] | 'beside';

/** Ends every refusal. */
export const READABLE =
  'open a network (.onnx), weights or directions (.safetensors), data (.npz, .npy, .csv, MNIST’s IDX pair, ' +
  'CIFAR binary batches) or a PNG exported from here';

/** What people open now and then and nothing here reads; `way` is how it is brought into a form that is read. */
const foreign: readonly {
  readonly begins: readonly number[];
  readonly what: string;
  readonly way?: string;
}[] = [
  { begins: [0xff, 0xd8, 0xff], what: 'a JPEG picture' },
  { begins: [0x47, 0x49, 0x46, 0x38], what: 'a GIF picture' },
  { begins: [0x25, 0x50, 0x44, 0x46], what: 'a PDF' },
  {
    begins: [0x89, 0x48, 0x44, 0x46],
    what: 'an HDF5 file',
    way: 'save its arrays with numpy.savez, its weights with safetensors',
  },
  {
    begins: [0x80, 0x02],
    what: 'a Python pickle, which may run programs and is not read',
    way: 'save its arrays with numpy.savez, its weights with safetensors',
  },
];

const CHECKPOINT_WAY =
  'save its weights with safetensors.torch.save_file(model.state_dict(), "model.safetensors"), or the ' +
  'network with torch.onnx.export';

/**
 * Sorts files into groups, in the order given. Throws FileError for a file that is nothing known, or that
 * needs another one beside it.
 */
export function recognise(files: readonly NamedBytes[]): Group[] {
  const kinds = new Map<NamedBytes, Kind>();
  const hasNetwork = files.some(({ name }) => extension(name) === 'onnx');
  for (const file of files) kinds.set(file, kindOf(file, hasNetwork));
  const of = (kind: Kind): NamedBytes[] => files.filter((file) => kinds.get(file) === kind);

  const groups: Group[] = [];
  for (const file of files) {
    const kind = kinds.get(file)!;
    if (kind === 'onnx') groups.push({ kind, file, beside: of('beside') });
    else if (kind === 'safetensors' || kind === 'npz' || kind === 'csv' || kind === 'png') {
      groups.push({ kind, file });
    }
  }
  return [...groups, ...arrays(of('npy')), ...pairs(of('idx')), ...batches(of('cifar'))];
}

/** `weights.SAFETENSORS` → `safetensors`; '' without one. */
function extension(name: string): string {
  return /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? '';
}

function kindOf(file: NamedBytes, hasNetwork: boolean): Kind {
  const { name, bytes } = file;
  const begins = (...start: readonly number[]): boolean => start.every((byte, i) => bytes[i] === byte);
  const refuse = (what: string, way = READABLE): never => {
    throw new FileError(name, '', `it is ${what}; ${way}`);
  };
  const ending = extension(name);
  if (bytes.length === 0) return refuse('empty', 'copy or download it again');
  // Named after its network by PyTorch, and without any form of its own.
  if (ending === 'data') {
    return hasNetwork ? 'beside' : refuse('the data of a network', 'open it together with its .onnx file');
  }
  if (isZip(bytes)) {
    return isCheckpoint(bytes) || ending === 'pt' || ending === 'pth'
      ? refuse('a PyTorch checkpoint, which only PyTorch reads', CHECKPOINT_WAY)
      : 'npz';
  }
  if (begins(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59)) return 'npy';
  if (isPng(bytes)) return 'png';
  if (ending === 'onnx') {
    const known = foreign.find((format) => begins(...format.begins));
    return known === undefined ? 'onnx' : refuse(`${known.what} and no network`);
  }
  if (ending === 'safetensors' || isSafetensors(bytes)) return 'safetensors';
  if (isGzip(bytes)) return gzipKind(file, refuse);
  const known = foreign.find((format) => begins(...format.begins));
  if (known !== undefined) return refuse(known.what, known.way);
  if (ending === 'bin' && cifarKind(bytes.length) !== null) return 'cifar';
  if (isIdx(bytes)) return 'idx';
  if (ending === 'bin') {
    if (hasNetwork) return 'beside';
    return refuse(
      `no CIFAR batch: its ${bytes.length} bytes are no whole number of records of 3073 or 3074`,
      'open batches of the binary version',
    );
  }
  if (['npz', 'npy', 'png', 'idx'].includes(ending)) {
    return refuse(`no ${ending.toUpperCase()} file, whatever its name says`, 'copy or download it again');
  }
  if (ending === 'csv' || ending === 'tsv' || isTable(bytes)) return 'csv';
  return hasNetwork ? 'beside' : refuse('nothing that is known here');
}

function gzipKind({ bytes }: NamedBytes, refuse: (what: string, way: string) => never): Kind {
  const head = new Inflating(bytes, 'gzip', (problem) => refuse('gzipped', problem)).upTo(4).data;
  return isIdx(head) ? 'idx' : refuse('gzipped, and no IDX file inside', 'unpack it first');
}

/** The header's length, then JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  return length >= 2n && length <= MAX_HEADER_BYTES && bytes[8] === 0x7b;
}

/** A zip archive that torch.save made: its first entry is `NAME/data.pkl` or beside it. */
function isCheckpoint(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(30, 286));
  return /^[^/]{1,200}\/(data\.pkl|\.format_version|\.storage_alignment|byteorder|version)/.test(head);
}

/** Text in at least two columns. */
function isTable(bytes: Uint8Array): boolean {
  const head = new TextDecoder().decode(bytes.subarray(0, 4096), { stream: true });
  return !Array.from(head).some(isNoText) && /^[^\r\n]*[,;\t]/.test(head);
}

/** Control characters other than tab and line ends stand in no text, nor does what could not be decoded. */
function isNoText(character: string): boolean {
  return character < '\t' || (character > '\r' && character < ' ') || character === '\ufffd';
}

/** One or two .npy files: of two, the labels are the one named so, else the one that comes second. */
function arrays(files: readonly NamedBytes[]): Group[] {
  const [one, two, ...more] = files;
  if (one === undefined) return [];
  if (two === undefined) return [{ kind: 'npy', x: one, y: null }];
  if (more.length > 0) {
    throw new FileError(
      more[0]!.name,
      '',
      `there are ${files.length} arrays and should be two, samples and labels; open those, or one .npz with x and y`,
    );
  }
  const isLabels = ({ name }: NamedBytes) =>
    /(^|[^a-z])(y|label|labels|target|targets)([^a-z]|$)/i.test(name);
  return [
    isLabels(one) && !isLabels(two) ? { kind: 'npy', x: two, y: one } : { kind: 'npy', x: one, y: two },
  ];
}

function pairs(files: readonly NamedBytes[]): Group[] {
  const [one, other, ...more] = files;
  if (one === undefined) return [];
  if (other === undefined || more.length > 0) {
    throw new FileError(
      one.name,
      '',
      `there ${files.length === 1 ? 'is one IDX file' : `are ${files.length} IDX files`} and should be two, ` +
        'images and labels; open the pair together, e.g. train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz',
    );
  }
  return [{ kind: 'idx', pair: [one, other] }];
}

/** Batches in the order of their names, the numbers in them counted: `data_batch_2` before `data_batch_10`. */
function batches(files: readonly NamedBytes[]): Group[] {
  const [first] = files;
  if (first === undefined) return [];
  const ordered = [...files].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return [{ kind: 'cifar', batches: ordered, of: cifarKind(first.bytes.length)! }];
}
