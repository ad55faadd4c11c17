/**
 * Everything that can be shown: what comes with the page, fetched when it is asked for, and what was opened
 * from files, which stays in memory. Settings name the latter by ids such as `file:3`.
 */
import { modelAt, type ModelRun } from '../../io/weights.js';
import type { Dataset, LossName } from '../../model/data.js';
import type { Model } from '../../model/graph.js';
import { fromFile, isFromFile } from '../../state.js';
import type { Assets } from '../assets.js';
import { bundledOf } from '../bundled.js';
import type { OpenedData, OpenedNetwork, OpenedRun, OpenedTensors, Origin } from './opened.js';

interface Entry {
  readonly id: string;
  /** For menus and sentences. */
  readonly title: string;
  readonly origin: readonly Origin[];
}

export interface NetworkEntry extends Entry {
  readonly model: Model;
  /** Sentences of the reader. */
  readonly notices: readonly string[];
  readonly lossHint: LossName | null;
  readonly batchNormFolded: boolean;
  /** The run that its weights are a step of; null for one that is of no run. */
  readonly checkpoint: { readonly run: string; readonly step: number } | null;
}

/** The steps of a training, matched with the network that it trains. */
export interface RunEntry extends Entry {
  readonly run: ModelRun;
}

export interface DataEntry extends Entry, Pick<OpenedData, 'x' | 'y' | 'classes' | 'table' | 'scaling'> {
  /** What errors call it. */
  readonly file: string;
  /** The files themselves, to read a table again with another label; null where that is of no use. */
  readonly source: readonly File[] | null;
}

/** Directions by parameter name; one that is missing is drawn. */
export interface PlaneEntry extends Entry {
  readonly d1: OpenedTensors['tensors'] | null;
  readonly d2: OpenedTensors['tensors'] | null;
}

/** Data sets made ready for a network that are kept: two panels, now and before the last change. */
const KEPT_DATASETS = 4;
/** Bytes of what was opened that are kept for undo; what was opened first goes first. */
const KEPT_BYTES = 2 ** 29;

export class Library {
  readonly #assets: Assets;
  readonly #networks = new Map<string, NetworkEntry>();
  readonly #data = new Map<string, DataEntry>();
  readonly #planes = new Map<string, PlaneEntry>();
  readonly #runs = new Map<string, RunEntry>();
  readonly #datasets = new Map<string, Dataset>();
  #last = 0;
  #version = 0;

  constructor(assets: Assets) {
    this.#assets = assets;
  }

