/** Bytes → what they hold, with the readers of io. Runs in a worker; no DOM. */
import { readCifar } from '../../io/cifar.js';
import { readCsv } from '../../io/csv.js';
import { checkFinite, classIndices, datasetFromArrays } from '../../io/dataset.js';
import { failAt, quoted, shownShape } from '../../io/errors.js';
import { sha256 } from '../../io/hash.js';
import { readIdxPair } from '../../io/idx.js';
import { type NpyArray, readNpy } from '../../io/npy.js';
import { readNpz } from '../../io/npz.js';
import { readOnnx } from '../../io/onnx/import.js';
import { readPngProvenance } from '../../io/png.js';
import { isRun, runFromSeries, runFromTensors, seriesSteps } from '../../io/run.js';
import { readSafetensors, readSafetensorsMetadata } from '../../io/safetensors.js';
import type { Opened, OpenedData, Origin } from './opened.js';
import { type Group, type NamedBytes, recognise } from './recognise.js';
import { asItIs, guessScaling } from './scalings.js';

export interface ReadOptions {
  /** Of a table: the column with the labels, the last one by default. */
  readonly label?: string;
}

type Data = Pick<OpenedData, 'x' | 'y'> & Partial<Pick<OpenedData, 'classes' | 'table'>>;

/** Names under which libraries store samples and labels, in the order in which they are looked for. */
const arrayNames: readonly (readonly [x: string, y: string])[] = [
  ['x', 'y'],
  ['X', 'y'],
  ['images', 'labels'],
  ['data', 'target'],
  ['data', 'labels'],
  ['x_train', 'y_train'],
  ['train_images', 'train_labels'],
  ['x_test', 'y_test'],
  ['arr_0', 'arr_1'],
];

/**
 * Reads all files, or throws the first reader's FileError (ModelError for a network whose parts do not
 * fit). Nothing is scaled, and networks and data are not held against each other yet.
 */
export async function readFiles(files: readonly NamedBytes[], options: ReadOptions = {}): Promise<Opened[]> {
  const opened: Opened[] = [];
  for (const group of recognise(files)) opened.push(await readGroup(group, options));
  return gatherRuns(opened);
}

/** A file with the tensors of several steps is a run, and so are the files of a series. */
function gatherRuns(opened: readonly Opened[]): Opened[] {
  const runs = opened.map((item): Opened => {
    if (item.kind !== 'tensors' || !isRun(item.tensors.keys())) return item;
    const { origin, tensors, metadata } = item;
    return { kind: 'run', origin, run: runFromTensors({ file: origin[0]!.file, tensors }), metadata };
  });
  const series = runs.filter((item) => item.kind === 'tensors');
  const files = series.map(({ origin, tensors }) => ({ file: origin[0]!.file, tensors }));
  const steps = seriesSteps(files.map(({ file }) => file));
  if (steps === null) return runs;
  const inOrder = series.map((item, i) => ({ item, step: steps[i]! })).sort((a, b) => a.step - b.step);
  const origin = inOrder.flatMap(({ item }) => item.origin);
  return [
    ...runs.filter((item) => item.kind !== 'tensors'),
    { kind: 'run', origin, run: runFromSeries(files, steps), metadata: new Map() },
  ];
}

