/** Which engine a session computes on: chosen for what the settings ask, left for the next one when it fails. */
import { type AskedEngine, type Engine, EngineUnsupportedError } from '../engine/engine.js';
import { engineTitles, type Selection } from '../engine/select.js';
import { ModelError } from '../model/errors.js';
import type { EngineSource } from './engines.js';
import { sentence } from './error-sentence.js';

export class EngineChoice {
  readonly #engines: EngineSource;
  /** Shrinks when an engine fails, so that it is not tried again; null before the first choice. */
  #selection: Promise<Selection> | null = null;
  /** Whether the choice is made. */
  #chosen = false;
  #reason = '';

  constructor(engines: EngineSource) {
    this.#engines = engines;
  }

  /** Why this engine, in one sentence; '' until one was chosen. */
  get reason(): string {
    return this.#reason;
  }

  /** What computes in float64, whichever engine is chosen. */
  exact(): Promise<Engine> {
    return this.#engines.open('reference');
  }

  /** Chooses anew the next time: the settings ask for another one. */
  forget(): void {
    this.#selection = null;
  }

  /** Workers start and load their code while the networks are on their way and a GPU is looked for. */
  begin(asked: AskedEngine): void {
    if (this.#selection !== null) return;
    const choice = (this.#selection = this.#engines.select(asked));
    this.#chosen = false;
    const early = asked === 'auto' ? this.#engines.open('wasm') : null;
    const chosen = choice.then(({ engines: [name] }) => {
      if (this.#selection === choice) this.#chosen = true;
      return this.#engines.open(name);
    });
    // Whoever uses the engine hears of a failure.
    void Promise.allSettled([early, chosen]);
  }

  /**
   * Has `compute` work on WASM for as long as it takes to find a GPU, which can be longer than a first picture; with one
   * found its signal aborts. Whether that was all there was to do. What is not small had better wait.
   */
  async runEarly(
    asked: AskedEngine,
    signal: AbortSignal,
    compute: (engine: Engine, signal: AbortSignal) => Promise<void>,
    isSmall: () => boolean,
  ): Promise<boolean> {
    const choice = this.#selection;
    if (choice === null || asked !== 'auto') return false;
    const other = new AbortController();
    const found = choice.then(({ engines: [name], reason }) => {
      if (name !== 'wasm') other.abort();
      else if (this.#selection === choice) this.#reason = `${reason}.`;
    });
    let done = false;
    if (!this.#chosen && isSmall()) {
      const both = AbortSignal.any([signal, other.signal]);
      try {
        await compute(await this.#engines.open('wasm'), both);
        done = !both.aborted;
        if (done && !this.#chosen) this.#reason = 'WASM: it was done before a GPU was found.';
      } catch {
        // A failure of WASM's own is told when it is chosen and fails again.
      }
    }
    if (!done) await found;
    if (other.signal.aborted && !signal.aborted) this.#engines.close('wasm');
    return done;
  }

  /**
   * Has `compute` work on the chosen engine, and on the next one when that fails; `moved` hears why in two sentences,
   * before the next one is asked. Rejects when there is none left, and with what is wrong on every engine.
   */
  async run(
    asked: AskedEngine,
    signal: AbortSignal,
    compute: (engine: Engine) => Promise<void>,
    moved: (text: string) => void,
  ): Promise<void> {
    const selection = await (this.#selection ??= this.#engines.select(asked));
    if (signal.aborted) return;
    this.#reason = `${selection.reason}.`;
    const [name, ...others] = selection.engines;
    try {
      await compute(await this.#engines.open(name));
    } catch (error) {
      const [next, ...rest] = others;
      // What is wrong with the network is wrong on every engine.
      if (signal.aborted || error instanceof ModelError) throw error;
      this.#engines.close(name);
      if (next === undefined) throw error;
      // The notice has room for a sentence; whoever looks into it wants all there is.
      console.warn(error);
      const [stopped, follows] = [engineTitles[name], engineTitles[next]];
      const unsupported = error instanceof EngineUnsupportedError;
      const what = unsupported ? 'does not run this network' : 'stopped';
      const reason = `${follows}: ${stopped} ${what}${unsupported ? '' : ' on this page'}`;
      this.#selection = Promise.resolve({ engines: [next, ...rest], reason });
      moved(`${stopped} ${what}: ${sentence(error)} ${follows} goes on from the points that are there.`);
      await this.run(asked, signal, compute, moved);
    }
  }
}