  /** What was opened, in that order. */
  get networks(): readonly NetworkEntry[] {
    return [...this.#networks.values()];
  }

  get data(): readonly DataEntry[] {
    return [...this.#data.values()];
  }

  get planes(): readonly PlaneEntry[] {
    return [...this.#planes.values()];
  }

  /** Another number whenever something was added or forgotten. */
  get version(): number {
    return this.#version;
  }

  addNetwork(opened: OpenedNetwork): NetworkEntry {
    const { model, notices, lossHint, batchNormFolded, origin } = opened;
    const title = model.name;
    return this.#add(this.#networks, {
      title,
      model,
      notices,
      lossHint,
      batchNormFolded,
      origin,
      checkpoint: null,
    });
  }

  /** The same network with the weights of another file. */
  addWeights(model: Model, opened: OpenedTensors, before: NetworkEntry | null): NetworkEntry {
    const title = opened.origin[0]!.file.replace(/\.safetensors$/i, '');
    const lossHint = before?.lossHint ?? null;
    const notices = [`The weights are those of ${opened.origin[0]!.file}, the network is ${model.name}.`];
    const batchNormFolded = before?.batchNormFolded ?? false;
    const { origin } = opened;
    return this.#add(this.#networks, {
      title,
      model,
      notices,
      lossHint,
      batchNormFolded,
      origin,
      checkpoint: null,
    });
  }

  /** A run, and the network as it was at its last step. */
  addRun(
    model: Model,
    run: ModelRun,
    opened: OpenedRun,
    before: NetworkEntry | null,
  ): [RunEntry, NetworkEntry] {
    const { origin } = opened;
    const file = origin[0]!.file;
    const files = origin.length === 1 ? file : `${file} … ${origin.at(-1)!.file}`;
    const title = file.replace(/\.safetensors$/i, '');
    const entry = this.#add(this.#runs, { title, origin, run });
    const step = run.steps.at(-1)!;
    const steps =
      run.steps.length === 1
        ? 'one snapshot'
        : `${run.steps.length} snapshots, steps ${run.steps[0]} to ${step},`;
    const network = this.#add(this.#networks, {
      title: `${model.name}, step ${step}`,
      model: modelAt(model, run, step),
      notices: [`${files}: a run of ${steps} of ${model.name}. Shown is step ${step}.`],
      lossHint: before?.lossHint ?? null,
      batchNormFolded: before?.batchNormFolded ?? false,
      origin,
      checkpoint: { run: entry.id, step },
    });
    return [entry, network];
  }

  /** The network as it was at another step of its run. */
  atStep(network: NetworkEntry, step: number): NetworkEntry {
    const run = network.checkpoint!.run;
    const before = this.networks.find(
      ({ checkpoint }) => checkpoint?.run === run && checkpoint.step === step,
    );
    if (before !== undefined) return before;
    const title = network.title.replace(/\d+$/, String(step));
    const model = modelAt(network.model, known(this.#runs, run).run, step);
    return this.#add(this.#networks, { ...network, title, model, notices: [], checkpoint: { run, step } });
  }

  /** The id of the network `id` at this step of its run; null where it is of no run that has the step. */
  stepOf(id: string, step: number): string | null {
    const network = this.#networks.get(id);
    if (network === undefined || !this.runOf(id)?.run.steps.includes(step)) return null;
    return this.atStep(network, step).id;
  }

  addData(opened: OpenedData, source: readonly File[]): DataEntry {
    const { name, origin, x, y, classes, table, scaling } = opened;
    const kept = table === null ? null : source;
    const file = origin[0]!.file;
    return this.#add(this.#data, { title: name, file, origin, x, y, classes, table, scaling, source: kept });
  }

  addPlane(plane: Omit<PlaneEntry, 'id'>): PlaneEntry {
    return this.#add(this.#planes, plane);
  }

  /** Forgets what could not be used. */
  remove(ids: readonly string[]): void {
    this.#version++;
    for (const id of ids)
      [this.#networks, this.#data, this.#planes, this.#runs].forEach((entries) => entries.delete(id));
  }

  /** Forgets what was opened long ago, as far as memory asks for it; `used` are kept. */
  prune(used: ReadonlySet<string>): void {
    const runs = [...used].map((id) => this.#networks.get(id)?.checkpoint?.run);
    const kept = new Set([...used, ...runs.filter((id) => id !== undefined)]);
    const entries = [this.#networks, this.#data, this.#planes, this.#runs]
      .flatMap((map) => [...map.values()].map((entry) => ({ id: entry.id, bytes: bytesOf(entry) })))
      .sort((a, b) => indexOf(b.id) - indexOf(a.id));
    let bytes = 0;
    const dropped = entries.filter((entry) => (bytes += entry.bytes) > KEPT_BYTES && !kept.has(entry.id));
    if (dropped.length > 0) this.remove(dropped.map(({ id }) => id));
  }

  /** What was opened under this id; null for what comes with the page. */
  network(id: string): NetworkEntry | null {
    return isFromFile(id) ? known(this.#networks, id) : null;
  }

  /** Throws when it was forgotten, rejects when it cannot be fetched. */
  async model(id: string): Promise<Model> {
    return this.network(id)?.model ?? this.#assets.model(id);
  }

  async dataOf(id: string): Promise<DataEntry> {
    const bundled = bundledOf(id);
    return bundled === undefined ? known(this.#data, id) : this.#assets.data(bundled.name);
  }

  /** The steps of the training that a network comes from; null when it is of no run. */
  runOf(network: string): RunEntry | null {
    const run = this.#networks.get(network)?.checkpoint?.run;
    return run === undefined ? null : known(this.#runs, run);
  }

  /** Null when directions are drawn. */
  plane(id: string): PlaneEntry | null {
    return isFromFile(id) ? known(this.#planes, id) : null;
  }

  /** What the setting's value is called; undefined for what comes with the page. */
  title(id: string): string | undefined {
    return (this.#networks.get(id) ?? this.#data.get(id) ?? this.#planes.get(id))?.title;
  }

  /** SHA-256 of the files behind a network or data set; empty while they are not loaded. */
  origin(id: string): readonly Origin[] {
    const opened = this.#networks.get(id) ?? this.#data.get(id) ?? this.#planes.get(id);
    if (opened !== undefined) return opened.origin;
    const file = bundledOf(id)?.address ?? `networks/${id}.safetensors`;
    const sha256 = this.#assets.hashes.get(file);
    return sha256 === undefined ? [] : [{ file, sha256 }];
  }

  /** The id of what was read from exactly these files' content; null when that is not in memory. */
  find(origin: readonly Origin[]): string | null {
    const wanted = hashesOf(origin);
    const entries = [this.#networks, this.#data, this.#planes].flatMap((map) => [...map.values()]);
    return entries.findLast((entry) => hashesOf(entry.origin) === wanted)?.id ?? null;
  }

  /** The data set that `make` makes, or the one it made for this key before. */
  dataset(key: string, make: () => Dataset): Dataset {
    const found = this.#datasets.get(key) ?? make();
    this.#datasets.delete(key);
    this.#datasets.set(key, found);
    const oldest = this.#datasets.keys().next();
    if (this.#datasets.size > KEPT_DATASETS && !oldest.done) this.#datasets.delete(oldest.value);
    return found;
  }

  #add<T extends Entry>(entries: Map<string, T>, entry: Omit<T, 'id'>): T {
    this.#version++;
    const id = fromFile(++this.#last);
    const added = { ...entry, id } as T;
    entries.set(id, added);
    return added;
  }
}

function hashesOf(origin: readonly Origin[]): string {
  return origin.map(({ sha256 }) => sha256).join(' ');
}

function known<T>(entries: ReadonlyMap<string, T>, id: string): T {
  const entry = entries.get(id);
  if (entry === undefined) throw new Error('That file is no longer in memory; open it again.');
  return entry;
}

function indexOf(id: string): number {
  return Number(/\d+$/.exec(id)![0]);
}

function bytesOf(entry: NetworkEntry | DataEntry | PlaneEntry | RunEntry): number {
  if ('run' in entry) return bytesOfRun(entry.run);
  const arrays =
    'model' in entry
      ? [...entry.model.parameters.values()]
      : 'x' in entry
        ? [entry.x, entry.y]
        : [entry.d1, entry.d2].flatMap((tensors) => [...(tensors?.values() ?? [])]);
  return arrays.reduce((sum, { data }) => sum + data.byteLength, 0);
}

/** What steps share, such as statistics that the run lacks, counts once. */
function bytesOfRun({ parameters }: ModelRun): number {
  const arrays = new Set([...parameters.values()].flatMap((step) => [...step.values()]));
  return [...arrays].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
