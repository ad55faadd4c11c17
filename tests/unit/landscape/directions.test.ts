import { describe, expect, test } from 'vitest';
import type { Direction } from '../../../src/engine/engine.js';
import {
  cosine,
  DirectionError,
  drawDirection,
  type DirectionOptions,
  orthogonalise,
} from '../../../src/landscape/directions.js';
import { randomPlane } from '../../../src/landscape/plane.js';
import { fnv1a32 } from '../../../src/math/hash.js';
import { normals } from '../../../src/math/normal.js';
import { elements, type Model, type Parameter, type Shape } from '../../../src/model/graph.js';
import { loadNetwork } from '../../helpers/fixtures.js';

/** A model as far as directions look at it: parameters, filled with numbers of every size. */
function parametersOnly(entries: readonly [string, Shape, Parameter['kind']?][]): Model {
  const parameters = new Map(
    entries.map(([name, shape, kind = 'weight']) => {
      const data = Float32Array.from(
        { length: elements(shape) },
        (_, i) => Math.sin(3 * i + name.length) * 2 ** (i % 5),
      );
      return [name, { name, shape, data, kind }];
    }),
  );
  return { name: 'test', nodes: [], shapes: [], parameters };
}

const base: DirectionOptions = { seed: 7, index: 0, normalise: 'filter', bias: 'ignore' };
const small = parametersOnly([
  ['conv.weight', [6, 3, 3, 3]],
  ['bn.weight', [6]],
  ['bn.running_mean', [6], 'statistic'],
  ['fc.weight', [4, 6]],
  ['fc.bias', [4]],
]);

const norm = (values: ArrayLike<number>) => Math.sqrt(Array.from(values).reduce((sum, x) => sum + x * x, 0));
const draw = (model: Model, options: Partial<DirectionOptions> = {}) =>
  drawDirection(model, { ...base, ...options });

/** Norms of d and of w over every index of dimension 0. */
function filterNorms(model: Model, direction: Direction): [number, number][] {
  return [...direction].flatMap(([name, d]) => {
    const { shape, data } = model.parameters.get(name)!;
    const size = data.length / shape[0]!;
    return Array.from({ length: shape[0]! }, (_, j): [number, number] => [
      norm(d.subarray(j * size, (j + 1) * size)),
      norm(data.subarray(j * size, (j + 1) * size)),
    ]);
  });
}

describe('drawDirection', () => {
  test('without normalisation gives the draws of key (seed, name) and stream (index, high seed)', () => {
    const seed = 5 * 2 ** 32 + 9;
    const direction = draw(small, { normalise: 'none', seed, index: 1 });
    expect(direction.get('fc.weight')).toEqual(normals([9, fnv1a32('fc.weight')], [1, 5, 0], 24));
  });

  test('does not depend on the order or the company of parameters', () => {
    const reversed = { ...small, parameters: new Map([...small.parameters].reverse()) };
    const alone = { ...small, parameters: new Map([...small.parameters].slice(0, 1)) };
    const direction = draw(small, { bias: 'scale' });
    expect(draw(reversed, { bias: 'scale' })).toEqual(direction);
    expect(draw(alone).get('conv.weight')).toEqual(direction.get('conv.weight'));
  });

  test('seed, its upper half, index and name each give other draws', () => {
    const first = draw(small).get('fc.weight')!;
    for (const options of [{ seed: 8 }, { seed: 7 + 2 ** 32 }, { index: 1 as const }]) {
      expect(
        Math.abs(cosine(new Map([['w', first]]), new Map([['w', draw(small, options).get('fc.weight')!]]))),
      ).toBeLessThan(0.9);
    }
    expect(() => draw(small, { seed: -1 })).toThrow(/no whole number from 0 to 2\^53 - 1/);
    expect(() => draw(small, { seed: 2 ** 53 })).toThrow(RangeError);
  });

  test('filter: every filter has the norm of its weights, relative 1e-7', () => {
    for (const [d, w] of filterNorms(small, draw(small))) expect(Math.abs(d - w)).toBeLessThan(1e-7 * w);
    // The twin: a filter of another size is found.
    const other = draw(small);
    other.get('fc.weight')![3]! *= 1.001;
    const worst = Math.max(...filterNorms(small, other).map(([d, w]) => Math.abs(d - w) / w));
    expect(worst).toBeGreaterThan(1e-7);
  });

  test('layer: every parameter has the norm of its weights; weight: every draw is multiplied by its weight', () => {
    const { data } = small.parameters.get('conv.weight')!;
    expect(norm(draw(small, { normalise: 'layer' }).get('conv.weight')!)).toBeCloseTo(norm(data), 4);
    const raw = draw(small, { normalise: 'none' }).get('conv.weight')!;
    expect(draw(small, { normalise: 'weight' }).get('conv.weight')).toEqual(raw.map((z, i) => z * data[i]!));
  });

  test('biases stay unless they are scaled, statistics stay unless they are asked for', () => {
    expect([...draw(small).keys()]).toEqual(['conv.weight', 'fc.weight']);
    const all = draw(small, { bias: 'scale', states: true, normalise: 'none' });
    expect([...all.keys()]).toEqual([...small.parameters.keys()]);
    for (const name of ['bn.weight', 'bn.running_mean', 'fc.bias']) {
      expect(norm(all.get(name)!)).toBeCloseTo(norm(small.parameters.get(name)!.data), 5);
    }
    expect([...draw(small, { states: true }).keys()]).toContain('bn.running_mean');
  });

  test('a filter of norm zero gets a direction of zero', () => {
    const model = parametersOnly([['w', [3, 4]]]);
    model.parameters.get('w')!.data.fill(0, 4, 8);
    const direction = draw(model).get('w')!;
    expect([...direction.subarray(4, 8)].map(Math.abs)).toEqual([0, 0, 0, 0]);
    expect(norm(direction.subarray(0, 4))).toBeGreaterThan(0);
  });

  test('a layer twice as large has a direction exactly twice as large', () => {
    const twice = parametersOnly([['fc.weight', [4, 6]]]);
    const { data } = twice.parameters.get('fc.weight')!;
    data.forEach((w, i) => (data[i] = w * 2));
    expect(draw(twice).get('fc.weight')).toEqual(
      draw(small)
        .get('fc.weight')!
        .map((d) => 2 * d),
    );
  });

  test('over seeds, a filter-normalised element has mean 0 and variance ‖w‖²/n, within five standard errors', () => {
    const model = parametersOnly([['w', [2, 8]]]);
    const { data } = model.parameters.get('w')!;
    const seeds = 4000;
    const values = Array.from({ length: seeds }, (_, seed) => draw(model, { seed }).get('w')![11]!);
    const variance = norm(data.subarray(8)) ** 2 / 8;
    const mean = values.reduce((a, b) => a + b, 0) / seeds;
    const second = values.reduce((a, b) => a + b * b, 0) / seeds;
    expect(Math.abs(mean)).toBeLessThan(5 * Math.sqrt(variance / seeds));
    // A coordinate of a uniform point on a sphere in n dimensions has E[x⁴] = 3 r⁴ / (n(n + 2)).
    const fourth = (3 * norm(data.subarray(8)) ** 4) / (8 * 10);
    expect(Math.abs(second - variance)).toBeLessThan(5 * Math.sqrt((fourth - variance ** 2) / seeds));
  });
});

