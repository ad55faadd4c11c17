/** Where what was opened goes: which panels, with which data and loss. Changes nothing but the library. */
import { lossFor } from '../../io/loss.js';
import { multiplyAdds } from '../../model/cost.js';
import { buildNetwork } from '../../model/build-network.js';
import { elements, type Model } from '../../model/graph.js';
import type { Patch, State } from '../../state.js';
import { TrajectoryError } from '../../landscape/run-plane.js';
import { savedNetwork, SavedRunError } from '../../train/saved.js';
import { assemble } from '../assemble.js';
import { fitted } from '../runs/fit.js';
import { bundledData, type BundledName } from '../bundled.js';
import { shownSides, type Side } from '../sides.js';
import type { DataEntry, Library, NetworkEntry, PlaneEntry } from './library.js';
import type { Opened, OpenedData, OpenedNetwork, OpenedPicture, OpenedRun, OpenedTensors } from './opened.js';
import { ReadError } from './reader.js';
import { restored } from './restore.js';
import { checkDirection, namesake, roleOf, runFor, withWeights } from './roles.js';

export interface Place {
  readonly state: State;
  readonly library: Library;
  /** The panel that was asked for. */
  readonly side: Side | null;
  /** Networks that were opened before and wait for data. */
  readonly waiting: readonly NetworkEntry[];
}

export type Placement =
  /** What to set, and sentences to show. */
  | { readonly kind: 'show'; readonly patch: Patch; readonly notes: readonly string[] }
  /** Networks that the present data do not fit, and bundled data that would. */
  | {
      readonly kind: 'wait';
      readonly networks: readonly NetworkEntry[];
      readonly offers: readonly BundledName[];
      readonly notes: readonly string[];
    };

/** A network on its way to a panel. */
interface Candidate {
  readonly side: Side | null;
  readonly model: Model;
  readonly entry: NetworkEntry | null;
  readonly folded: boolean;
}

interface Direction {
  readonly role: 'd1' | 'd2';
  readonly item: OpenedTensors;
}

/** Multiply-adds per sample above which a first look takes few samples. */
const LARGE = 1e6;
const FIRST_SAMPLES = { large: 100, small: 1000 } as const;

/**
 * Finds the first arrangement in which everything fits. Rejects with the sentence of what does not, and
 * leaves the library as it was then.
 */
export async function place(
  opened: readonly Opened[],
  files: readonly File[],
  context: Place,
): Promise<Placement> {
  const of = <K extends Opened['kind']>(kind: K) =>
    opened.filter((item): item is Extract<Opened, { kind: K }> => item.kind === kind);
  const [picture] = of('picture');
  if (picture !== undefined) return restore(picture, opened.length, context);
  const added: string[] = [];
  try {
    const parts = { networks: of('network'), data: of('data'), tensors: of('tensors'), runs: of('run') };
    return await arrange(parts, files, context, added);
  } catch (error) {
    context.library.remove(added);
    throw error;
  }
}

/** What shows data alone in a training, which makes networks for them; null for anything else. */
export function placeData(
  opened: readonly Opened[],
  files: readonly File[],
  library: Library,
  loss: State['loss'],
): Patch | null {
  const [data, ...others] = opened;
  if (data?.kind !== 'data' || others.length > 0) return null;
  const entry = library.addData(data, files);
  // As many outputs as classes; a single output has no cross-entropy.
  const isClasses = lossFor('ce', null, 2, entry.y) === 'ce';
  return {
    data: entry.id,
    samples: Math.min(entry.x.shape[0]!, FIRST_SAMPLES.small),
    scaling: 'auto',
    loss: isClasses ? loss : 'mse',
  };
}

function restore(picture: OpenedPicture, count: number, { library }: Place): Placement {
  const file = picture.origin[0]!.file;
  if (count > 1) throw new ReadError(`${file} brings all its settings; open the picture alone.`);
  return { kind: 'show', ...restored(file, picture.provenance, library) };
}

interface Parts {
  readonly networks: readonly OpenedNetwork[];
  readonly data: readonly OpenedData[];
  readonly tensors: readonly OpenedTensors[];
  readonly runs: readonly OpenedRun[];
}

