/**
 * Opens files for the page: reads them, finds their place, and changes the state only when everything fits.
 * Whatever goes wrong becomes a notice, and the page keeps what it had.
 *
 * Fires `update` when anything readable here has changed.
 */
import { isFromFile, type Key, keys, type Patch, usesFiles } from '../../state.js';
import { assemble } from '../assemble.js';
import { fitted } from '../runs/fit.js';
import { isRunPlane } from '../../state-runs.js';
import { bundledOf, type BundledName } from '../bundled.js';
import { chooseBundled } from '../pairs.js';
import type { Session } from '../session.js';
import type { Side } from '../sides.js';
import type { Store } from '../store.js';
import type { NetworkEntry } from './library.js';
import type { Opened, OpenedData } from './opened.js';
import type { ReadOptions } from './read.js';
import { openFiles } from './reader.js';

export type Read = (
  files: readonly File[],
  options: ReadOptions,
  signal: AbortSignal,
) => Promise<readonly Opened[]>;

/** Networks that were opened and have no data yet. */
export interface Waiting {
  readonly networks: readonly NetworkEntry[];
  readonly offers: readonly BundledName[];
}

/** Settings whose change may not fit what was opened from files, and is tried out first. */
export const TRIED: ReadonlySet<Key> = new Set([
  'data',
  'left',
  'right',
  'samples',
  'scaling',
  'loss',
  'plane',
  'through',
  'states',
]);

export class Opener extends EventTarget {
  #reading = '';
  #waiting: Waiting | null = null;
  #controller = new AbortController();
  /** How many changes were asked for, and what of them is still being tried. */
  #changes = 0;
  #pending: Patch = {};
  /** The last failure, which the next attempt takes away. */
  #failure = '';
  readonly #session: Session;
  readonly #store: Store;
  readonly #read: Read;

  constructor(session: Session, store: Store, read: Read = openFiles) {
    super();
    this.#session = session;
    this.#store = store;
    this.#read = read;
  }

  /** What is being read, for a sentence; '' when nothing is. */
  get reading(): string {
    return this.#reading;
  }

  get waiting(): Waiting | null {
    return this.#waiting;
  }

