/**
 * Differences from a centre as a pass: with ρ the largest offset a value's difference is ρ·s + ρ²·R. s comes from derivatives at
 * the centre (centre.ts); the stages carry the remainder R alone, which stays near 1 however small ρ is, through the
 * kernels that compute losses, as a product of weights with R is linear.
 */
import type { Problem } from '../../engine.js';
import { EngineUnsupportedError } from '../../engine.js';
import type { Arena, Extent } from '../arena.js';
import { affineRecipe } from '../dispatch.js';
import { gatherRecipe, meanRecipe, poolRecipe } from '../elementwise.js';
import { bare, formRecipe, linearRecipe } from '../linear.js';
import { LANE, weightCount } from '../pack.js';
import { familyOf, type Lane, type Pass } from '../pass.js';
import type { Slice } from '../plan.js';
import type { Program, Step } from '../program.js';
import type { Place, Recipe, Uploader } from '../recipe.js';
import { OCTET } from '../stages.js';
import { type Keeps, keepsOf } from './keeps.js';
import { deltaProgram } from './program.js';
import { deltaLossRecipe, deltaMultiplyRecipe, deltaPointwiseRecipe, deltaPoolRecipe } from './recipes.js';

/** Bytes that the centre of a block of samples may take. */
const CENTRE_BYTES = 64 * 2 ** 20;

/** Offsets of a call over ρ. */
export interface ScaledOffsets {
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly rho: number;
}

/** What recipes read of the centre's place. */
export interface CentrePlace {
  readonly keeps: Keeps;
  readonly buffer: GPUBuffer;
  readonly offsets: GPUBuffer;
  /** Columns of a block. */
  readonly columns: number;
  /** Column of a slice within its block. */
  columnOf(extent: Extent): number;
}

export class DeltaPass implements Pass {
  readonly lanes: readonly Lane[] = [[1, 0, 0]];
  /** Beside losses and derivatives, half the memory has to do. */
  readonly halvings = 1;
  /** Bytes of a sum and a flag. */
  readonly partial = 16;
  readonly winograd = false;
  readonly family = familyOf;
  /** Of the call under way. */
  offsets: ScaledOffsets | null = null;
  private keeps: Keeps | null = null;
  private place: CentrePlace | null = null;

  constructor(
    private readonly problem: Problem,
    private readonly maxBinding: number,
  ) {}

  /** What is kept of a centre, and where; known when a network is made of this pass. */
  get centre(): CentrePlace {
    return this.place!;
  }

  /** Whether the centre of some samples has room; known when a program is made. */
  get fits(): boolean {
    return this.columns >= OCTET / LANE;
  }

  /** Columns of the centre that there is room for. */
  private get columns(): number {
    const pair = OCTET / LANE;
    const most = Math.min(CENTRE_BYTES, this.maxBinding) / (16 * this.keeps!.rows);
    return pair * Math.floor(most / pair);
  }

  program(layers: Program): Program {
    this.keeps = keepsOf(this.problem, layers);
    return deltaProgram(layers);
  }

  recipes(place: Place, problem: Problem, weights: Uploader): readonly Recipe[] {
    const centre = this.allocate(place.arena);
    const steps = place.program.steps.flatMap((step) => stepRecipes(place, centre, step, weights));
    return [affineRecipe(place), ...steps, deltaLossRecipe(place, centre, problem)];
  }

  prepare(queue: GPUQueue, { firstPoint, points }: Slice): void {
    const { a, b, rho } = this.offsets!;
    const data = new Float32Array(4 * points);
    for (let p = 0; p < points; p++) data.set([a[firstPoint + p]!, b[firstPoint + p]!, rho], 4 * p);
    queue.writeBuffer(this.centre.offsets, 0, data);
  }

  private allocate(arena: Arena): CentrePlace {
    const keeps = this.keeps!;
    const columns = Math.min(arena.columns, this.columns);
    if (!this.fits) {
      throw new EngineUnsupportedError(
        `${this.problem.model.name}: a centre of ${keeps.rows} numbers a sample is too large; use the WASM engine`,
      );
    }
    const columnOf = ({ firstColumn }: Extent): number => firstColumn % columns;
    const buffer = arena.upload('centre', new Float32Array(4 * columns * keeps.rows));
    const offsets = arena.upload('offsets', new Float32Array(arena.points.size / 4));
    return (this.place = { keeps, buffer, offsets, columns, columnOf });
  }
}

function stepRecipes(place: Place, centre: CentrePlace, step: Step, weights: Uploader): Recipe[] {
  switch (step.kind) {
    case 'linear':
      if (place.kernels !== 'direct') return [bare(linearRecipe(place, step, weights(step), true))];
      return [
        formRecipe(place, weights(step), weightCount(step)),
        bare(linearRecipe(place, step, place.arena.formed, true)),
      ];
    case 'pointwise':
      return [deltaPointwiseRecipe(place, centre, step)];
    case 'pool':
      return [step.node.mode === 'max' ? deltaPoolRecipe(place, centre, step) : poolRecipe(place, step)];
    case 'mean':
      return [meanRecipe(place, step)];
    case 'gather':
      // What stands beyond the source does not move.
      return [{ ...gatherRecipe(place, step), constants: { FILLED: 0 } }];
    case 'multiply':
      return [deltaMultiplyRecipe(place, centre, step)];
    case 'chain':
      throw new TypeError(`${step.name} has no difference in float32`);
  }
}