describe('orthogonalise', () => {
  const network = loadNetwork('bnmlp10-residual');

  test.each(['filter', 'layer', 'weight', 'none'] as const)(
    '%s: |cosine| below 1e-6 afterwards',
    (normalise) => {
      for (const model of [network, small]) {
        for (const bias of ['ignore', 'scale'] as const) {
          const d1 = draw(model, { normalise, bias });
          const d2 = draw(model, { normalise, bias, index: 1 });
          const turned = orthogonalise(model, d1, d2, { normalise });
          expect(Math.abs(cosine(d1, turned))).toBeLessThan(1e-6);
          expect(Math.abs(cosine(d1, d2))).toBeGreaterThan(1e-6);
          expect(cosine(d2, turned)).toBeGreaterThan(0.5);
        }
      }
    },
  );

  test('filter norms are kept, relative 2e-7', () => {
    const d1 = draw(network);
    const turned = orthogonalise(network, d1, draw(network, { index: 1 }), base);
    for (const [d, w] of filterNorms(network, turned)) expect(Math.abs(d - w)).toBeLessThan(2e-7 * w);
  });

  test('filters of one element keep their sign and the others make up for them', () => {
    const model = parametersOnly([
      ['one', [5, 1]],
      ['many', [40, 6]],
    ]);
    const d1 = draw(model);
    const d2 = draw(model, { index: 1 });
    const turned = orthogonalise(model, d1, d2, base);
    expect(turned.get('one')).toEqual(d2.get('one'));
    expect(Math.abs(cosine(d1, turned))).toBeLessThan(1e-6);
    for (const [d, w] of filterNorms(model, turned)) expect(Math.abs(d - w)).toBeLessThan(2e-7 * w);
  });

  test('says so when there is no such direction', () => {
    const d1 = draw(small);
    for (const normalise of ['filter', 'layer', 'weight', 'none'] as const) {
      expect(() => orthogonalise(small, d1, d1, { normalise })).toThrow(DirectionError);
    }
    const ones = parametersOnly([['w', [5, 1]]]);
    expect(() => orthogonalise(ones, draw(ones), draw(ones, { index: 1 }), base)).toThrow(
      /draw with another seed/,
    );
  });

  test('a random plane states its cosine and can be made orthogonal', () => {
    const recipe = {
      seed: 3,
      normalise: 'filter',
      bias: 'ignore',
      states: false,
      orthogonal: false,
    } as const;
    const plane = randomPlane(network, recipe);
    expect(plane.cosine).toBe(cosine(plane.d1, plane.d2));
    const upright = randomPlane(network, { ...recipe, orthogonal: true });
    expect(upright.d1).toEqual(plane.d1);
    expect(Math.abs(upright.cosine)).toBeLessThan(1e-6);
  });
});

describe('cosine', () => {
  test('of known vectors, with missing parts as zero', () => {
    const d1 = new Map([['a', new Float32Array([3, 4])]]);
    const d2 = new Map([
      ['a', new Float32Array([3, 4])],
      ['b', new Float32Array([0, 5])],
    ]);
    expect(cosine(d1, d2)).toBeCloseTo(Math.SQRT1_2, 15);
    expect(cosine(d1, new Map())).toBeNaN();
  });
});
