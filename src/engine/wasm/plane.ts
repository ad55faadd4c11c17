/**
 * The parameters of a problem as the plane moves them, and the vectors that the kernels' epilogues take:
 * y = (sum + centre)·scale + shift with centre = bias − mean and scale = γ/√(variance + ε), all linear in (α, β)
 * unless a direction moves the variance.
 */
import type { Direction, Problem } from '../engine.js';
import type { BatchNormNode, Parameter } from '../../model/graph.js';
import type { Arena, PlaneValues, Slot } from './arena.js';
import { paddedLength } from './pack.js';

/** A number for every channel, at θ* or along a direction. */
type Channels = (channel: number) => number;

/** Vectors of an epilogue; null where there is none. */
export interface Vectors {
  readonly centre: Slot | null;
  readonly scale: Slot | null;
  readonly shift: Slot | null;
}

/** A scale that is not linear in (α, β), to be written for every point. */
export interface MovingScale {
  readonly slot: Slot;
  readonly channels: number;
  readonly epsilon: number;
  readonly gamma: PlaneValues | null;
  readonly variance: PlaneValues;
}

export class Plane {
  private readonly moving = new Set<string>();
  /** Scales that the caller has to write for every point. */
  readonly movingScales: MovingScale[] = [];

  /** Throws `RangeError` when a direction does not have its parameter's length. */
  constructor(private readonly problem: Problem) {
    for (const direction of [problem.d1, problem.d2]) {
      for (const [name, values] of direction) {
        const parameter = problem.model.parameters.get(name);
        if (parameter === undefined) continue;
        if (values.length !== parameter.data.length) {
          throw new RangeError(
            `direction of ${name} has ${values.length} values, the parameter has ${parameter.data.length}`,
          );
        }
        if (values.some((value) => value !== 0)) this.moving.add(name);
      }
    }
  }

  moves(name: string): boolean {
    return this.moving.has(name);
  }

  parameter(name: string): Parameter {
    return this.problem.model.parameters.get(name)!;
  }

  /** A parameter and its directions; zeros where a direction leaves it out. */
  values(name: string): PlaneValues {
    const base = this.parameter(name).data;
    const along = (direction: Direction): Float32Array =>
      direction.get(name) ?? new Float32Array(base.length);
    return { base, d1: along(this.problem.d1), d2: along(this.problem.d2) };
  }

  /** A parameter rearranged by `arrange`, as it moves. */
  place(arena: Arena, name: string, arrange: (data: Float32Array) => Float32Array): Slot {
    const { base, d1, d2 } = this.values(name);
    if (!this.moves(name)) return arena.constant(arrange(base));
    return arena.plane({ base: arrange(base), d1: arrange(d1), d2: arrange(d2) });
  }

  /** The epilogue of a product with this bias and normalisation, or with a bias of null a normalisation alone. */
  vectors(arena: Arena, channels: number, bias: string | null, norm: BatchNormNode | null): Vectors {
    if (norm === null) {
      if (bias === null) return { centre: null, scale: null, shift: null };
      const centre = this.vector(arena, channels, [bias], (along) => along(bias));
      return { centre, scale: null, shift: null };
    }
    const { mean, shift } = norm;
    const centre = this.vector(arena, channels, bias === null ? [mean] : [mean, bias], (along) => {
      const means = along(mean);
      const biases = bias === null ? null : along(bias);
      return (c) => (biases === null ? 0 : biases(c)) - means(c);
    });
    return {
      centre,
      scale: this.scale(arena, channels, norm),
      shift:
        shift === null
          ? arena.constant(new Float32Array(paddedLength(channels)))
          : this.vector(arena, channels, [shift], (along) => along(shift)),
    };
  }

  private scale(arena: Arena, channels: number, { scale, variance, epsilon }: BatchNormNode): Slot {
    if (this.moves(variance)) {
      const slot = arena.constant(new Float32Array(paddedLength(channels)));
      const gamma = scale === null ? null : this.values(scale);
      this.movingScales.push({ slot, channels, epsilon, gamma, variance: this.values(variance) });
      return slot;
    }
    const inverse = Float64Array.from(this.parameter(variance).data, (v) => 1 / Math.sqrt(v + epsilon));
    if (scale === null) {
      return arena.constant(Float32Array.from({ length: paddedLength(channels) }, (_, c) => inverse[c] ?? 0));
    }
    return this.vector(arena, channels, [scale], (along) => {
      const gamma = along(scale);
      return (c) => gamma(c) * inverse[c]!;
    });
  }

  /**
   * A vector that depends linearly on the parameters `names`: `make` gives its elements from those at θ*, or
   * its change along a direction from theirs.
   */
  private vector(
    arena: Arena,
    channels: number,
    names: readonly string[],
    make: (along: (name: string) => Channels) => Channels,
  ): Slot {
    const at = (part: keyof PlaneValues): Float32Array => {
      const values = make((name) => {
        const data = this.values(name)[part];
        return (c) => data[c]!;
      });
      return Float32Array.from({ length: paddedLength(channels) }, (_, c) => (c < channels ? values(c) : 0));
    };
    if (!names.some((name) => this.moves(name))) return arena.constant(at('base'));
    return arena.plane({ base: at('base'), d1: at('d1'), d2: at('d2') });
  }
}

/** γ/√(variance + ε) at a point, in float64; NaN where the variance has become too negative, as in PyTorch. */
export function scaleAt({ epsilon, gamma, variance }: MovingScale, c: number, a: number, b: number): number {
  const at = ({ base, d1, d2 }: PlaneValues): number => base[c]! + (a * d1[c]! + b * d2[c]!);
  return (gamma === null ? 1 : at(gamma)) / Math.sqrt(at(variance) + epsilon);
}
