/**
 * What the page computes: loads networks and data, draws directions, and runs both landscapes on the
 * chosen engine, giving up whatever a change has made stale. No DOM; the elements listen.
 *
 * Fires `update` whenever anything readable here has changed, new points included.
 */
import type { Engine, EngineInfo, Evaluator } from '../engine/engine.js';
import { engineTitles, type Selection } from '../engine/select.js';
import { emptySums, type GridSums } from '../landscape/grid.js';
import { runLandscapes, type Progress } from '../landscape/run.js';
import { computed, initialState, keys, field, type Key, type State } from '../state.js';
import type { Assets } from './assets.js';
import type { EngineSource } from './engines.js';
import { makeGrid, makePlane, type PanelPlane } from './plane.js';

export const sides = ['left', 'right'] as const;
export type Side = (typeof sides)[number];

/**
 * `asking`: a coarse picture is there, and the rest would take longer than anyone expects of a page.
 * `cancelled`: what was computed stays; `resume()` goes on from there.
 */
export type RunStatus = 'loading' | 'running' | 'asking' | 'cancelled' | 'done' | 'failed';

/** What is known of one panel. */
export interface PanelData {
  readonly plane: PanelPlane | null;
  readonly sums: GridSums | null;
}

export interface Notice {
  readonly id: number;
  readonly kind: 'note' | 'warning' | 'error';
  readonly text: string;
}

/** A run predicted to take longer asks first. Seconds. */
export const LONG_RUN = 60;
/** The prediction is worth asking about only after this long: engines are slow at first. Seconds. */
const SETTLED = 3;
/** Points × samples up to which a run never asks: the first view comes without a click on any machine. */
const UNASKED = initialState.size ** 2 * initialState.samples;
/** Finished grids kept for undo; one 401 × 401 grid is about 5 MB. */
const KEPT_GRIDS = 24;

const nothing: PanelData = { plane: null, sums: null };

export class Session extends EventTarget {
  #state: State = initialState;
  #status: RunStatus = 'loading';
  #progress: Progress | null = null;
  #panels: Record<Side, PanelData> = { left: nothing, right: nothing };
  #info: EngineInfo | null = null;
  #reason = '';
  #failure = '';
  #notices: Notice[] = [];
  #nextNotice = 1;
  #controller = new AbortController();
  /** Shrinks when an engine fails, so that it is not tried again; null before the first choice. */
  #selection: Selection | null = null;
  readonly #known = new Map<string, GridSums>();
  readonly #assets: Assets;
  readonly #engines: EngineSource;

  constructor(assets: Assets, engines: EngineSource) {
    super();
    this.#assets = assets;
    this.#engines = engines;
  }

  get state(): State {
    return this.#state;
  }

  get status(): RunStatus {
    return this.#status;
  }

  /** Of the present run; null before its first point. */
  get progress(): Progress | null {
    return this.#progress;
  }

  get panels(): Readonly<Record<Side, PanelData>> {
    return this.#panels;
  }

  /** The engine at work; null until one has been prepared. */
  get info(): EngineInfo | null {
    return this.#info;
  }

  /** Why this engine, in one sentence; '' until one was chosen. */
  get reason(): string {
    return this.#reason;
  }

  /** Why the run failed, in one sentence; '' when it did not. */
  get failure(): string {
    return this.#failure;
  }

  get notices(): readonly Notice[] {
    return this.#notices;
  }

  get hashes(): ReadonlyMap<string, string> {
    return this.#assets.hashes;
  }

  /** Takes over the settings and computes what they ask for; settings of the view alone cost nothing. */
  apply(state: State, changed: ReadonlySet<Key> = new Set(keys)): void {
    this.#state = state;
    if (changed.has('engine')) this.#selection = null;
    if ([...changed].some((key) => computed.has(key))) void this.#run();
    else this.#tell();
  }

