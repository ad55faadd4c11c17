import { describe, expect, test } from 'vitest';
import { at, basins, DIVERGED, UNDERWAY } from '../../../src/train/basins.js';
import { formulaProblem, problemOf } from '../../../src/train/problems/problems.js';
import {
  curvatures,
  race,
  type Racer,
  type RacerName,
  run,
  stabilityLimit,
} from '../../../src/train/race.js';

const product = problemOf('product');

function jetAt(w1: number, w2: number): number[] {
  const out = new Float64Array(6);
  product.evaluate(w1, w2, out);
  return [...out];
}

describe('w1·w2·x', () => {
  test('has gradient 0 and Hessian [[0, −2], [−2, 0]] at the origin', () => {
    expect(jetAt(0, 0).map((v) => v + 0)).toEqual([1, 0, 0, 0, -2, 0]);
  });

  test('gradient flow keeps w1² − w2² to 5e-9', () => {
    const { points, steps } = run(product, { name: 'flow', rate: 0.01 }, [-1.6, 0.9], 1000);
    expect(steps).toBe(1000);
    for (let k = 0; k <= steps; k += 50) {
      expect(points[2 * k]! ** 2 - points[2 * k + 1]! ** 2).toBeCloseTo(1.6 ** 2 - 0.9 ** 2, 8);
    }
    // Gradient descent does not.
    const descent = run(product, { name: 'gd', rate: 0.01 }, [-1.6, 0.9], 1000);
    const kept = descent.points.at(-2)! ** 2 - descent.points.at(-1)! ** 2;
    expect(Math.abs(kept - (1.6 ** 2 - 0.9 ** 2))).toBeGreaterThan(1e-3);
  });

  test.each([
    [1e-2, 1.1488],
    [1e-4, 2.3026],
    [1e-6, 3.4539],
  ])('a balanced start u0 = %d leaves the plateau at time ln(1/u0 − 1)/4 = %d', (u0, known) => {
    const h = 1e-3;
    const w = Math.sqrt(u0);
    const { points } = run(product, { name: 'flow', rate: h }, [w, w], 4000);
    const u = (k: number): number => points[2 * k]! * points[2 * k + 1]!;
    let k = 0;
    while (u(k) < 0.5) k++;
    const time = h * (k - (u(k) - 0.5) / (u(k) - u(k - 1)));
    expect(time).toBeCloseTo(Math.log(1 / u0 - 1) / 4, 6);
    expect(time).toBeCloseTo(known, 4);
  });

  test('gradient descent at (1, 1) is stable exactly below learning rate 0.5', () => {
    expect(curvatures(product, 1, 1)).toEqual([4, 0]);
    expect(stabilityLimit('gd', 4)).toBe(0.5);
    // The loss is not quadratic: the distance from the minimum tells, close to it and over few steps.
    const growth = (rate: number): number => {
      const { loss } = run(product, { name: 'gd', rate }, [1 + 1e-9, 1 + 1e-9], 200);
      return loss[200]! / loss[0]!;
    };
    expect(growth(0.499)).toBeLessThan(1);
    expect(growth(0.501)).toBeGreaterThan(1);
  });
});

test.each(['gd', 'momentum', 'nesterov'] as const)(
  'on a quadratic, %s converges below its limit and diverges above',
  (name) => {
    const valley = problemOf('valley');
    const limit = stabilityLimit(name, curvatures(valley, 0.3, -0.2)[0])!;
    const last = (rate: number): number => run(valley, { name, rate }, [0, 1], 4000).loss.at(-1)!;
    expect(last(0.99 * limit)).toBeLessThan(1e-9);
    expect(last(1.01 * limit)).toBeGreaterThan(1e3);
  },
);

test('a run that leaves the finite numbers ends before, and says so', () => {
  const path = run(problemOf('rosenbrock'), { name: 'gd', rate: 0.1 }, [-1.2, 1], 100);
  expect(path.diverged).toBe(true);
  expect(path.steps).toBeLessThan(100);
  expect([...path.points, ...path.loss].every(Number.isFinite)).toBe(true);
});

describe('basins', () => {
  function all(name: 'himmelblau' | 'saddle' | 'product', racer: Racer, size: number, steps: number) {
    const work = basins(problemOf(name), racer, size, steps);
    for (;;) {
      const { done, value } = work.next();
      if (done) return value;
    }
  }

  test("Himmelblau's four minima, each reached from itself", () => {
    const { ends } = all('himmelblau', { name: 'gd', rate: 0.005 }, 25, 400);
    expect(new Set(ends)).toEqual(new Set([0, 1, 2, 3]));
    const problem = problemOf('himmelblau');
    const near = (w1: number, w2: number): number => {
      const node = (range: readonly [number, number], w: number): number =>
        Math.round(((w - range[0]) / (range[1] - range[0])) * 24);
      return ends[node(problem.w2, w2) * 25 + node(problem.w1, w1)]!;
    };
    const places = [near(3, 2), near(-2.805, 3.131), near(-3.779, -3.283), near(3.584, -1.848)];
    expect(new Set(places).size).toBe(4);
  });

  test("the saddle's two minima are mirror images, and only the line between them stays", () => {
    const { ends, steps } = all('saddle', { name: 'gd', rate: 0.05 }, 21, 400);
    for (let row = 0; row < 21; row++) {
      for (let column = 0; column < 21; column++) {
        expect(steps[row * 21 + column]).toBe(steps[(20 - row) * 21 + column]);
        if (row < 10) expect(ends[row * 21 + column]).not.toBe(ends[(20 - row) * 21 + column]);
      }
    }
    expect(new Set(ends.slice(210, 231)).size).toBe(1);
  });

  test('a valley of minima is one place, as is the saddle for starts with w1 = −w2; what diverges or is under way is told apart', () => {
    const { ends } = all('product', { name: 'gd', rate: 0.02 }, 20, 600);
    expect(Math.max(...ends)).toBe(2);
    for (const [i, end] of ends.entries()) expect(end === 2).toBe((i % 20) + Math.floor(i / 20) === 19);
    expect([...all('product', { name: 'gd', rate: 1 }, 10, 600).ends]).toContain(DIVERGED);
    expect([...all('product', { name: 'gd', rate: 1e-4 }, 10, 100).ends]).toContain(UNDERWAY);
  });

  test('starts span the range, ends included', () => {
    expect([0, 5, 10].map((k) => at([-2, 3], k, 11))).toEqual([-2, 0.5, 3]);
  });
});

test('a race of five optimizers over 200 steps takes less than 16 ms of processor time', () => {
  const racers: Racer[] = (['gd', 'momentum', 'rmsprop', 'adam', 'flow'] as RacerName[]).map((name) => ({
    name,
    rate: 0.001,
  }));
  for (const problem of [
    problemOf('logistic'),
    problemOf('rosenbrock'),
    formulaProblem('exp(-w1^2)*sin(w2)', 3),
  ]) {
    race(problem, racers, [0.1, 0.2], 200);
    // Processor time, and the best of several: this is about the work, not about what else the machine does.
    const times = Array.from({ length: 15 }, (_, i) => {
      const before = process.cpuUsage();
      const paths = race(problem, racers, [0.1 + 0.01 * i, 0.2], 200);
      expect(paths).toHaveLength(5);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    expect(Math.min(...times)).toBeLessThan(16);
  }
});