async function readGroup(group: Group, options: ReadOptions): Promise<Opened> {
  switch (group.kind) {
    case 'onnx': {
      const imported = readOnnx([group.file, ...group.beside]);
      // Of the files beside it, those that are named after it are its own.
      const own = group.beside.filter(({ name }) => name.startsWith(group.file.name));
      return { kind: 'network', ...imported, origin: await originOf([group.file, ...own]) };
    }
    case 'safetensors': {
      const { name, bytes } = group.file;
      return {
        kind: 'tensors',
        tensors: readSafetensors(bytes, name),
        metadata: readSafetensorsMetadata(bytes, name),
        origin: await originOf([group.file]),
      };
    }
    case 'png': {
      const { name, bytes } = group.file;
      return {
        kind: 'picture',
        provenance: readPngProvenance(bytes, name),
        origin: await originOf([group.file]),
      };
    }
    case 'npz':
      return data([group.file], fromArchive(group.file));
    case 'npy': {
      const { x, y } = group;
      if (y === null) return failAt(x.name, '')(NO_LABELS);
      const read = { x: readNpy(x.bytes, x.name), y: readNpy(y.bytes, y.name) };
      // Names say nothing: the labels are the array with fewer axes.
      const swapped = read.x.shape.length < read.y.shape.length;
      return data([x, y], swapped ? { x: read.y, y: read.x } : read);
    }
    case 'idx': {
      const [one, other] = group.pair.map(({ name, bytes }) => ({ file: name, bytes }));
      return data(group.pair, readIdxPair(one!, other!));
    }
    case 'cifar': {
      const batches = group.batches.map(({ name, bytes }) => ({ file: name, bytes }));
      return data(group.batches, readCifar(batches, group.of));
    }
    case 'csv': {
      const { name, bytes } = group.file;
      const { x, y, columns, label, classes } = readCsv(bytes, name, options);
      return data([group.file], { x, y, classes, table: { columns: [...columns, label], label } });
    }
  }
}

const NO_LABELS = 'it has no labels; save both with numpy.savez(file, x=x, y=labels)';

async function data(files: readonly NamedBytes[], read: Data): Promise<OpenedData> {
  const { x, classes, table } = read;
  const y = classIndices(read.y);
  const file = files[0]!.name;
  const name = files.length === 1 ? file.replace(/\.[^.]+$/, '') : file.replace(/(\.[a-z]+)+$/, '');
  // What does not depend on the network: that samples are there and that each has its label.
  datasetFromArrays(name, x, y, asItIs, { samples: 1, regression: true, file });
  checkFinite(x, failAt(file, 'array x'));
  checkFinite(y, failAt(file, 'array y'));
  return {
    kind: 'data',
    name,
    origin: await originOf(files),
    x,
    y,
    classes: classes ?? null,
    table: table ?? null,
    scaling: guessScaling(files.map((each) => each.name).join(' '), x),
  };
}

function fromArchive({ name, bytes }: NamedBytes): Data {
  const arrays = readNpz(bytes, name, arrayNames.flat());
  for (const [xName, yName] of arrayNames) {
    const [x, y] = [arrays.get(xName), arrays.get(yName)];
    if (x !== undefined && y !== undefined) return { x, y };
  }
  const fail = failAt(name, '');
  const listed = [...arrays]
    .slice(0, 10)
    .map(([array, { shape }]) => `${quoted(array)} ${shownShape(shape)}`);
  const more = arrays.size > listed.length ? ' and more' : '';
  if (arrays.has('x')) return fail(NO_LABELS);
  return fail(
    `it holds ${listed.join(', ')}${more}, and no samples x with labels y; save it with numpy.savez(file, x=x, y=y)`,
  );
}

function originOf(files: readonly NamedBytes[]): Promise<Origin[]> {
  return Promise.all(files.map(async ({ name, bytes }) => ({ file: name, sha256: await sha256(bytes) })));
}

/** The buffers behind what was read, each once, to hand it to another thread without a copy. */
export function buffersOf(opened: readonly Opened[]): ArrayBuffer[] {
  const buffers = new Set<ArrayBufferLike>();
  const take = ({ data }: Pick<NpyArray, 'data'>): unknown => buffers.add(data.buffer);
  for (const item of opened) {
    if (item.kind === 'network') item.model.parameters.forEach(take);
    else if (item.kind === 'tensors') item.tensors.forEach(take);
    else if (item.kind === 'run') {
      item.run.parameters.forEach((tensors) => tensors.forEach(take));
      item.run.optimizer.forEach(take);
    } else if (item.kind === 'data') [item.x, item.y].forEach(take);
  }
  return [...buffers].filter((buffer) => buffer instanceof ArrayBuffer);
}
