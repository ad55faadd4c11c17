/** Computing time of one call, in milliseconds: sizes being powers of two, 25 to 50. */
export const IDLE_TARGET = 50;
/** No call is made that is predicted to compute longer, in milliseconds. */
const LONGEST = 200;
/** Weight of the newest measurement in a size's running mean. */
const NEWEST = 0.5;
/** A measurement counts as this many times the mean at most: a busy moment is no slower engine. */
const SPIKE = 2;
/** Work of the first call, in points × samples: little on the slowest engine, a few doublings on the fastest. */
const FIRST_WORK = 32;
/** Calls after which a size that was once too slow gets another chance: at first, and at most. */
const FIRST_PATIENCE = 2;
const LONGEST_PATIENCE = 64;

/**
 * Finds by measurement how much work a call to one engine should carry. Sizes are powers of two; each
 * has a running mean of its latency.
 *
 * Latency is no measure of computing: browsers report a finished queue late, some only every 100 ms, and a
 * second call in flight waits for the first. So what a size costs is its latency above that of the smaller
 * sizes. Where latency does not depend on size, sizes grow until it does; where it does, they follow the
 * target; and nothing is tried that is more than twice the size of what is known to be good.
 */
export class CallSize {
  /** Mean latency in milliseconds by exponent: work = FIRST_WORK · 2^exponent. */
  readonly #latency = new Map<number, number>();
  readonly #depth: number;
  #exponent: number;
  /** Of the largest size known to meet the target; null while none is. */
  #good: number | null = null;
  #largest = Infinity;
  #patience = FIRST_PATIENCE;
  #waited = 0;
  #retried: number | null = null;

  /**
   * `depth` calls are in flight at once wherever they are computed, one after the other. The first call carries
   * `first` or little less, in points × samples, but no less than where nothing is known.
   */
  constructor(depth = 1, first = FIRST_WORK) {
    this.#depth = depth;
    this.#exponent = Math.max(0, Math.floor(Math.log2(first / FIRST_WORK)));
  }

  /** Work of the next call, in points × samples, that should compute no longer than this; at least 1. */
  work(milliseconds = IDLE_TARGET): number {
    const cost = this.#good === null || milliseconds >= IDLE_TARGET ? 0 : this.#cost(this.#good);
    if (cost <= milliseconds) return FIRST_WORK * 2 ** this.#exponent;
    return FIRST_WORK * 2 ** smallestAllowed(this.#good! - Math.ceil(Math.log2(cost / milliseconds)));
  }

  /**
   * Takes note of a call that was asked to carry `planned` and carried `work`: whole points rarely fit
   * exactly, and a queue may run out.
   */
  measured(planned: number, work: number, milliseconds: number): void {
    const exponent = exponentOf(work <= planned / 2 ? work : planned);
    const mean = this.#latency.get(exponent) ?? milliseconds;
    this.#latency.set(exponent, mean + NEWEST * (Math.min(milliseconds, SPIKE * mean) - mean));
    if (exponent === this.#retried && this.#cost(exponent) <= IDLE_TARGET) this.#patience = FIRST_PATIENCE;
    this.#choose();
  }

  /** A call of this work did not fit in memory. False when a smaller one cannot be made. */
  tooLarge(work: number): boolean {
    const exponent = exponentOf(work) - 1;
    if (FIRST_WORK * 2 ** exponent < 1) return false;
    this.#largest = Math.min(this.#largest, exponent);
    this.#choose();
    return true;
  }

  #choose(): void {
    const known = [...this.#latency.keys()]
      .filter((exponent) => exponent <= this.#largest)
      .sort((a, b) => b - a);
    const good = known.find((exponent) => this.#cost(exponent) <= IDLE_TARGET);
    this.#good = good ?? null;
    const isGuess = good === known.at(-1) && good !== undefined && 2 * this.#cost(good) > IDLE_TARGET;
    if (good === undefined || isGuess) {
      // Smaller is always safe to try, and tells whether the latency comes from the work at all.
      this.#exponent = smallestAllowed(Math.min(this.#largest, (known.at(-1) ?? this.#exponent) - 1));
      return;
    }
    this.#exponent = good;
    if (
      good + 1 > this.#largest ||
      2 * this.#cost(good) > IDLE_TARGET ||
      this.#predicted(good) > LONGEST * this.#depth
    )
      return;
    if (!this.#latency.has(good + 1)) {
      this.#exponent = good + 1;
      this.#waited = 0;
    } else if (++this.#waited >= this.#patience) {
      // It was too slow then; the cause may be gone (a shader compiled, a tab in the background).
      this.#latency.delete(good + 1);
      this.#patience = Math.min(2 * this.#patience, LONGEST_PATIENCE);
      this.#exponent = good + 1;
      this.#retried = good + 1;
      this.#waited = 0;
    }
  }

  /** Computing time of a call of this size: its latency above the least of all smaller sizes, shared by those in line. */
  #cost(exponent: number): number {
    const smaller = [...this.#latency].filter(([other]) => other < exponent).map(([, mean]) => mean);
    const mean = this.#latency.get(exponent)!;
    return (smaller.length === 0 ? mean : mean - Math.min(...smaller)) / this.#depth;
  }

  /** Latency of a call of twice this size, on the line through this size and half of it. */
  #predicted(exponent: number): number {
    const mean = this.#latency.get(exponent)!;
    const half = this.#latency.get(exponent - 1);
    return half === undefined ? 2 * mean : mean + 2 * Math.max(0, mean - half);
  }
}

function exponentOf(work: number): number {
  return Math.round(Math.log2(work / FIRST_WORK));
}

function smallestAllowed(exponent: number): number {
  return Math.max(exponent, -Math.log2(FIRST_WORK));
}
