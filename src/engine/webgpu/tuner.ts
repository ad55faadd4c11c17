/**
 * Which of several tilings of the same kernels a device runs best: tried on the slices of a run itself, so that nothing
 * is computed twice. Pure; network.ts has the tilings, tile-memory.ts what was chosen before.
 */

/** Measured slices of each tiling before one is chosen. */
const SLICES = 4;
/** Milliseconds below which a slice is mostly the way to the device and back. */
const SHORTEST = 4;
/** Share by which another tiling must be faster than the first one: less is noise. */
const GAIN = 0.05;

/** Time and work of the slices that one tiling was measured on. */
interface Tally {
  seen: number;
  slices: number;
  cells: number;
  milliseconds: number;
}

export class Tuner {
  private chosen: number | null = null;
  private readonly tallies = new Map<number, Tally>();

  /**
   * @param first tiling to begin with
   * @param settled whether it was chosen earlier, or is the only one: then there is nothing to try
   * @param onChoice told once, when the choice is made
   */
  constructor(
    private readonly first: number,
    settled: boolean,
    private readonly onChoice: (tiling: number) => void = () => {},
  ) {
    if (settled) this.chosen = first;
  }

  get isSettled(): boolean {
    return this.chosen !== null;
  }

  /** Begins to try these, the first one among them; until then, `next` is the first one. */
  offer(tilings: readonly number[]): void {
    if (this.isSettled || this.tallies.size > 0) return;
    for (const tiling of tilings) {
      this.tallies.set(tiling, { seen: 0, slices: 0, cells: 0, milliseconds: 0 });
    }
    this.decide();
  }

  /** Tiling of the next slice. */
  next(): number {
    if (this.chosen !== null) return this.chosen;
    let best: number | null = null;
    for (const [tiling, { seen }] of this.tallies) {
      if (best === null || seen < this.tallies.get(best)!.seen) best = tiling;
    }
    return best ?? this.first;
  }

  /** Tells how long a slice of `cells` points × samples took with a tiling. */
  report(tiling: number, cells: number, milliseconds: number): void {
    const tally = this.tallies.get(tiling);
    if (this.isSettled || !tally) return;
    // Some drivers compile a shader when it first runs.
    if (tally.seen++ === 0 || milliseconds < SHORTEST) return;
    tally.slices++;
    tally.cells += cells;
    tally.milliseconds += milliseconds;
    this.decide();
  }

  private decide(): void {
    const tallies = [...this.tallies];
    if (tallies.length > 1 && tallies.some(([, { slices }]) => slices < SLICES)) return;
    const pace = ({ milliseconds, cells }: Tally): number => milliseconds / cells;
    const first = this.tallies.get(this.first);
    let best = this.first;
    let fastest = first && first.cells > 0 ? pace(first) * (1 - GAIN) : Infinity;
    for (const [tiling, tally] of tallies) {
      if (tiling === this.first || !(pace(tally) < fastest)) continue;
      best = tiling;
      fastest = pace(tally);
    }
    this.chosen = best;
    this.onChoice(best);
  }
}
