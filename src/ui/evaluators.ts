/** Problems made ready on an engine, kept between runs: a zoom step should not wait for that again. */
import type { Engine, Evaluator, Problem } from '../engine/engine.js';

export class Evaluators {
  #engine: Engine | null = null;
  readonly #kept = new Map<Problem, Evaluator>();

  /** Rejects as `prepare` does, and with the signal's reason when aborted. */
  async of(engine: Engine, problem: Problem, signal: AbortSignal): Promise<Evaluator> {
    if (engine !== this.#engine) this.keepOnly([]);
    this.#engine = engine;
    const kept = this.#kept.get(problem);
    if (kept !== undefined) return kept;
    const evaluator = await engine.prepare(problem, signal);
    if (signal.aborted || this.#engine !== engine) {
      evaluator.dispose();
      throw signal.reason;
    }
    this.#kept.set(problem, evaluator);
    return evaluator;
  }

  /** Frees all others. */
  keepOnly(problems: readonly Problem[]): void {
    for (const [problem, evaluator] of this.#kept) {
      if (problems.includes(problem)) continue;
      this.#kept.delete(problem);
      evaluator.dispose();
    }
  }
}
