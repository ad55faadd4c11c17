/**
 * What a problem needs of memory and which calls compute it: made once, without a WebAssembly module. Samples
 * go in groups of eight, groups in blocks. First come the calls whose results are the same at all points;
 * their results, and a first layer's three products, are kept for all samples. The calls of a point then run
 * block by block in buffers small enough to stay in the cache.
 */
import type { Problem } from '../engine.js';
import type { Shape } from '../../model/graph.js';
import { Arena } from './arena.js';
import { allocate, type Buffers, type Use } from './buffers.js';
import { lower, type ProductStep, reads, rowsOf, type Step } from './lower.js';
import { groupsOf, rowBytes } from './pack.js';
import { Plane } from './plane.js';
import { convolutionTable } from './tables.js';

/** A step, whole or as one half of a first layer that is linear in (α, β). */
export interface Call {
  readonly step: Step;
  readonly part: 'whole' | 'products' | 'combination';
}

/** Where a value lies. */
export type Storage =
  /** For all samples; `offset` bytes from the start of the kept values. */
  | { readonly kind: 'kept'; readonly offset: number; readonly stride: number }
  /** For one block; `offset` bytes a group from the start of the buffers. */
  | { readonly kind: 'block'; readonly offset: number; readonly stride: number };

/** Calls of one phase and their scratch memory, −1 for none, in bytes a group. */
export interface Phase {
  readonly calls: readonly Call[];
  readonly scratch: readonly number[];
}

export interface Plan {
  readonly problem: Problem;
  readonly plane: Plane;
  readonly arena: Arena;
  readonly logits: number;
  readonly once: Phase;
  readonly point: Phase;
  readonly storage: ReadonlyMap<number, Storage>;
  /** For a linear first layer, by its output: x·W, x·D1 and x·D2 of all samples. */
  readonly products: ReadonlyMap<number, readonly [Storage, Storage, Storage]>;
  readonly groups: number;
  readonly blockGroups: number;
  readonly keptBytes: number;
  readonly blockBytes: number;
}

/** What a call reads of a plan. */
export type Site = Pick<Plan, 'problem' | 'plane' | 'arena' | 'storage' | 'blockGroups'>;

/** Inputs from which on three products per output, loaded for every point, cost less than the layer itself. */
const linearFrom = 6;
/** Bytes kept for all samples; beyond it they are computed anew for every point. */
const mostKept = 2 ** 29;
/** Bytes of a block's buffers, so that they stay in the second-level cache beside the weights. */
const blockCache = 2 ** 17;
/** Groups of a block where the network is tiny: enough that calling kernels costs nothing. */
const mostGroups = 64;

/** `moves` tells which parameters count as moved where it is not the problem's directions that say so. */
export function makePlan(problem: Problem, moves?: (parameter: string) => boolean, apart = false): Plan {
  const { model, data } = problem;
  const plane = new Plane(problem);
  const { steps, logits } = lower(model, moves ?? ((name) => plane.moves(name)), apart);
  const groups = groupsOf(data.samples);
  const size = (value: number): number => rowsOf(model, value) * rowBytes;

  const kept = keepWhatPays(steps, logits, size, groups);
  const once: Call[] = [];
  const point: Call[] = [];
  for (const step of steps) {
    if (step.once && kept.any) once.push({ step, part: 'whole' });
    else if (kept.linear.has(step.out)) {
      once.push({ step, part: 'products' });
      point.push({ step, part: 'combination' });
    } else point.push({ step, part: 'whole' });
  }

  let keptBytes = 0;
  const keep = (value: number): Storage => {
    const stride = size(value);
    const offset = keptBytes;
    keptBytes += stride * groups;
    return { kind: 'kept', offset, stride };
  };
  const storage = new Map<number, Storage>([[0, keep(0)]]);
  for (const value of kept.values) storage.set(value, keep(value));
  const products = new Map(
    [...kept.linear].map((value) => [value, [keep(value), keep(value), keep(value)]] as const),
  );

  const place = (uses: readonly Use[]): Buffers => {
    const buffers = allocate(uses, size);
    for (const [value, offset] of buffers.offsets) {
      storage.set(value, { kind: 'block', offset, stride: size(value) });
    }
    return buffers;
  };
  const usesOf = (calls: readonly Call[]): Use[] =>
    calls.map((call) => useOf(call, storage, model.shapes, plane));
  const onceBuffers = place(usesOf(once));
  const pointBuffers = place([...usesOf(point), lossOf(logits)]);
  const groupBytes = Math.max(onceBuffers.bytes, pointBuffers.bytes, rowBytes);
  const blockGroups = Math.max(1, Math.min(mostGroups, groups, Math.floor(blockCache / groupBytes)));
  return {
    problem,
    plane,
    arena: new Arena(),
    logits,
    once: { calls: once, scratch: onceBuffers.scratch },
    point: { calls: point, scratch: pointBuffers.scratch },
    storage,
    products,
    groups,
    blockGroups,
    keptBytes,
    blockBytes: groupBytes * blockGroups,
  };
}

