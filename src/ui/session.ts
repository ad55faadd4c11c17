/**
 * What the page computes: loads networks and data, draws directions, and runs both landscapes on the
 * chosen engine, giving up whatever a change has made stale. No DOM; the elements listen.
 *
 * Fires `update` whenever anything readable here has changed, new points included.
 */
import type { Engine, EngineInfo, Evaluator, Problem } from '../engine/engine.js';
import { type Estimate, smallerRuns } from '../landscape/estimate.js';
import type { Totals } from '../landscape/grid.js';
import { type LandscapeJob, type Progress, type RunOptions, runLandscapes } from '../landscape/run.js';
import { computed, initialState, keys, type Key, type State } from '../state.js';
import { assemble, type Assembled } from './assemble.js';
import type { Assets } from './assets.js';
import { beginLandscapes } from './begun.js';
import { EngineChoice } from './engine-choice.js';
import type { EngineSource } from './engines.js';
import { sentence } from './error-sentence.js';
import { Evaluators } from './evaluators.js';
import { type DataEntry, Library } from './files/library.js';
import { type Notice, noiseNotice } from './notice.js';
import { isFarIn, isRescued, measureFloors, noiseSentence } from './noise.js';
import { measureMiddles } from './middles.js';
import { Makers } from './makers.js';
import { exactnessSentence, passesOf, precisionOf, shownPass } from './passes.js';
import { shownSides, type Side } from './sides.js';
import { timeJobs } from './timing.js';
import {
  costOf,
  familyOf,
  isMadeFor,
  isPlaneOf,
  jobsOf,
  nothing,
  type PanelData,
  Windows,
} from './windows.js';

export { sides, type Side } from './sides.js';
export type { PanelData } from './windows.js';

/**
 * `asking`: the run would take longer than anyone expects of a page, and waits for a word.
 * `cancelled`: what was computed stays; `resume()` goes on from there.
 */
export type RunStatus = 'loading' | 'running' | 'asking' | 'cancelled' | 'done' | 'failed';

/** A run predicted to take longer asks first. Seconds. */
export const LONG_RUN = 60;
/** FLOP up to which a run is neither timed nor asks: the first view, 0.7 TFLOP, comes without a click anywhere. */
const UNASKED = 1e12;

export class Session extends EventTarget {
  #state: State = initialState;
  #status: RunStatus = 'loading';
  #progress: Progress | null = null;
  #panels: Record<Side, PanelData> = { left: nothing, right: nothing };
  /** The settings that `#panels` were made for. */
  #made: State | null = null;
  #data: DataEntry | null = null;
  #assembled: Assembled | null = null;
  #estimate: Estimate | null = null;
  /** A kind of run that was timed and found short. */
  readonly #soon = new WeakMap<Assembled, string>();
  #info: EngineInfo | null = null;
  #exactness = '';
  #failure = '';
  #notices: Notice[] = [];
  /** Whether the sentence about rounding was put away since it was first there. */
  #isTold = false;
  #nextNotice = 1;
  #controller = new AbortController();
  readonly #windows = new Windows();
  readonly #evaluators = new Evaluators();
  /** Those of the middles of close views, in float64. */
  readonly #exact = new Evaluators();
  /** How a run minds those who look at it. */
  manners: Pick<RunOptions, 'waits' | 'interacting'> = {};
  /** Who computed the points. */
  readonly makers = new Makers();
  /** What can be shown. */
  readonly library: Library;
  readonly #assets: Assets;
  readonly #choice: EngineChoice;

