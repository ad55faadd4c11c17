/** A program in the making, of a pass that adds values and steps of its own to those of the layers. */
import type { Program, Step } from './program.js';
import { assignSlots } from './slots.js';

export class Draft {
  readonly steps: Step[] = [];
  private readonly rows: number[];
  private readonly sizes: number[];
  private readonly fixed: ReadonlySet<number>;
  private readonly made = new Map<number, number>();

  /** @param what what a pass makes of a value, for the names of steps */
  constructor(
    private readonly layers: Program,
    private readonly what: string,
  ) {
    this.rows = [...layers.rows];
    this.sizes = [...layers.sizes];
    this.fixed = new Set([0, ...layers.shared.map(({ output }) => output)]);
  }

  /** Whether no direction moves the value. */
  isFixed(value: number): boolean {
    return this.fixed.has(value);
  }

  /** A new value as large as another. */
  add(like: number): number {
    this.sizes.push(this.sizes[like]!);
    return this.rows.push(this.rows[like]!) - 1;
  }

  /** The value as the pass has it; one that no direction moves is made so first, for stages that take nothing else. */
  of(value: number): number {
    if (!this.isFixed(value)) return value;
    let output = this.made.get(value);
    if (output === undefined) {
      output = this.add(value);
      this.made.set(value, output);
      const still = { residual: null, activation: 'identity', slope: 0, plane: 1, channel: null } as const;
      const name = `${this.what} of value ${value}`;
      this.steps.push({ kind: 'pointwise', name, source: value, output, scale: null, ...still });
    }
    return output;
  }

  /** `everywhere` are the steps that write slots, all of them unless given. */
  program(everywhere: readonly Step[] = this.steps): Program {
    const { layers, steps, rows, sizes } = this;
    return { ...layers, steps, rows, sizes, ...assignSlots(everywhere, rows, layers.logits) };
  }
}