  /** Opens files into the panel `side`, or wherever they fit. */
  open(files: readonly File[], side: Side | null = null): Promise<void> {
    // What is opened is for a landscape; data may be for a training, too.
    if (this.#store.state.mode !== 'train') this.#store.set({ mode: 'landscape' });
    if (files.length === 0) return Promise.resolve();
    return this.#attempt(files, async (signal) => {
      const opened = await this.#read(files, {}, signal);
      signal.throwIfAborted();
      await this.#place(opened, files, side, signal);
    });
  }

  /** Reads the table on show again, with this column as its labels. */
  relabel(label: string): Promise<void> {
    const { data, state } = this.#session;
    const before = data?.table;
    if (!before || data.source === null) return Promise.resolve();
    const { source } = data;
    return this.#attempt(source, async (signal) => {
      const opened = await this.#read(source, { label }, signal);
      signal.throwIfAborted();
      // Columns stay in the order in which they were first shown.
      const again = opened.map((item): Opened => {
        const table = item.kind === 'data' ? item.table : null;
        return table === null
          ? item
          : ({ ...item, table: { ...table, columns: before.columns } } as OpenedData);
      });
      const { samples, scaling } = state;
      await this.#place(again, source, null, signal, { samples, scaling });
    });
  }

  /** Shows the waiting networks with bundled data. */
  async useBundled(name: BundledName): Promise<void> {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const [one, two] = waiting.networks;
    const panels = { left: one!.id, right: two?.id ?? 'none' };
    await this.change({ ...chooseBundled(name), ...panels });
  }

  /** Forgets the waiting networks, or stops reading. */
  dismiss(): void {
    this.#controller.abort();
    if (this.#waiting !== null) this.#session.library.remove(this.#waiting.networks.map(({ id }) => id));
    this.#waiting = null;
    this.#tell();
  }

  /**
   * Makes a change if everything still fits then; else says what does not. What comes while an earlier one is still being
   * tried takes it along, and decides about both.
   */
  async change(change: Patch): Promise<void> {
    const turn = ++this.#changes;
    const asked = (this.#pending = { ...this.#pending, ...change });
    const { state } = this.#session;
    let patch = this.#withData(asked);
    const next = { ...state, ...patch };
    // What comes with the page fits by itself; whether it can be fetched, the panel tells in its place.
    if (usesFiles(next) || patch.scaling !== undefined) {
      this.#forgive();
      try {
        const { planes } = await assemble(next, this.#session.library);
        if (turn !== this.#changes) return;
        patch = { ...fitted(asked, state, planes), ...patch };
      } catch (error) {
        if (turn !== this.#changes) return;
        this.#pending = {};
        this.#fail(error);
        return;
      }
    }
    // Without files there is no run.
    else if (isRunPlane(next)) patch = { ...patch, ...fitted({ plane: 'random' }, state), plane: 'random' };
    this.#pending = {};
    this.#show(patch);
  }

  /** The files that were chosen with this input. */
  choose(input: HTMLInputElement): void {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again after it was mended.
    input.value = '';
    void this.open(files);
  }

  /** Other data bring their own scaling, and their networks where those on show are not for them. */
  #withData(asked: Patch): Patch {
    const { state, library } = this.#session;
    const { data } = asked;
    if (data === undefined || data === state.data || asked.left !== undefined) return asked;
    const bundled = bundledOf(data);
    if (bundled !== undefined && !isFromFile(state.left) && !isFromFile(state.right)) {
      return { ...chooseBundled(bundled.name), ...asked };
    }
    const rows = bundled?.samples ?? library.data.find(({ id }) => id === data)?.x.shape[0] ?? state.samples;
    return { scaling: 'auto', samples: Math.min(state.samples, rows), ...asked };
  }

  async #attempt(files: readonly File[], work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#controller.abort();
    const { signal } = (this.#controller = new AbortController());
    this.#forgive();
    this.#reading = files.length > 2 ? `${files.length} files` : files.map(({ name }) => name).join(' and ');
    this.#tell();
    try {
      await work(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    } finally {
      if (!signal.aborted || this.#controller.signal === signal) this.#reading = '';
      this.#tell();
    }
  }

  async #place(
    opened: readonly Opened[],
    files: readonly File[],
    side: Side | null,
    signal: AbortSignal,
    keep: Patch = {},
  ): Promise<void> {
    // Fetched when the first file is opened: the first view does without it.
    const { place, placeData } = await import('./place.js');
    if (this.#store.state.mode === 'train') {
      const patch = placeData(opened, files, this.#session.library, this.#store.state.loss);
      if (patch !== null) return this.#show(patch);
      this.#store.set({ mode: 'landscape' });
    }
    const { state, library } = this.#session;
    const waiting = this.#waiting?.networks ?? [];
    const placement = await place(opened, files, { state, library, side, waiting });
    signal.throwIfAborted();
    if (placement.kind === 'wait') {
      // With what there is to say of them.
      this.#waiting = placement;
      return;
    }
    for (const note of placement.notes) this.#session.notify('note', note);
    this.#show({ ...placement.patch, ...keep });
  }

  #show(patch: Patch): void {
    if (patch.left !== undefined || patch.right !== undefined) this.#waiting = null;
    this.#store.set(patch);
    const { state } = this.#store;
    const used = keys.map((key) => state[key]).filter(isFromFile);
    const waits = this.#waiting?.networks.map(({ id }) => id) ?? [];
    this.#session.library.prune(new Set([...used, ...waits]));
    this.#tell();
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Error ? error.message : String(error);
    this.#session.notify('error', this.#failure);
  }

  #forgive(): void {
    const old = this.#session.notices.find(({ text }) => text === this.#failure);
    if (old !== undefined) this.#session.dismiss(old.id);
    this.#failure = '';
  }

  #tell(): void {
    this.dispatchEvent(new Event('update'));
  }
}