async function arrange(
  { networks: openedNetworks, data: openedData, tensors, runs }: Parts,
  files: readonly File[],
  context: Place,
  added: string[],
): Promise<Placement> {
  const { library, state } = context;
  if (openedNetworks.length > 2) {
    throw new ReadError(`These are ${openedNetworks.length} networks; open one or two at a time.`);
  }
  if (openedData.length > 1) {
    const names = openedData.map(({ origin }) => origin[0]!.file).join(', ');
    throw new ReadError(`These are ${openedData.length} data sets (${names}); open one at a time.`);
  }
  const remember = <T extends { readonly id: string }>(entry: T): T => {
    added.push(entry.id);
    return entry;
  };
  let networks = openedNetworks.map((network) => remember(library.addNetwork(network)));
  const [data] = openedData.map((item) => remember(library.addData(item, files)));
  const notes = networks.flatMap((network) => network.notices);
  let side = context.side;

  for (const item of runs) {
    const described = networkOf(item);
    if (described === null) continue;
    const [run, network] = library.addRun(described.model, runFor(described, item), item, null);
    remember(run);
    networks.push(remember(network));
    notes.push(...network.notices);
  }
  const targets = await candidates(networks, context);
  // Weights take the place of those they belong to.
  const take = (entry: NetworkEntry, target: Candidate): void => {
    notes.push(...entry.notices);
    const index = networks.findIndex((network) => network === target.entry);
    networks = index < 0 ? [...networks, entry] : networks.with(index, entry);
    if (index < 0) side ??= target.side;
  };
  const directions: Direction[] = [];
  for (const item of tensors) {
    const target = targetOf(item, targets, (candidate) => {
      if (roleOf(item, candidate.model) === 'weights') withWeights(candidate, item);
      else checkDirection(candidate, item);
    });
    const role = roleOf(item, target.model);
    if (role === 'weights') {
      take(remember(library.addWeights(withWeights(target, item), item, target.entry)), target);
    } else {
      checkDirection(target, item);
      directions.push({ role, item });
    }
  }
  for (const item of runs.filter((run) => networkOf(run) === null)) {
    const target = targetOf(item, targets, (candidate) => runFor(candidate, item));
    const [run, network] = library.addRun(target.model, runFor(target, item), item, target.entry);
    remember(run);
    take(remember(network), target);
  }
  if (networks.length > 2) {
    throw new ReadError(`These are ${networks.length} networks; open one or two at a time.`);
  }
  const plane =
    directions.length === 0
      ? null
      : remember(library.addPlane(joined(directions, library.plane(state.plane))));

  if (networks.length === 0 && data !== undefined) networks = [...context.waiting];
  const patches = sidesFor(networks, side, state, data !== undefined);
  let failure: unknown;
  for (const sides of patches) {
    try {
      const { patch, drawn } = await complete(sides, networks, data, plane, context, runs.length > 0);
      return { kind: 'show', patch, notes: [...notes, ...drawn] };
    } catch (error) {
      failure ??= error;
    }
  }
  if (data !== undefined || networks.length === 0) throw failure;
  return { kind: 'wait', networks, offers: offersFor(networks), notes };
}

/** The network that a run was saved with here; null for one that does not say. */
function networkOf({ metadata, origin }: OpenedRun): Candidate | null {
  try {
    const beginning = savedNetwork(metadata);
    return beginning && candidate(null, buildNetwork(beginning), null);
  } catch (error) {
    if (error instanceof SavedRunError || error instanceof RangeError)
      throw new ReadError(`${origin[0]!.file}: ${error.message}.`);
    throw error;
  }
}

/** What was opened, with what is left of the directions of before. */
function joined(directions: readonly Direction[], before: PlaneEntry | null): Omit<PlaneEntry, 'id'> {
  const origin = directions.flatMap(({ item }) => item.origin);
  const title = origin.map(({ file }) => file).join(', ');
  // Of two that are both the first by name, the later one is the second.
  const [one, two] = directions;
  const same = one !== undefined && two !== undefined && one.role === two.role;
  const find = (role: Direction['role']) =>
    directions.find((direction) => direction.role === role)?.item.tensors;
  const [d1, d2] = same ? [one.item.tensors, two.item.tensors] : [find('d1'), find('d2')];
  return { title, origin, d1: d1 ?? before?.d1 ?? null, d2: d2 ?? before?.d2 ?? null };
}

