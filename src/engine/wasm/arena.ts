/**
 * Where parameters lie, in the order in which kernels read them. What a direction moves stands in one stretch,
 * so that one call of `form` makes the parameters of a point; what stays is written once behind it.
 */

/** Values at θ* and along both directions, of equal length. */
export interface PlaneValues {
  readonly base: Float32Array;
  readonly d1: Float32Array;
  readonly d2: Float32Array;
}

/** A stretch of floats: the `offset`-th of those that move, or of those that stay. */
export interface Slot {
  readonly moves: boolean;
  readonly offset: number;
}

/** Floats of a cache line; stretches start at one. */
const line = 16;

const roundUp = (count: number): number => Math.ceil(count / line) * line;

export class Arena {
  private readonly moving: { offset: number; values: PlaneValues }[] = [];
  private readonly staying: { offset: number; values: ArrayLike<number> }[] = [];
  private movingFloats = 0;
  private stayingFloats = 0;

  /** A stretch that `form` writes for every point. */
  plane(values: PlaneValues): Slot {
    const offset = this.movingFloats;
    this.moving.push({ offset, values });
    this.movingFloats += roundUp(values.base.length);
    return { moves: true, offset };
  }

  /** A stretch that is the same at all points; the caller may overwrite it. */
  constant(values: ArrayLike<number>): Slot {
    const offset = this.stayingFloats;
    this.staying.push({ offset, values });
    this.stayingFloats += roundUp(values.length);
    return { moves: false, offset };
  }

  /** A table of unsigned integers; their bits go where floats go. */
  table(entries: Uint32Array): Slot {
    return this.constant(new Float32Array(entries.buffer, entries.byteOffset, entries.length));
  }

  /** Floats that `form` makes, a multiple of 16. */
  get formed(): number {
    return this.movingFloats;
  }

  /** Bytes of base, d1, d2, the formed ones and the staying ones. */
  get bytes(): number {
    return 4 * (4 * this.movingFloats + this.stayingFloats);
  }

  /** Lays everything out from address `start`, a multiple of 64, and writes what is known. */
  place(memory: ArrayBuffer, start: number): Placed {
    const [base, d1, d2, formed, staying] = [0, 1, 2, 3, 4].map((k) => start + 4 * k * this.movingFloats) as [
      number,
      number,
      number,
      number,
      number,
    ];
    for (const { offset, values } of this.moving) {
      new Float32Array(memory, base + 4 * offset, values.base.length).set(values.base);
      new Float32Array(memory, d1 + 4 * offset, values.d1.length).set(values.d1);
      new Float32Array(memory, d2 + 4 * offset, values.d2.length).set(values.d2);
    }
    for (const { offset, values } of this.staying) {
      // Between two Float32Array `set` copies bits, tables included.
      new Float32Array(memory, staying + 4 * offset, values.length).set(values);
    }
    return { base, d1, d2, formed, address: ({ moves, offset }) => (moves ? formed : staying) + 4 * offset };
  }
}

/** Addresses of a laid out arena. */
export interface Placed {
  readonly base: number;
  readonly d1: number;
  readonly d2: number;
  readonly formed: number;
  /** Where a stretch is read. */
  address(slot: Slot): number;
}
