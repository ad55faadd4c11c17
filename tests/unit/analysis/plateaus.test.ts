import { describe, expect, it } from 'vitest';
import { areaOf, descentOf, metricOf, steepnessOf } from '../../../src/analysis/metric.js';
import { findPlateaus, flatLimit, stepsAcross } from '../../../src/analysis/plateaus.js';
import { type Slopes, slopeAt, slopesOf } from '../../../src/analysis/slopes.js';
import { constantLoss } from '../../../src/model/constant.js';

const direction = (...values: number[]) => new Map([['w', Float32Array.from(values)]]);
const axis = { from: -1, to: 1, count: 21 };

/** Slopes and losses of a function on the grid, index row · 21 + column. */
function landscape(of: (a: number, b: number) => { loss: number; a: number; b: number }) {
  const points = Array.from({ length: 21 * 21 }, (_, i) =>
    of(((i % 21) - 10) / 10, (Math.floor(i / 21) - 10) / 10),
  );
  const slopes: Slopes = {
    columns: axis,
    rows: axis,
    a: Float64Array.from(points, ({ a }) => a),
    b: Float64Array.from(points, ({ b }) => b),
  };
  return { slopes, losses: Float64Array.from(points, ({ loss }) => loss) };
}

describe('the metric of a plane', () => {
  const metric = metricOf(direction(3, 0, 0), direction(1, 2, 0))!;

  it('holds the inner products, and gives areas in the weights', () => {
    expect(metric).toEqual({ aa: 9, ab: 3, bb: 5 });
    expect(areaOf(metric)).toBeCloseTo(6, 14);
  });

  it('leads downhill as gradient descent on the weights does, seen in the plane', () => {
    // L = c·w: the gradient is c, its projection on the plane of the first two axes (c1, c2).
    const c = [0.7, -0.4, 5];
    const slope = { a: 3 * c[0]!, b: c[0]! + 2 * c[1]! };
    const { a, b } = descentOf(metric, slope);
    expect([3 * a + b, 2 * b]).toEqual([expect.closeTo(-c[0]!, 13), expect.closeTo(-c[1]!, 13)]);
    expect(steepnessOf(metric, slope)).toBeCloseTo(Math.hypot(c[0]!, c[1]!), 13);
  });

  it('is none where the directions span no plane', () => {
    expect(metricOf(direction(1, 2), direction(-2, -4))).toBe(null);
    expect(metricOf(direction(1, 2), new Map())).toBe(null);
  });
});

describe('slopes', () => {
  it('are means, linear between nodes, and not known beside a node without', () => {
    const grid = { columns: { from: 0, to: 1, count: 2 }, rows: { from: 0, to: 1, count: 2 } };
    const sums = {
      grid,
      samples: Uint32Array.of(2, 4, 1, 1),
      a: Float64Array.of(2, 8, 3, 4),
      b: new Float64Array(4),
    };
    expect([...slopesOf(sums).a]).toEqual([1, 2, 3, 4]);
    expect(slopeAt(slopesOf(sums), 0.25, 0.5).a).toBeCloseTo(2.25, 14);
    expect(slopeAt(slopesOf({ ...sums, samples: Uint32Array.of(2, 4, 1, 0) }), 0.25, 0.5).a).toBe(NaN);
    expect(slopeAt(slopesOf(sums), 1.01, 0.5).a).toBe(NaN);
  });
});