  constructor(assets: Assets, engines: EngineSource) {
    super();
    this.#assets = assets;
    this.library = new Library(assets);
    this.#choice = new EngineChoice(engines);
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

  /** The data on show; null until they are loaded. */
  get data(): DataEntry | null {
    return this.#data;
  }

  /** What the present run costs; null when it is too little to be asked about. */
  get estimate(): Estimate | null {
    return this.#estimate;
  }

  /** The engine at work; null until one has been prepared. */
  get info(): EngineInfo | null {
    return this.#info;
  }

  /** Why this engine, in one sentence; '' until one was chosen. */
  get reason(): string {
    return `${this.#choice.reason} ${this.#exactness}`.trim();
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
    if (changed.has('engine')) this.#choice.forget();
    // What it offered was taken.
    if (changed.size === 1 && changed.has('shared'))
      this.#notices = this.#notices.filter(({ ofView }) => ofView !== true);
    // Another quantity may need what was not computed for the one before.
    const asksMore = this.#made !== null && passesOf(state).join() !== passesOf(this.#made).join();
    if (asksMore || [...changed].some((key) => computed.has(key))) void this.#run();
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
    if (this.#notices.some((notice) => notice.id === id && notice.ofView === true)) this.#isTold = true;
    this.#notices = this.#notices.filter((notice) => notice.id !== id);
    this.#tell();
  }

  async #run(long = false): Promise<void> {
    this.#controller.abort();
    const { signal } = (this.#controller = new AbortController());
    const state = this.#state;
    this.#notices = this.#notices.filter(({ ofView }) => ofView !== true);
    this.#failure = '';
    this.#progress = null;
    this.#estimate = null;
    // Another window of the same planes is shown at once, with what is known of it.
    const kept = this.#assembled !== null && isPlaneOf(state, this.#made) ? this.#assembled : null;
    if (kept !== null) this.#show(kept, state);
    // Numbers of other settings must not stand under these settings' names, not even if loading fails.
    else if (!isMadeFor(state, this.#made)) this.#panels = { left: nothing, right: nothing };
    this.#settle(kept === null ? 'loading' : 'running');
    this.#choice.begin(state.engine);
    try {
      const assembled = kept ?? (await assemble(state, this.library));
      if (signal.aborted) return;
      if (kept === null) this.#show(assembled, state);
      await this.#evaluate(state, signal, long);
      if (!signal.aborted) this.#settle('done');
    } catch (error) {
      if (signal.aborted) return;
      this.#controller.abort();
      this.#failure = sentence(error);
      this.#settle('failed');
    }
  }

  /** `isFilled`: while a run adds to what is shown. */
  #show(assembled: Assembled, state: State, isFilled = false): void {
    const { data, planes } = assembled;
    const panelOf = (side: Side): PanelData => {
      const plane = planes[side];
      return plane === null
        ? nothing
        : this.#windows.panelOf(plane, familyOf(state, side), state, side, isFilled);
    };
    this.#panels = { left: panelOf('left'), right: panelOf('right') };
    this.#data = data;
    this.#assembled = assembled;
    this.#made = state;
    const problems = shownSides(state).map((side) => planes[side]!.problem);
    for (const kept of [this.#evaluators, this.#exact]) kept.keepOnly(problems);
    this.#tell();
  }

  /** On the chosen engine, first on WASM while a GPU is looked for, and on the next one from where it stopped when one fails. */
  async #evaluate(state: State, signal: AbortSignal, long: boolean): Promise<void> {
    const asked = state.engine;
    const early = (engine: Engine, until: AbortSignal) => this.#evaluateOn(engine, state, until, true);
    const isSmall = () => costOf(this.#panels, state, 1).flop <= UNASKED;
    if (await this.#choice.runEarly(asked, signal, early, isSmall)) return;
    const compute = (engine: Engine) => this.#evaluateOn(engine, state, signal, long);
    await this.#choice.run(asked, signal, compute, (text) => this.notify('warning', text));
  }

  async #evaluateOn(engine: Engine, state: State, signal: AbortSignal, long: boolean): Promise<void> {
    const preparing = new Map<Totals, Promise<Evaluator>>();
    for (const side of shownSides(state)) {
      const { plane, sums } = this.#panels[side];
      // Two panels that show the same plane are computed once.
      if (plane === null || sums === null || preparing.has(sums)) continue;
      preparing.set(sums, this.#evaluators.of(engine, plane.problem, signal));
    }
    const evaluators = new Map(
      await Promise.all([...preparing].map(async ([sums, evaluator]) => [sums, await evaluator] as const)),
    );
    if (signal.aborted) return;
    const first = [...evaluators.values()][0]!;
    this.#info = first.info;
    this.#exactness = exactnessSentence(evaluators.values(), state);
    const jobs = jobsOf(this.#panels, evaluators, state, this.makers);
    if (!long && (await this.#isLong(jobs, engine, state, signal))) {
      if (!signal.aborted) this.#ask();
      return;
    }
    this.#settle('running');
    const options: RunOptions = {
      signal,
      // Asked anew each time: what is shown changes while it runs.
      waits: (sums, index) => this.manners.waits?.(sums, index) ?? false,
      interacting: () => this.manners.interacting?.() ?? false,
    };
    const onProgress = (progress: Progress) => this.#advance(progress, signal);
    const { run, begun } = beginLandscapes(jobs, { ...options, onProgress });
    // Far in, noise must not be seen for long; elsewhere the first picture comes first.
    const turn = isFarIn(state) ? Promise.resolve() : begun;
    await Promise.all([run, turn.then(() => this.#deepen(jobs, evaluators, state, options))]);
    // Differences that took the losses' place have a floor of their own.
    for (const close of [true, false]) {
      if (await measureFloors(this.#panels, evaluators, state, close, this.#windows, signal))
        this.#show(this.#assembled!, state);
    }
    for (const { plane, sums } of Object.values(this.#panels)) {
      const on = sums === null ? undefined : evaluators.get(sums);
      if (on && !signal.aborted) await plane?.run?.measure(engine, on, signal, () => this.#tell());
    }
  }

  /** Looks at the rounding of close views; where it is too loud it says so, and differences take the losses' place. */
  async #deepen(
    running: readonly LandscapeJob[],
    evaluators: ReadonlyMap<Totals, Evaluator>,
    state: State,
    options: RunOptions,
  ): Promise<void> {
    const signal = options.signal!;
    const isNew = await measureFloors(this.#panels, evaluators, state, true, this.#windows, signal);
    if (signal.aborted) return;
    if (isNew) this.#show(this.#assembled!, state, true);
    const text = noiseSentence(this.#panels, state);
    if (text === '') this.#isTold = false;
    // Who has put away that differences help need not hear it again one step closer; of noise that shows, always.
    const rescued = isRescued(this.#panels, state);
    if (text !== '' && !(this.#isTold && rescued)) {
      const isExact = [...evaluators.values()].every(
        ({ passes }) => precisionOf(passes, shownPass(state)) === 'float64',
      );
      const hasDelta = state.show === 'loss';
      const isFlat = state.shared && shownSides(state).length > 1 && rescued;
      const notice = noiseNotice(this.#nextNotice++, text, { hasDelta, isExact, isFlat });
      // A run that goes on with another engine looks again.
      this.#notices = [...this.#notices.filter((other) => other.text !== notice.text), notice];
    }
    this.#tell();
    const done = new Set(running.map(({ sums }) => sums));
    const jobs = jobsOf(this.#panels, evaluators, state, this.makers).filter(({ sums }) => !done.has(sums));
    await Promise.all([
      runLandscapes(jobs, { ...options, onProgress: () => this.#tell() }),
      this.#exactMiddles(state, signal),
    ]);
  }

  /** What differences are added to; without it the picture's noise is that of the plain pass, and said to be. */
  async #exactMiddles(state: State, signal: AbortSignal): Promise<void> {
    if (this.#info?.engine === 'reference') return;
    const exactly = async (problem: Problem) => this.#exact.of(await this.#choice.exact(), problem, signal);
    try {
      const isNew = await measureMiddles(this.#panels, state, exactly, this.#windows.middles, signal);
      if (isNew && !signal.aborted) this.#show(this.#assembled!, state, true);
    } catch (error) {
      if (!signal.aborted) console.warn(error);
    }
  }

  /** Whether what is missing would take too long; times the engine only where that can be. */
  async #isLong(
    jobs: readonly LandscapeJob[],
    engine: Engine,
    state: State,
    signal: AbortSignal,
  ): Promise<boolean> {
    const cost = costOf(this.#panels, state, 'workers' in engine ? (engine.workers as number) : 1);
    // Other passes than the plain one may take far longer than their FLOP say.
    const kind = `${engine.name} ${passesOf(state).join()} ${state.size} ${state.samples}`;
    if (cost.flop <= UNASKED && passesOf(state).join() === 'loss') return false;
    // Every other view of the same planes takes as long.
    if (this.#soon.get(this.#assembled!) === kind) return false;
    const { seconds, whole, isAll } = await timeJobs(jobs, state, signal);
    if (isAll && whole <= LONG_RUN) this.#soon.set(this.#assembled!, kind);
    this.#estimate = { ...cost, seconds, smaller: smallerRuns(state, whole, LONG_RUN) };
    return seconds > LONG_RUN;
  }

  #ask(): void {
    this.#controller.abort();
    this.#settle('asking');
  }

  #advance(progress: Progress, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#progress = progress;
    this.#tell();
  }

  #settle(status: RunStatus): void {
    this.#status = status;
    this.#tell();
  }

  #tell(): void {
    this.dispatchEvent(new Event('update'));
  }
}
