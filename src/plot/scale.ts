/**
 * From values to places 0 … 1 between two limits: the norm. It is independent of the colour map.
 */
export type NormKind = 'linear' | 'log' | 'symlog';

export interface Limits {
  readonly min: number;
  readonly max: number;
}

export interface NormSpec extends Limits {
  readonly kind: NormKind;
  /** symlog only: size at which the scale turns from linear to logarithmic. Default: a thousandth of the larger limit. */
  readonly constant?: number;
}

export interface Norm extends Required<NormSpec> {
  /**
   * Place of a value: 0 at `min`, 1 at `max`, beyond them outside. NaN stays NaN, and −∞ is the place of
   * everything a logarithm cannot show (≤ 0).
   */
  unit(value: number): number;
  /** The value at a place. */
  value(unit: number): number;
}

/** One grid's values; `computed[i]` is 0 where value i is not known yet. */
export interface GridValues {
  readonly values: ArrayLike<number>;
  readonly computed?: ArrayLike<number> | null;
}

/** What lies where on the scale, as numbers of computed points. */
export interface ValueCounts {
  readonly computed: number;
  readonly nan: number;
  readonly infinite: number;
  /** Finite and below `min`, or above `max`: they take the end colours and the bar shows an arrow. */
  readonly below: number;
  readonly above: number;
}

/** Throws RangeError when the limits are not finite and increasing, or not above 0 on a log scale. */
export function makeNorm(spec: NormSpec): Norm {
  const { kind, min, max } = spec;
  const constant = spec.constant ?? Math.max(Math.abs(min), Math.abs(max)) / 1000;
  if (!(Number.isFinite(min) && Number.isFinite(max) && min < max)) {
    throw new RangeError(`Colour limits must be two increasing numbers, not ${min} and ${max}.`);
  }
  if (kind === 'log' && min <= 0) {
    throw new RangeError(
      `A log scale needs limits above 0, not ${min}: raise the lower one or choose symlog.`,
    );
  }
  if (kind === 'symlog' && !(constant > 0 && constant < Infinity)) {
    throw new RangeError(`The symlog constant must be above 0, not ${constant}.`);
  }
  const [forward, backward] = transforms(kind, constant);
  const low = forward(min);
  const span = forward(max) - low;
  // A ratio so close to 1 that its logarithm vanishes: the limits are one number for this scale.
  if (!(span > 0)) throw new RangeError(`The limits ${min} and ${max} are too close for a ${kind} scale.`);
  return {
    kind,
    min,
    max,
    constant,
    unit: (value) => (forward(value) - low) / span,
    value: (unit) => backward(low + unit * span),
  };
}

function transforms(kind: NormKind, constant: number): [(x: number) => number, (y: number) => number] {
  if (kind === 'linear') return [(x) => x, (y) => y];
  if (kind === 'log') return [(x) => (x > 0 ? Math.log(x) : x <= 0 ? -Infinity : NaN), Math.exp];
  return [
    (x) => Math.sign(x) * Math.log1p(Math.abs(x) / constant),
    (y) => Math.sign(y) * Math.expm1(Math.abs(y)) * constant,
  ];
}

/**
 * Limits that hold every finite computed value of all grids together (for log: every positive one);
 * `symmetric` puts zero in the middle. Constant grids get a little room, and no data at all gives
 * 0 … 1, or 0.1 … 10 on a log scale.
 */
export function automaticLimits(
  grids: readonly GridValues[],
  kind: NormKind,
  { symmetric = false }: { readonly symmetric?: boolean } = {},
): Limits {
  let min = Infinity;
  let max = -Infinity;
  const lowest = kind === 'log' ? Number.MIN_VALUE : -Infinity;
  for (const { values, computed } of grids) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (computed && !computed[i]) continue;
      if (!(value >= lowest) || Math.abs(value) === Infinity) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  if (min > max) return kind === 'log' ? { min: 0.1, max: 10 } : { min: symmetric ? -1 : 0, max: 1 };
  if (symmetric && kind !== 'log') {
    const size = Math.max(Math.abs(min), Math.abs(max));
    return size > 0 ? { min: -size, max: size } : { min: -1, max: 1 };
  }
  return isSpread(min, max) ? { min, max } : roomAround(min, max, kind);
}

/** Below this relative spread, values differ by rounding alone and the scale would show noise. */
const leastSpread = 1e-13;

function isSpread(min: number, max: number): boolean {
  return max - min > leastSpread * Math.max(Math.abs(min), Math.abs(max));
}

function roomAround(min: number, max: number, kind: NormKind): Limits {
  const [least, most] = [Number.MIN_VALUE, Number.MAX_VALUE];
  if (kind === 'log') return { min: Math.max(least, min / 2), max: Math.min(most, max * 2) };
  const room = Math.max(Math.abs(min), Math.abs(max)) / 10 || 1;
  return { min: Math.max(-most, min - room), max: Math.min(most, max + room) };
}

/** Counts the computed values of all grids against the limits. */
export function countValues(grids: readonly GridValues[], { min, max }: Limits): ValueCounts {
  const counts = { computed: 0, nan: 0, infinite: 0, below: 0, above: 0 };
  for (const { values, computed } of grids) {
    for (let i = 0; i < values.length; i++) {
      if (computed && !computed[i]) continue;
      const value = values[i]!;
      counts.computed++;
      if (Number.isNaN(value)) counts.nan++;
      else if (Math.abs(value) === Infinity) counts.infinite++;
      else if (value < min) counts.below++;
      else if (value > max) counts.above++;
    }
  }
  return counts;
}
