import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, type Use } from '../../../src/engine/wasm/buffers.js';
import { pack, toLanes } from '../../../src/engine/wasm/pack.js';
import { makePlan } from '../../../src/engine/wasm/plan.js';
import { referenceProblem } from '../../helpers/fixtures.js';

describe('memory of a block', () => {
  /** Programs in which step i writes value i and reads some of the values before it. */
  const program = fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      reads: fc.array(fc.nat(), { maxLength: 3 }),
      scratch: fc.nat(5),
      overwrites: fc.boolean(),
    }),
    { minLength: 1, maxLength: 30 },
  );

  it('never gives a value the place of one that is still to be read', () => {
    fc.assert(
      fc.property(program, (steps) => {
        const uses: Use[] = steps.map(({ reads, scratch, overwrites }, i) => {
          const values = i === 0 ? [] : reads.map((value) => value % i);
          return { reads: values, writes: i, overwrites: overwrites ? values : [], scratch };
        });
        const size = (value: number): number => steps[value]!.size;
        const { offsets, scratch, bytes } = allocate(uses, size);
        const span = (value: number) => [offsets.get(value)!, offsets.get(value)! + size(value)] as const;
        const lastRead = (value: number): number => uses.findLastIndex(({ reads }) => reads.includes(value));
        const apart = ([a, b]: readonly [number, number], [c, d]: readonly [number, number]): boolean =>
          b <= c || d <= a;
        for (const [i, use] of uses.entries()) {
          const written = span(i);
          expect(written[1]).toBeLessThanOrEqual(bytes);
          for (let value = 0; value < i; value++) {
            const last = lastRead(value);
            // Read later, or read now by a step that may not overwrite it.
            const needed = last > i || (last === i && !use.overwrites.includes(value));
            if (needed) expect(apart(span(value), written)).toBe(true);
            if (last >= i && use.scratch > 0) {
              expect(apart(span(value), [scratch[i]!, scratch[i]! + use.scratch])).toBe(true);
            }
          }
          if (use.scratch > 0) expect(apart(written, [scratch[i]!, scratch[i]! + use.scratch])).toBe(true);
        }
      }),
    );
  });

  it('of a network of 20 residual blocks is four values', () => {
    const plan = makePlan(referenceProblem('bnmlp20-residual', 8));
    // Stem's output, a block's middle, its output in the place of its input, and the logits beside them at most.
    expect(plan.blockBytes / plan.blockGroups).toBeLessThanOrEqual(4 * 32 * 32);
  });
});

describe('the plan', () => {
  it('takes batch normalisation, residual sum and relu into the layer before: 42 calls for 143 nodes', () => {
    const plan = makePlan(referenceProblem('bnmlp20-residual', 8));
    expect(plan.problem.model.nodes).toHaveLength(143);
    expect(plan.point.calls).toHaveLength(42);
    expect(plan.once.calls.map(({ part }) => part)).toEqual(['products']);
    expect(plan.point.calls[0]!.part).toBe('combination');
  });

  it('computes once what no direction moves', () => {
    const problem = referenceProblem('mlp-tanh', 8);
    const head = new Map([...problem.d1].filter(([name]) => name.startsWith('head')));
    const plan = makePlan({ ...problem, d1: head, d2: new Map() });
    expect(plan.point.calls).toHaveLength(1);
    const nothing = makePlan({ ...problem, d1: new Map(), d2: new Map() });
    expect(nothing.point.calls).toHaveLength(0);
  });

  it('refuses a direction that is not as long as its parameter', () => {
    const problem = referenceProblem('mlp-tanh', 8);
    const [name] = problem.d1.keys();
    const short = new Map([[name!, new Float32Array(3)]]);
    expect(() => makePlan({ ...problem, d1: short })).toThrow(`direction of ${name} has 3 values`);
  });
});

describe('layouts', () => {
  it('weights go four outputs by four, zeros where outputs are missing', () => {
    const weights = Float32Array.from({ length: 10 }, (_, i) => 10 * Math.floor(i / 2) + (i % 2));
    expect([...pack(weights, 5, 2)]).toEqual([0, 10, 20, 30, 1, 11, 21, 31, 40, 0, 0, 0, 41, 0, 0, 0]);
  });

  it('samples go eight by eight, unit by unit', () => {
    const rows = Float32Array.from({ length: 18 }, (_, i) => i);
    const lanes = new Float32Array(32).fill(-1);
    toLanes(rows, 9, 2, lanes);
    expect([...lanes.subarray(0, 16)]).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15]);
    expect([lanes[16], lanes[17], lanes[24]]).toEqual([16, -1, 17]);
  });
});
