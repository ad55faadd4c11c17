import { describe, expect, it } from 'vitest';
import { activations } from '../../../src/model/activations.js';
import type { ActivationName } from '../../../src/model/graph.js';
import { expectClose } from '../../helpers/compare.js';

const names = Object.keys(activations) as ActivationName[];
const slope = 0.3;
const points = [-25, -6, -2.5, -1, -0.4, -1e-3, 1e-3, 0.4, 1, 2.5, 6, 19, 21, 25];

describe.each(names)('%s', (name) => {
  const { value, derivative } = activations[name];

  it('has the derivative of its value, within 1e-8 of fourth-order finite differences', () => {
    const h = 1e-4;
    for (const x of points) {
      const near = value(x + h, slope) - value(x - h, slope);
      const far = value(x + 2 * h, slope) - value(x - 2 * h, slope);
      const numeric = (8 * near - far) / (12 * h);
      expectClose([derivative(x, slope)], [numeric], { relative: 1e-8, absolute: 1e-9 }, `${name} at ${x}`);
      expect(() =>
        expectClose([derivative(x, slope) + 1e-6], [numeric], { relative: 1e-8, absolute: 1e-9 }),
      ).toThrow();
    }
  });

  it('keeps NaN', () => {
    expect(value(NaN, slope)).toBeNaN();
  });

  it('grows without bound to the right, or saturates at 1 or where it is told to', () => {
    const bounds = { tanh: 1, sigmoid: 1, clipped_relu: slope, hardtanh: slope } as const;
    const bound = name in bounds ? bounds[name as keyof typeof bounds] : Infinity;
    expect(value(Infinity, slope)).toBe(bound);
    expect(value(1e4, slope)).toBe(Math.min(bound, 1e4));
  });
});

describe('PyTorch’s conventions', () => {
  it('takes the left derivative where there is a kink', () => {
    expect(activations.relu.derivative(0, 0)).toBe(0);
    expect(activations.leaky_relu.derivative(0, 0.01)).toBe(0.01);
    expect(activations.elu.derivative(0, 0.5)).toBe(0.5);
    expect([0, 6].map((x) => activations.clipped_relu.derivative(x, 6))).toEqual([0, 0]);
    expect([-1, 1].map((x) => activations.hardtanh.derivative(x, 1))).toEqual([0, 0]);
  });

  it('switches softplus to the identity above 20', () => {
    expect(activations.softplus.value(20, 0)).toBe(20 + Math.log1p(Math.exp(-20)));
    expect(activations.softplus.value(20.5, 0)).toBe(20.5);
    expect(activations.softplus.derivative(20.5, 0)).toBe(1);
  });

  it('does not cancel in the left tails of GELU', () => {
    // −8·Φ(−8) and its tanh form, 40-digit arithmetic.
    expectClose(
      [activations.gelu.value(-8, 0), activations.gelu_tanh.value(-8, 0)],
      [-4.976768459417427e-15, -3.1077829375011112e-21],
      { relative: 1e-13, absolute: 0 },
    );
  });
});
