/**
 * Products of a layer's weights with a jet. Moving weights W + α·D1 + β·D2 take nine products with its six parts instead of
 * twelve, as Karatsuba multiplies polynomials: (W+D1)(v+a) − Wv − D1·a is W·a + D1·v.
 */
import { elements } from '../../model/graph.js';
import { convolution } from './convolution.js';
import {
  finisher,
  type JetBind,
  type JetSite,
  modes,
  partBytes,
  slotsAt,
  type Weights,
} from './jet-machine.js';
import type { Step } from './lower.js';
import type { Machine, Of, Play } from './machine.js';
import { rowBytes } from './pack.js';
import { scratchOf, type Site, type Storage } from './plan.js';
import { dense } from './products.js';

/** Bytes of scratch memory of a step, a group: inputs' sums, products, and what a convolution needs. */
export function jetScratch(
  step: Step,
  { problem, plane, parts }: Omit<JetSite, 'groups' | 'arena' | 'straight'>,
): number {
  if (step.kind !== 'product') return 0;
  const { shapes } = problem.model;
  const input = elements(shapes[step.inputs[0]!]!) * rowBytes;
  const output = elements(shapes[step.out]!) * rowBytes;
  const { sums, products, atOnce } = sizesOf(step.inputs[0] === 0, plane.moves(step.node.weight), parts);
  return sums * input + products * output + atOnce * scratchOf(step, shapes, plane);
}

/** How many sums and products a layer needs at a time, and how many products go in one call at most. */
function sizesOf(isFirst: boolean, moves: boolean, parts: 3 | 6) {
  if (isFirst) return { sums: 0, products: 3, atOnce: 1 };
  if (!moves) return { sums: 0, products: parts, atOnce: parts };
  return parts === 3 ? { sums: 0, products: 5, atOnce: 3 } : { sums: 3, products: 9, atOnce: 4 };
}

/** A dense layer or convolution with its epilogue; as `prepareJet`. */
export function jetProduct(step: Of<'product'>, scratch: number, site: JetSite): JetBind {
  const { node, epilogue, inputs, out } = step;
  const { plane, arena, parts, groups } = site;
  const input = inputs[0]!;
  const isFirst = input === 0;
  const moves = plane.moves(node.weight);
  const { sums, products, atOnce } = sizesOf(isFirst, moves, parts);
  const shape = site.problem.model.shapes[out]!;
  const channels = shape[0]!;
  const [source, target] = [input, out].map((value): Storage => {
    return { kind: 'block', offset: 0, stride: partBytes(site, value) / groups };
  }) as [Storage, Storage];
  const bare: Of<'product'> = {
    ...step,
    node: { ...node, bias: null },
    epilogue: { norm: null, residual: null, activation: null, slope: 0 },
  };
  const [xPart, yPart] = [partBytes(site, input), partBytes(site, out)];
  const own: Site = {
    ...site,
    storage: new Map([
      [input, source],
      [out, target],
    ]),
    blockGroups: atOnce * groups,
  };
  // The kernel's own scratch memory comes behind sums and products.
  const ownScratch = sums * xPart + products * yPart;
  const bind = node.op === 'dense' ? dense(bare, own) : convolution(bare, 0, own);
  const vectors = plane.vectors(arena, channels, node.bias, epilogue.norm);
  return (machine) => {
    const { kernels } = machine;
    const start = machine.scratch(scratch);
    const m = start + sums * xPart;
    const run = (weights: Weights, from: number, to: number): Play =>
      bind({
        kernels,
        slot: slotsAt(machine, weights),
        scratch: () => start + ownScratch,
        ...placedAt(source, from, to),
      });
    const many = (count: number) => ({ first: 0, groups: count * groups });
    const nowhere = { a: 0, aLow: 0, b: 0, bLow: 0 };
    const x = isFirst ? machine.inputs : machine.value(input);
    const finish = finisher(step, vectors, machine, site);
    if (isFirst && machine.kept !== null) {
      const [w, d1, d2] = machine.kept;
      const stride = yPart / groups;
      const whole = { first: 0, groups: machine.all };
      run('base', x, w)(whole, nowhere);
      run('d1', x, d1)(whole, nowhere);
      run('d2', x, d2)(whole, nowhere);
      return ({ first, a, aLow, b, bLow }) => {
        const from = first * stride;
        kernels.combine(
          w + from,
          d1 + from,
          d2 + from,
          0,
          0,
          0,
          0,
          m,
          channels,
          groups,
          stride,
          0,
          stride,
          a,
          aLow,
          b,
          bLow,
          0,
          0,
        );
        finish(modes.first, m, d1 + from, d2 + from);
      };
    }
    if (isFirst) {
      const value = run('w', x, m);
      const along = moves ? [run('d1', x, m + yPart), run('d2', x, m + 2 * yPart)] : [];
      return ({ first }) => {
        const block = { first, groups };
        value(block, nowhere);
        for (const one of along) one(block, nowhere);
        if (!moves) kernels.fill(m + yPart, 2 * yPart, 0);
        finish(modes.first, m, m + yPart, m + 2 * yPart);
      };
    }
    if (!moves) {
      const all = run('w', x, m);
      return () => {
        all(many(parts), nowhere);
        finish(modes.parts, m);
      };
    }
    if (parts === 3) {
      const three = run('w', x, m);
      const along = [run('d1', x, m + 3 * yPart), run('d2', x, m + 4 * yPart)];
      return () => {
        three(many(3), nowhere);
        for (const one of along) one(many(1), nowhere);
        finish(modes.five, m);
      };
    }
    const four = run('w', x, m);
    const singles = [
      run('d1', x + 4 * xPart, m + 4 * yPart),
      run('d2', x + 5 * xPart, m + 5 * yPart),
      run('wPlusD1', start, m + 6 * yPart),
      run('wPlusD2', start + xPart, m + 7 * yPart),
      run('d1PlusD2', start + 2 * xPart, m + 8 * yPart),
    ];
    // What has no second derivatives has no products with them.
    const isStraight = site.straight.has(input);
    return () => {
      kernels.jet_sums(x, start, xPart);
      four(many(isStraight ? 1 : 4), nowhere);
      for (const one of singles) one(many(1), nowhere);
      finish(isStraight ? modes.six : modes.nine, m);
    };
  };
}

/** A product's input at `from`, on from the block's first group, its output at `to`; told apart by the input's storage. */
function placedAt(source: Storage, from: number, to: number): Pick<Machine, 'value'> {
  return {
    value: (storage) => {
      const { stride } = storage;
      if (storage === source) return { start: from, step: stride, stride };
      return { start: to, step: 0, stride };
    },
  };
}
