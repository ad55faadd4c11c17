import { describe, expect, it } from 'vitest';
import type { Problem } from '../../src/engine/engine.js';
import { referenceEngine } from '../../src/engine/reference.js';
import { drawDirection, type Normalise } from '../../src/landscape/directions.js';
import { coordinates } from '../../src/landscape/grid.js';
import type { Model } from '../../src/model/graph.js';
import { loadDigits, loadNetwork } from '../helpers/fixtures.js';
import { gridPoints } from '../helpers/points.js';
import { rescaled } from '../helpers/rescale.js';

const samples = 20;
const axis = coordinates({ from: -1, to: 1, count: 5 });

/** The losses of a plane drawn from seed 7 for this very model. */
async function plane(model: Model, normalise: Normalise, bias: 'ignore' | 'scale'): Promise<Float64Array> {
  const draw = (index: 0 | 1) => drawDirection(model, { seed: 7, index, normalise, bias });
  const problem: Problem = { model, d1: draw(0), d2: draw(1), data: loadDigits(samples), loss: 'ce' };
  const evaluator = await referenceEngine.prepare(problem);
  return (await evaluator.evaluate(gridPoints({ a: axis, b: axis }), { first: 0, count: samples })).loss;
}

describe('a plane through a ReLU network', () => {
  it.each(['mlp-plain-relu', 'mlp-residual-relu'])(
    'of %s is bit-identical after one layer is doubled and the next halved, when filters are normalised',
    async (name) => {
      const model = loadNetwork(name);
      for (const bias of ['ignore', 'scale'] as const) {
        expect(await plane(rescaled(model), 'filter', bias)).toEqual(await plane(model, 'filter', bias));
      }
    },
  );

  it('is another one when nothing is normalised, except at its centre', async () => {
    const model = loadNetwork('mlp-plain-relu');
    const [before, after] = [
      await plane(model, 'none', 'ignore'),
      await plane(rescaled(model), 'none', 'ignore'),
    ];
    const centre = (before.length - 1) / 2;
    expect(after[centre]).toBe(before[centre]);
    expect(after.filter((loss, i) => loss === before[i])).toHaveLength(1);
  });
});
