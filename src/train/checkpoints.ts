/**
 * Snapshots of a run in bounded memory. Kept are the steps that are multiples of a spacing, which begins at 1: when
 * there would be more than `most`, the spacing doubles and every other snapshot goes. So at any time they are evenly
 * spaced from step 0, and from the first doubling on there are at least half of `most`. Which ones are kept depends
 * on the number of steps alone.
 */
import type { Snapshot } from './trainer.js';

/** Bytes that the snapshots of a run may take. */
const BYTES = 2 ** 26;
const FEWEST = 16;
const MOST = 128;

/** How many snapshots of so many bytes are kept. */
export function mostCheckpoints(bytes: number): number {
  return Math.min(MOST, Math.max(FEWEST, Math.floor(BYTES / bytes)));
}

export class Checkpoints {
  private kept: Snapshot[] = [];
  private spacing = 1;

  /** `most` is at least 2. */
  constructor(private readonly most: number) {}

  /** Steps between two snapshots. */
  get every(): number {
    return this.spacing;
  }

  /** Ascending; of step 0 always. */
  get all(): readonly Snapshot[] {
    return this.kept;
  }

  /** Keeps what `take` gives if `step`, which comes after the last one that was kept, is one of those to keep. */
  offer(step: number, take: () => Snapshot): void {
    if (step % this.spacing !== 0 || (this.kept.at(-1)?.step ?? -1) >= step) return;
    this.kept.push(take());
    if (this.kept.length <= this.most) return;
    this.spacing *= 2;
    this.kept = this.kept.filter((snapshot) => snapshot.step % this.spacing === 0);
  }

  /** Goes on as the run of `most` that kept these, ascending; the last one is where it stood, on its spacing or off it. */
  restore(kept: readonly Snapshot[]): void {
    this.clear();
    const latest = kept.at(-1)?.step ?? 0;
    while (Math.floor(latest / this.spacing) >= this.most) this.spacing *= 2;
    this.kept = kept.filter((snapshot) => snapshot.step % this.spacing === 0);
  }

  clear(): void {
    this.kept = [];
    this.spacing = 1;
  }
}
