import { describe, expect, it } from 'vitest';
import { normals } from '../../../src/math/normal.js';
import { allocateValues, forward, type Values } from '../../../src/model/forward.js';
import { elements } from '../../../src/model/graph.js';
import { allocateJets, differences, tangents } from '../../../src/model/tangent.js';
import { expectClose } from '../../helpers/compare.js';
import { loadOpCase, opCases, samples } from '../../helpers/op-cases.js';

/** A case of ops.npz with everything moving: inputs linear in (α, β), parameters likewise. */
function moving(name: string) {
  const { model, parameter, input: given } = loadOpCase(name);
  // Away from the kinks at 0.
  const input = given.map((x) => (Math.abs(x) < 0.01 ? 0.05 : x));
  let stream = 0;
  const draw = (values: Float64Array): Float64Array =>
    Float64Array.from(normals([7, 0], [++stream, 0, 0], values.length), (z) => 0.25 * z);
  const inputs = [draw(input), draw(input)] as const;
  const directions = new Map(
    [...model.parameters.keys()].map((key) => {
      const { data } = parameter(key);
      // A running variance has to stay positive.
      const damp = model.parameters.get(key)!.kind === 'statistic' ? 0.1 : 1;
      return [key, [draw(data).map((z) => z * damp), draw(data).map((z) => z * damp)]] as const;
    }),
  );
  const shifted = (x: Float64Array, [u, v]: readonly Float64Array[], a: number, b: number) =>
    x.map((value, i) => value + (a * u![i]! + b * v![i]!));
  const at = (a: number, b: number) => {
    const values = allocateValues(model, samples);
    values[0]!.set(shifted(input, inputs, a, b));
    const formed = new Map<string, Values>(
      [...directions].map(([key, both]) => {
        const { shape, data } = parameter(key);
        return [key, { shape, data: shifted(data, both, a, b) }];
      }),
    );
    return { logits: forward(model, (key) => formed.get(key)!, values, samples), values };
  };
  const { values } = at(0, 0);
  const jet = () => {
    const jets = allocateJets(model, samples, 2);
    jets[0]![0]!.set(inputs[0]);
    jets[0]![1]!.set(inputs[1]);
    const along = (key: string) => directions.get(key)! as [Float64Array, Float64Array];
    return tangents(model, parameter, along, values, jets, samples);
  };
  const delta = (a: number, b: number) => {
    const moved = allocateValues(model, samples);
    moved[0]!.set(shifted(new Float64Array(moved[0]!.length), inputs, a, b));
    const change = (key: string): Float64Array => {
      const both = directions.get(key)!;
      return shifted(new Float64Array(both[0].length), both, a, b);
    };
    return differences(model, parameter, change, values, moved, samples);
  };
  const width = samples * elements(model.shapes.at(-1)!);
  return { at: (a: number, b: number) => at(a, b).logits, jet, delta, width };
}

/** Fourth-order finite differences of f along a line. */
function first(f: (t: number) => Float64Array, h: number): Float64Array {
  const [near, back, far, farBack] = [f(h), f(-h), f(2 * h), f(-2 * h)];
  return near.map((_, i) => (8 * (near[i]! - back[i]!) - (far[i]! - farBack[i]!)) / (12 * h));
}

function second(f: (t: number) => Float64Array, h: number): Float64Array {
  const [middle, near, back, far, farBack] = [f(0), f(h), f(-h), f(2 * h), f(-2 * h)];
  return middle.map((m, i) => (16 * (near[i]! + back[i]!) - (far[i]! + farBack[i]!) - 30 * m) / (12 * h * h));
}

const names = [...opCases.keys()];

describe('tangents of every op against finite differences, 1e-7 relative + 1e-8, second 1e-5 + 1e-6', () => {
  it.each(names)('%s', (name) => {
    const { at, jet } = moving(name);
    const [a, b, aa, ab, bb] = jet() as [Float64Array, Float64Array, ...Float64Array[]];
    const h = 1e-3;
    const slope = { relative: 1e-7, absolute: 1e-8 };
    expectClose(
      a,
      first((t) => at(t, 0), h),
      slope,
      '∂α',
    );
    expectClose(
      b,
      first((t) => at(0, t), h),
      slope,
      '∂β',
    );
    const bend = { relative: 1e-5, absolute: 1e-6 };
    expectClose(
      aa!,
      second((t) => at(t, 0), h),
      bend,
      '∂α²',
    );
    expectClose(
      bb!,
      second((t) => at(0, t), h),
      bend,
      '∂β²',
    );
    // f(t, t) bends by fₐₐ + 2fₐᵦ + fᵦᵦ, f(t, −t) by fₐₐ − 2fₐᵦ + fᵦᵦ.
    const up = second((t) => at(t, t), h);
    const down = second((t) => at(t, -t), h);
    const mixed = up.map((value, i) => (value - down[i]!) / 4);
    expectClose(ab!, mixed, bend, '∂α∂β');
    // The twin: derivatives at a point a little off are others.
    const off = first((t) => at(t, 1e-3), h);
    const flat = a.every((value, i) => Math.abs(value - off[i]!) < 1e-6);
    if (flat) expect(Math.max(...bb!.map(Math.abs), ...ab!.map(Math.abs))).toBeLessThan(1e-2);
    else expect(() => expectClose(a, off, slope)).toThrow('differ');
  });
});

describe('differences of every op', () => {
  it.each(names)(
    '%s: those of its values, 1e-12, and with offsets of 1e-12 those of its tangent, 1e-9',
    (name) => {
      const { at, jet, delta } = moving(name);
      const centre = at(0, 0).slice();
      for (const [a, b] of [
        [0.7, -0.4],
        [-1.5, 2],
        [1e-2, 1e-2],
      ] as const) {
        const expected = at(a, b).map((value, i) => value - centre[i]!);
        const scale = Math.max(...centre.map(Math.abs), ...expected.map(Math.abs));
        const tolerance = { relative: 0, absolute: 1e-12 * Math.max(1, scale) };
        expectClose(delta(a, b), expected, tolerance, `Δ at ${a}, ${b}`);
        expect(() => expectClose(delta(a * 1.001, b), expected, tolerance)).toThrow('differ');
      }
      const [u, v] = jet() as [Float64Array, Float64Array, ...Float64Array[]];
      const tiny = 1e-12;
      const slopes = delta(0.3 * tiny, -0.8 * tiny).map((d) => d / tiny);
      const expected = u.map((value, i) => 0.3 * value - 0.8 * v[i]!);
      expectClose(slopes, expected, { relative: 1e-9, absolute: 1e-10 }, 'Δ at 1e-12');
    },
  );
});