  /** Stops at once; the points that are there stay. */
  cancel(): void {
    if (this.#status !== 'running' && this.#status !== 'loading') return;
    this.#controller.abort();
    this.#settle('cancelled');
  }

  /** Goes on after `cancel`, after a failure, or with a long run that asked. */
  resume(): void {
    if (this.#status === 'cancelled' || this.#status === 'asking' || this.#status === 'failed') {
      void this.#run(this.#status === 'asking' || this.#status === 'cancelled');
    }
  }

  notify(kind: Notice['kind'], text: string): void {
    if (this.#notices.some((notice) => notice.text === text)) return;
    this.#notices = [...this.#notices, { id: this.#nextNotice++, kind, text }];
    this.#tell();
  }

  dismiss(id: number): void {
    this.#notices = this.#notices.filter((notice) => notice.id !== id);
    this.#tell();
  }

  async #run(long = false): Promise<void> {
    this.#controller.abort();
    const { signal } = (this.#controller = new AbortController());
    const state = this.#state;
    this.#failure = '';
    this.#progress = null;
    this.#settle('loading');
    try {
      const data = await this.#assets.digits();
      const models = await Promise.all(sides.map((side) => this.#assets.model(state[side])));
      if (signal.aborted) return;
      sides.forEach((side, i) => {
        const plane = makePlane(models[i]!, data, state);
        this.#panels = { ...this.#panels, [side]: { plane, sums: this.#sumsOf(side, state) } };
      });
      await this.#evaluate(state, signal, long);
      if (!signal.aborted) this.#settle('done');
    } catch (error) {
      if (signal.aborted) return;
      this.#controller.abort();
      this.#failure = sentence(error);
      this.#settle('failed');
    }
  }

  /** Runs on the chosen engine, and on the next one from where it stopped when that one fails. */
  async #evaluate(state: State, signal: AbortSignal, long: boolean): Promise<void> {
    const selection = this.#selection ?? (await this.#engines.select(state.engine));
    if (signal.aborted) return;
    this.#selection = selection;
    this.#reason = `${selection.reason}.`;
    const [name, ...others] = selection.engines;
    try {
      await this.#evaluateOn(await this.#engines.open(name), state, signal, long);
    } catch (error) {
      const [next, ...rest] = others;
      if (signal.aborted) throw error;
      this.#engines.close(name);
      if (next === undefined) throw error;
      // The notice has room for a sentence; whoever looks into it wants all there is.
      console.warn(error);
      const [stopped, follows] = [engineTitles[name], engineTitles[next]];
      const reason = `${follows}: ${stopped} stopped on this page`;
      this.#selection = { engines: [next, ...rest], reason };
      this.notify(
        'warning',
        `${stopped} stopped: ${sentence(error)} ${follows} goes on from the points that are there.`,
      );
      await this.#evaluate(state, signal, long);
    }
  }

  async #evaluateOn(engine: Engine, state: State, signal: AbortSignal, long: boolean): Promise<void> {
    const evaluators = new Map<GridSums, Evaluator>();
    try {
      for (const side of sides) {
        const { plane, sums } = this.#panels[side];
        // Two panels that show the same plane are computed once.
        if (plane === null || sums === null || evaluators.has(sums)) continue;
        evaluators.set(sums, await engine.prepare(plane.problem, signal));
        if (signal.aborted) return;
      }
      const jobs = [...evaluators].map(([sums, evaluator]) => ({ evaluator, sums, samples: state.samples }));
      this.#info = jobs[0]!.evaluator.info;
      this.#settle('running');
      await runLandscapes(jobs, { signal, onProgress: (progress) => this.#advance(progress, signal, long) });
    } finally {
      for (const evaluator of evaluators.values()) evaluator.dispose();
    }
  }

  #advance(progress: Progress, signal: AbortSignal, long: boolean): void {
    if (signal.aborted) return;
    this.#progress = progress;
    const { secondsElapsed, secondsLeft } = progress;
    const asks = !long && this.#state.size ** 2 * this.#state.samples > UNASKED;
    if (asks && secondsElapsed > SETTLED && secondsLeft !== null && secondsLeft > LONG_RUN) {
      this.#controller.abort();
      this.#settle('asking');
    } else {
      this.#tell();
    }
  }

  /** The grid of one panel: the one it had under the same settings, or an empty one. */
  #sumsOf(side: Side, state: State): GridSums {
    const parts = [...computed].filter((key) => key !== 'left' && key !== 'right');
    const key = [state[side], ...parts.map((part) => field(part).format(state[part]))].join(' ');
    const sums = this.#known.get(key) ?? emptySums(makeGrid(state));
    this.#known.delete(key);
    this.#known.set(key, sums);
    const oldest = this.#known.keys().next();
    if (this.#known.size > KEPT_GRIDS && !oldest.done) this.#known.delete(oldest.value);
    return sums;
  }

  #settle(status: RunStatus): void {
    this.#status = status;
    this.#tell();
  }

  #tell(): void {
    this.dispatchEvent(new Event('update'));
  }
}

/** An error's first line with its full stop; a shader's error goes on with pages of source. */
function sentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const text = message
    .trim()
    .split('\n', 1)[0]!
    .replace(/[\s:]+$/, '');
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
