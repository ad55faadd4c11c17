/** What a planned call means for differences from a centre (assembly/delta.ts): its kernel, and what they add. */
import { prepareCall } from './calls.js';
import type { Centre } from './centre.js';
import { maximumTable, movedNorm } from './centre-kept.js';
import { type DeltaPlay, maximum, multiply, normalisation, type Scaled } from './delta-rows.js';
import { reads, type Step } from './lower.js';
import { type Machine, type Of, type Play, storageOf } from './machine.js';
import type { Call, Plan } from './plan.js';

/** Address of the offsets' coefficients, below the module's constants, and floats of each. */
const coefficientsAt = 128;
const coefficientsLength = 8;

/**
 * A call of the plan with what the difference adds, for offsets each of which has buffers of its own; `kept` is where the
 * block's centre lies. Products and what follows them stop after the `used` groups of the block that the samples take up.
 */
export type Stage = (kept: number, batch: readonly Scaled[], used: number) => void;

/** For `delta_product_relu`, of as many offsets as go together. */
export function writeCoefficients({ buffer }: WebAssembly.Memory, batch: readonly Scaled[]): void {
  const to = new Float32Array(buffer, coefficientsAt, coefficientsLength * batch.length);
  for (const [lane, { a, b, rho }] of batch.entries()) {
    to.set([a * a, a * b, b * b, a / rho, b / rho, 1 / rho / rho], coefficientsLength * lane);
  }
}

/** Whether a product's output has a remainder: not where neither its input nor a residual has one. */
function hasRemainder({ inputs, epilogue }: Of<'product'>): boolean {
  return inputs[0] !== 0 || epilogue.residual !== null;
}

/** Products that leave to a relu, their only reader, what the difference adds, and those relus, by their outputs. */
export function absorbedBy({ point, logits }: Plan, centre: Centre): ReadonlySet<number> {
  const all = point.calls.map(({ step }) => step);
  const pairs = all.flatMap((step) => {
    if (step.kind !== 'activation' || step.node.fn !== 'relu') return [];
    const input = step.inputs[0]!;
    const product = all.find(({ kind, out }) => kind === 'product' && out === input);
    const readers = all.filter((other) => reads(other).includes(input));
    if (product?.kind !== 'product' || readers.length > 1 || input === logits) return [];
    const addsNothing = centre.kept.get(input)!.rows === 0 && hasRemainder(product);
    return addsNothing ? [] : [input, step.out];
  });
  return new Set(pairs);
}

/** A call with what the difference needs beside its kernel. `scratch` as in `prepareCall`. */
export function prepareStage(
  call: Call,
  scratch: number,
  plan: Plan,
  centre: Centre,
  absorbed: boolean,
): (machine: Machine, memory: WebAssembly.Memory) => DeltaPlay {
  const { step } = call;
  const { model } = plan.problem;
  if (step.kind === 'reduce') {
    const maxima = maximumTable(step, model);
    if (maxima !== null) return maximum(step, maxima, plan, centre);
  }
  if (step.kind === 'multiply') return multiply(step, plan, centre);
  if (movedNorm(step, centre.plane) !== null) return normalisation(step, plan, centre);
  const bind = prepareCall(call, scratch, plan);
  return (machine) => stage(step, bind(machine), machine, plan, centre, absorbed);
}

function stage(
  step: Step,
  own: Play,
  machine: Machine,
  plan: Plan,
  centre: Centre,
  absorbed: boolean,
): DeltaPlay {
  const { kernels } = machine;
  const { groups } = plan;
  const block = { first: 0, groups };
  const nowhere = { a: 0, aLow: 0, b: 0, bLow: 0 };
  const y = machine.value(storageOf(plan, step.out));
  const bytes = y.stride * groups;
  const { offset, rows } = centre.kept.get(step.out)!;
  const from = offset * groups;
  if (step.kind === 'product') {
    if (!hasRemainder(step)) {
      return () => {
        if (!absorbed) kernels.fill(y.start, bytes, 0);
      };
    }
    // A relu that follows takes the second-order part along.
    if (absorbed) return (_kept, _at, used) => own({ first: 0, groups: used }, nowhere);
    if (rows === 0) return () => own(block, nowhere);
    return (kept, { a, b }, used) => {
      own({ first: 0, groups: used }, nowhere);
      kernels.delta_product(y.start, kept + from, bytes, a * a, a * b, b * b);
    };
  }
  if (step.kind !== 'activation') return () => own(block, nowhere);
  const x = machine.value(storageOf(plan, step.inputs[0]!));
  const { fn, slope } = step.node;
  if (fn === 'identity') throw new TypeError('identity renames its input and has no step');
  const kernel = kernels[`delta_${fn}`];
  return (kept, { a, b, rho }) => kernel(x.start, kept + from, y.start, bytes, a, b, rho, slope);
}

/** A relu with what the product before it left to it, for all offsets in one call. */
export function reluStage(
  { inputs, out }: Of<'activation'>,
  { kernels, value }: Machine,
  plan: Plan,
  { kept: places }: Centre,
  laneBytes: number,
): Stage {
  const { groups } = plan;
  const input = inputs[0]!;
  const product = places.get(input)!;
  const own = places.get(out)!.offset * groups;
  const y = value(storageOf(plan, out));
  // Whose product has no second-order part, it has no remainder either.
  const x = product.rows === 0 ? 0 : value(storageOf(plan, input)).start;
  const second = product.offset * groups;
  return (kept, { length }, used) =>
    kernels.delta_product_relu(
      x,
      kept + second,
      kept + own,
      y.start,
      y.stride * used,
      length,
      laneBytes,
      coefficientsAt,
    );
}
