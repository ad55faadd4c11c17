/** Sums that keep what rounding loses (A. Neumaier, Z. angew. Math. Mech. 54 (1974) 39–51), one for each index. */
export class CompensatedSums {
  private readonly sums: Float64Array;
  private readonly lost: Float64Array;

  constructor(size: number) {
    this.sums = new Float64Array(size);
    this.lost = new Float64Array(size);
  }

  add(index: number, term: number): void {
    const sum = this.sums[index]!;
    const next = sum + term;
    this.lost[index]! += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    this.sums[index] = next;
  }

  /** The sums rounded once; infinite and NaN ones as plain addition gives them. */
  values(): Float64Array {
    return this.sums.map((sum, i) => (Number.isFinite(sum) ? sum + this.lost[i]! : sum));
  }
}
