import fc from 'fast-check';
import { expect, it } from 'vitest';
import { multiplyTransposed } from '../../../src/math/matmul.js';

it('is A·Bᵀ for any sizes, and touches nothing outside its block', () => {
  const size = fc.integer({ min: 1, max: 5 });
  fc.assert(
    fc.property(size, size, size, size, (rows, columns, inner, start) => {
      const a = Float64Array.from({ length: start + rows * inner }, (_, i) => i + 1);
      const b = Float64Array.from({ length: start + columns * inner }, (_, i) => 2 * i - 3);
      const c = new Float64Array(start + rows * columns + 1).fill(7);
      multiplyTransposed({ data: a, start }, { data: b, start }, { data: c, start }, rows, columns, inner);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let k = 0; k < inner; k++) sum += a[start + i * inner + k]! * b[start + j * inner + k]!;
          expect(c[start + i * columns + j]).toBe(sum);
        }
      }
      expect([...c.subarray(0, start), c.at(-1)]).toEqual(Array.from({ length: start + 1 }, () => 7));
    }),
  );
});
