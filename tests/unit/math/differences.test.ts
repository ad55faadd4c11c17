import { expect, it } from 'vitest';
import { softplusDifference } from '../../../src/math/differences.js';
import { activations } from '../../../src/model/activations.js';

it('differences of softplus keep their digits over steps of any size', () => {
  // log(1 + e^(x + d)) − log(1 + eˣ), by mpmath with 50 digits.
  expect(softplusDifference(18, -40)).toBeCloseTo(-18.00000001495103, 13);
  expect(softplusDifference(40, -80)).toBeCloseTo(-40, 13);
  expect(softplusDifference(0.5, -1e-12)).toBeCloseTo(-6.22459331201737e-13, 26);
  expect(softplusDifference(-30, -2)).toBeCloseTo(-8.09120641393e-14, 24);
});

it('differences of relu are those of its values, at infinity too', () => {
  const { difference, value } = activations.relu;
  for (const [x, dx] of [
    [-1, -Infinity],
    [1, -Infinity],
    [-1, 3],
    [1, -3],
  ] as const) {
    expect(difference(x, dx, 0), `${x} ${dx}`).toBe(value(x + dx, 0) - value(x, 0));
  }
  expect(difference(1, NaN, 0)).toBeNaN();
  expect(difference(NaN, 1, 0)).toBeNaN();
});