describe('plateaus', () => {
  // Two terraces on a ramp of slope 1 along α, the right one smaller, beside a flat basin at the lower left.
  const { slopes, losses } = landscape((a, b) => {
    const isBasin = a <= -0.8 && b <= -0.8;
    const isLarge = a >= -0.5 && a <= 0 && b >= -0.5;
    const isSmall = a >= 0.5 && a <= 0.7 && b >= 0 && b <= 0.2;
    const flat = isBasin || isLarge || isSmall;
    return { loss: isBasin ? 0 : 2 + a, a: flat ? 0.03 : 1, b: flat ? 0.04 : 0 };
  });
  const metric = metricOf(direction(10, 0), direction(0, 20));
  const limits = { flat: 0.05, loss: 1 };

  it('are the flat parts well above the lowest loss, largest first', () => {
    const found = findPlateaus(slopes, losses, metric, limits);
    expect(found.map(({ nodes }) => nodes.length)).toEqual([6 * 16, 3 * 3]);
    const [large, small] = found as [(typeof found)[0], (typeof found)[0]];
    // Cells of 0.1 × 0.1, of a view of 2 × 2; those at the upper rim are cut in half.
    expect(large.share).toBeCloseTo((0.6 * 1.55) / 4, 12);
    expect(large.from.a).toBeCloseTo(-0.55, 12);
    expect(large.to.b).toBe(1);
    expect(large.slope).toBeCloseTo(0.05, 14);
    expect(large.loss).toBeCloseTo(1.75, 12);
    expect(small.weights!.slope).toBeCloseTo(Math.hypot(0.003, 0.002), 14);
    expect(small.weights!.width).toBeCloseTo(2 * Math.sqrt((0.09 * 200) / Math.PI), 12);
  });

  it('are none where the limits leave none', () => {
    expect(findPlateaus(slopes, losses, metric, { ...limits, flat: 0.049 })).toEqual([]);
    expect(findPlateaus(slopes, losses, metric, { ...limits, loss: 3 })).toEqual([]);
    expect(
      findPlateaus(
        slopes,
        losses.map(() => NaN),
        metric,
        limits,
      ),
    ).toEqual([]);
  });

  it('do not count what reaches down to the minimum, nor a few flat nodes', () => {
    expect(findPlateaus(slopes, losses, metric, { flat: 2, loss: 1 })).toEqual([]);
    const bits = landscape((a, b) => ({ loss: 2, a: a === 0 && Math.abs(b) <= 0.1 ? 0 : 1, b: 0 }));
    expect(findPlateaus(bits.slopes, bits.losses, metric, limits)).toEqual([]);
  });

  it('take as many steps as gradient descent does on a ramp', () => {
    // L = 2 + 0.003·x on a patch x = 10·α from −3 to 3, half of it wide along y = 20·β: as wide as a circle of its area.
    const ramp = landscape((a, b) => ({ loss: 2, a: Math.hypot(a, b) <= 0.31 ? 0.03 : 9, b: 0 }));
    const [patch] = findPlateaus(
      ramp.slopes,
      ramp.losses,
      metricOf(direction(10, 0), direction(0, 10)),
      limits,
    );
    let [x, steps] = [0, 0];
    for (; x > -patch!.weights!.width; steps++) x -= 0.5 * 0.003;
    expect(Math.abs(stepsAcross(patch!, 0.5) - steps)).toBeLessThanOrEqual(1);
    // The circle holds 29 cells of one unit of length each way.
    expect(patch!.weights!.width).toBeCloseTo(2 * Math.sqrt(29 / Math.PI), 12);
    expect(stepsAcross({ ...patch!, weights: { width: 1, slope: 0 } }, 0.5)).toBe(Infinity);
    expect(stepsAcross({ ...patch!, weights: null }, 0.5)).toBe(NaN);
  });

  it('have as automatic limit the slope of the flattest tenth', () => {
    const some = { ...slopes, a: Float64Array.from({ length: 441 }, (_, i) => i), b: new Float64Array(441) };
    expect(flatLimit([some])).toBe(44);
    expect(flatLimit([{ ...some, a: some.a.map(() => NaN) }])).toBe(0);
  });
});

describe('the loss of the best constant answer', () => {
  const data = { name: '', samples: 4, shape: [1], inputs: new Float64Array(0) as never };
  it('is the entropy of the classes, or the variance of the targets', () => {
    const classes = { ...data, labels: Int32Array.of(0, 1, 2, 3), targets: null };
    expect(constantLoss(classes, 4, 'ce', 4)).toBeCloseTo(Math.log(4), 14);
    expect(constantLoss(classes, 4, 'mse', 4)).toBeCloseTo(0.25 * 0.75, 14);
    const two = { ...data, labels: Int32Array.of(0, 1, 1, 0), targets: null };
    expect(constantLoss(two, 4, 'bce', 1)).toBeCloseTo(Math.LN2, 14);
    // Outputs of classes that do not occur are 0, and count in the mean.
    expect(constantLoss(two, 4, 'mse', 1)).toBeCloseTo(0.25, 14);
    expect(constantLoss(two, 4, 'mse', 10)).toBeCloseTo(0.05, 14);
    const real = { ...data, labels: null, targets: Float32Array.of(1, 5, 3, 5, 9, 9, 9, 9) };
    expect(constantLoss(real, 2, 'mse', 2)).toBeCloseTo((1 + 0) / 2, 14);
  });
});
