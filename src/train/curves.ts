/** Loss and accuracy of a run over its steps, in bounded memory. */
import type { StepReport } from './trainer.js';

/** Values over steps: two arrays of one length. Structured-cloneable. */
export interface Series {
  /** Steps taken when the value was found; of a mean, the middle of its steps. */
  readonly steps: Float64Array;
  readonly values: Float64Array;
}

/** Means that a series holds at most. */
const MOST = 512;

/**
 * Means over equally many steps of what every step reports. There is one for each step at first; whenever there would
 * be more than `most`, neighbours are merged two by two.
 */
export class MeanSeries {
  private sums: number[] = [];
  private steps = 1;
  /** Steps in the last mean. */
  private filled = 0;
  private first = 1;

  constructor(private readonly most = MOST) {}

  /** Steps of a mean. */
  get width(): number {
    return this.steps;
  }

  add(value: number): void {
    if (this.filled === this.steps || this.sums.length === 0) {
      if (this.sums.length === this.most) this.merge();
      this.sums.push(0);
      this.filled = 0;
    }
    this.sums[this.sums.length - 1]! += value;
    this.filled++;
  }

  /** As new; the next value is that of step `step`. */
  clear(step = 1): void {
    this.restore({ sums: [], steps: 1, filled: 0, first: step });
  }

  get state(): MeanState {
    const { sums, steps, filled, first } = this;
    return { sums: [...sums], steps, filled, first };
  }

  restore({ sums, steps, filled, first }: MeanState): void {
    this.sums = [...sums];
    this.steps = steps;
    this.filled = filled;
    this.first = first;
  }

  get series(): Series {
    const count = (i: number): number => (i === this.sums.length - 1 ? this.filled : this.steps);
    return {
      steps: Float64Array.from(this.sums, (_, i) => this.first + i * this.steps + (count(i) - 1) / 2),
      values: Float64Array.from(this.sums, (sum, i) => sum / count(i)),
    };
  }

  private merge(): void {
    this.sums = this.sums.flatMap((sum, i) => (i % 2 === 0 ? [sum + (this.sums[i + 1] ?? 0)] : []));
    this.steps *= 2;
  }
}

/** All that a `MeanSeries` knows: its sums, steps per sum, steps in the last one, and the first step. */
interface MeanState {
  readonly sums: readonly number[];
  readonly steps: number;
  readonly filled: number;
  readonly first: number;
}

/** All that a `CurveKeeper` knows; plain JSON but for NaN, which stands as null there. */
export interface CurveState {
  readonly loss: MeanState;
  readonly accuracy: MeanState;
  readonly train: readonly Measurement[];
  readonly heldOut: readonly Measurement[];
}

/** What a measurement over many samples found, in evaluation mode. */
export interface Measurement {
  readonly step: number;
  readonly loss: number;
  /** 0 … 1; NaN with real targets. */
  readonly accuracy: number;
}

/** A run's curves as they are drawn. Structured-cloneable. */
export interface Curves {
  /** Of the batches, in training mode, before each step. */
  readonly batch: { readonly loss: Series; readonly accuracy: Series; readonly width: number };
  /** Of all samples that are learned from. */
  readonly train: readonly Measurement[];
  /** Of samples that are not; empty where there are none. */
  readonly heldOut: readonly Measurement[];
}

/** Collects them. */
export class CurveKeeper {
  private readonly loss = new MeanSeries();
  private readonly accuracy = new MeanSeries();
  private train: Measurement[] = [];
  private heldOut: Measurement[] = [];

  report({ loss, accuracy }: StepReport): void {
    this.loss.add(loss);
    this.accuracy.add(accuracy);
  }

  measured(train: Measurement, heldOut: Measurement | null): void {
    if (this.train.at(-1)?.step === train.step) return;
    this.train.push(train);
    if (heldOut !== null) this.heldOut.push(heldOut);
    if (this.train.length <= MOST) return;
    // Every other one goes, and the first and the latest stay.
    const keep = (_: Measurement, i: number, all: readonly Measurement[]): boolean =>
      i % 2 === 0 || i === all.length - 1;
    this.train = this.train.filter(keep);
    this.heldOut = this.heldOut.filter(keep);
  }

  clear(step = 0): void {
    this.loss.clear(step + 1);
    this.accuracy.clear(step + 1);
    this.train = [];
    this.heldOut = [];
  }

  get state(): CurveState {
    const { train, heldOut } = this;
    return { loss: this.loss.state, accuracy: this.accuracy.state, train: [...train], heldOut: [...heldOut] };
  }

  restore({ loss, accuracy, train, heldOut }: CurveState): void {
    this.loss.restore(loss);
    this.accuracy.restore(accuracy);
    this.train = [...train];
    this.heldOut = [...heldOut];
  }

  get curves(): Curves {
    const [loss, accuracy] = [this.loss.series, this.accuracy.series];
    return { batch: { loss, accuracy, width: this.loss.width }, train: this.train, heldOut: this.heldOut };
  }
}