/** The networks that tensors may belong to: those opened with them, else those on show. */
async function candidates(networks: readonly NetworkEntry[], context: Place): Promise<Candidate[]> {
  const { state, library, side, waiting } = context;
  const fresh = networks.length > 0 ? networks : waiting;
  if (fresh.length > 0) return fresh.map((entry) => candidate(null, entry.model, entry));
  const sides = side !== null && shownSides(state).includes(side) ? [side] : shownSides(state);
  return Promise.all(
    sides.map(async (each) =>
      candidate(each, await library.model(state[each]), library.network(state[each])),
    ),
  );
}

function candidate(side: Side | null, model: Model, entry: NetworkEntry | null): Candidate {
  return { side, model, entry, folded: entry?.batchNormFolded ?? false };
}

/** The network that the file is named after, else the last one that it fits, else the first; `check` throws. */
function targetOf(
  item: Pick<OpenedTensors, 'origin'>,
  targets: readonly Candidate[],
  check: (target: Candidate) => void,
): Candidate {
  const fits = (target: Candidate): boolean => {
    try {
      check(target);
      return true;
    } catch {
      return false;
    }
  };
  return namesake(item, targets) ?? targets.findLast(fits) ?? targets[0]!;
}

/** Arrangements of the panels, the most wanted first. */
function sidesFor(
  networks: readonly NetworkEntry[],
  side: Side | null,
  state: State,
  newData: boolean,
): Pick<Patch, Side>[] {
  const [one, two] = networks.map(({ id }) => id);
  if (one !== undefined && two !== undefined) return [{ left: one, right: two }];
  if (one !== undefined) {
    const alone = { left: one, right: 'none' };
    return side === null ? [alone] : [{ [side]: one }, alone];
  }
  if (!newData) return [{}];
  return state.right === 'none' ? [{}] : [{}, { right: 'none' }, { left: state.right, right: 'none' }];
}

/** The whole change, tried out, and whose directions are still drawn; rejects when it does not work. */
async function complete(
  sides: Pick<Patch, Side>,
  networks: readonly NetworkEntry[],
  data: DataEntry | undefined,
  plane: PlaneEntry | null,
  { state, library }: Place,
  withRun: boolean,
): Promise<{ patch: Patch; drawn: string[] }> {
  const shown = { ...state, ...sides };
  const model = await library.model(shown.left);
  const entry = data ?? (await library.dataOf(state.data));
  const rows = entry.x.shape[0]!;
  const most = multiplyAdds(model) > LARGE ? FIRST_SAMPLES.large : FIRST_SAMPLES.small;
  const samples = Math.min(rows, data === undefined ? state.samples : most);
  const hint = networks.find(({ lossHint }) => lossHint !== null)?.lossHint ?? null;
  const patch: { -readonly [K in keyof Patch]: Patch[K] } = {
    ...sides,
    samples,
    loss: lossFor(state.loss, hint, elements(model.shapes.at(-1)!), entry.y),
    ...(data === undefined ? {} : { data: data.id, scaling: 'auto' }),
    ...(plane === null ? {} : { plane: plane.id }),
  };
  if (withRun && plane === null) {
    try {
      // A drawn plane has next to nothing of a run.
      const own = { ...patch, plane: 'pca', through: 'auto' } as const;
      const { planes } = await assemble({ ...state, ...own }, library);
      return { patch: { ...fitted(own, state, planes), ...own }, drawn: [] };
    } catch (error) {
      if (!(error instanceof TrajectoryError)) throw error;
      patch.plane = 'random';
    }
  }
  const { planes } = await assemble({ ...state, ...patch }, library);
  // Directions of a file stay while they are directions of a network on show.
  const panels = Object.values(planes).filter((panel) => panel !== null);
  if (panels.every(({ given }) => given === 0)) return { patch: { ...patch, plane: 'random' }, drawn: [] };
  const others = plane === null ? [] : panels.filter(({ given }) => given === 0);
  return {
    patch,
    drawn: others.map(
      ({ problem }) => `${plane!.title} does not fit ${problem.model.name}, whose directions stay random.`,
    ),
  };
}

/** Bundled data that have the size and the classes of these networks. */
export function offersFor(networks: readonly NetworkEntry[]): BundledName[] {
  const sizes: Record<BundledName, number> = { digits: 64, fashion: 784 };
  return Object.values(bundledData)
    .filter(({ name, classes }) =>
      networks.every(
        ({ model }) =>
          elements(model.shapes[0]!) === sizes[name] && elements(model.shapes.at(-1)!) === classes.length,
      ),
    )
    .map(({ name }) => name);
}