/** Which values to keep for all samples, and which layers to keep as three products; nothing if it is too much. */
function keepWhatPays(
  steps: readonly Step[],
  logits: number,
  size: (value: number) => number,
  groups: number,
): { readonly any: boolean; readonly values: ReadonlySet<number>; readonly linear: ReadonlySet<number> } {
  const fixed = new Set([0, ...steps.filter((step) => step.once).map((step) => step.out)]);
  const linear = new Set<number>();
  const values = new Set<number>();
  if (fixed.has(logits)) values.add(logits);
  for (const step of steps) {
    if (step.once) continue;
    const isLinear = step.kind === 'product' && step.node.op === 'dense' && fixed.has(step.inputs[0]!);
    const pays = isLinear && size(step.inputs[0]!) >= linearFrom * rowBytes;
    if (pays) linear.add(step.out);
    const read = pays && step.epilogue.residual !== null ? [step.epilogue.residual] : pays ? [] : reads(step);
    for (const value of read) if (fixed.has(value)) values.add(value);
  }
  values.delete(0);
  const bytes =
    groups *
    ([...values].reduce((sum, value) => sum + size(value), 0) +
      [...linear].reduce((sum, value) => sum + 3 * size(value), 0));
  if (bytes > mostKept) return { any: false, values: new Set(), linear: new Set() };
  return { any: true, values, linear };
}

/** The loss reads the logits after all calls of a point. */
function lossOf(logits: number): Use {
  return { reads: [logits], writes: null, overwrites: [], scratch: 0 };
}

function useOf(
  { step, part }: Call,
  storage: ReadonlyMap<number, Storage>,
  shapes: readonly Shape[],
  plane: Plane,
): Use {
  if (part === 'products') return { reads: step.inputs, writes: null, overwrites: [], scratch: 0 };
  const residual = step.kind === 'product' ? step.epilogue.residual : null;
  const writes = storage.get(step.out)?.kind === 'kept' ? null : step.out;
  if (part === 'combination') {
    const read = residual === null ? [] : [residual];
    return { reads: read, writes, overwrites: read, scratch: 0 };
  }
  const all = reads(step);
  switch (step.kind) {
    case 'product': {
      // Rows of the input are read again and again, those of the residual once, just before they are written.
      const overwrites = residual === null || step.inputs.includes(residual) ? [] : [residual];
      return { reads: all, writes, overwrites, scratch: scratchOf(step, shapes, plane) };
    }
    case 'activation':
    case 'affine':
    case 'add':
      return { reads: all, writes, overwrites: all, scratch: 0 };
    default:
      return { reads: all, writes, overwrites: [], scratch: 0 };
  }
}

/** Bytes of scratch memory a group. */
export function scratchOf(
  { node, inputs, out }: ProductStep,
  shapes: readonly Shape[],
  plane: Plane,
): number {
  if (node.op !== 'conv2d') return 0;
  const weight = plane.parameter(node.weight).shape;
  return convolutionTable(node, shapes[inputs[0]!]!, shapes[out]!, weight).scratch;
}
