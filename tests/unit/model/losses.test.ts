import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildModel } from '../../../src/model/build.js';
import type { Dataset } from '../../../src/model/data.js';
import {
  binaryCrossEntropy,
  checkData,
  crossEntropy,
  isCorrect,
  type Outputs,
  sampleLoss,
  squaredError,
} from '../../../src/model/losses.js';
import { expectClose } from '../../helpers/compare.js';

const row = (...values: number[]): Outputs => ({
  values: Float64Array.from([99, ...values, 99]),
  start: 1,
  count: values.length,
});
const exact = { relative: 2e-15, absolute: 0 };

describe('cross-entropy', () => {
  it('is −log softmax, within 1e-12 of the definition with the maximum subtracted', () => {
    const logits = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(logits, fc.nat(), (z, pick) => {
        const label = pick % z.length;
        const top = Math.max(...z);
        const expected = top + Math.log(z.reduce((sum, x) => sum + Math.exp(x - top), 0)) - z[label]!;
        expectClose([crossEntropy(row(...z), label)], [expected], { relative: 1e-12, absolute: 1e-12 });
      }),
    );
  });

  it('keeps all digits of a tiny loss', () => {
    expectClose([crossEntropy(row(40, 0), 0)], [Math.exp(-40)], exact);
    expectClose([crossEntropy(row(0, 700, 0), 1)], [2 * Math.exp(-700)], { relative: 1e-13, absolute: 0 });
  });

  it('does not overflow, and both of its forms agree where they meet', () => {
    expect(crossEntropy(row(0, 1e5), 0)).toBe(1e5);
    expect(crossEntropy(row(0, 1e308), 0)).toBe(1e308);
    expectClose([crossEntropy(row(0, 599.999, 590), 0)], [599.999 + Math.log1p(Math.exp(-9.999))], exact);
    expectClose([crossEntropy(row(0, 600.001, 590), 0)], [600.001 + Math.log1p(Math.exp(-10.001))], exact);
  });

  it('is what PyTorch gives for NaN and infinities', () => {
    expect(crossEntropy(row(NaN, 1), 1)).toBeNaN();
    expect(crossEntropy(row(NaN, 1), 0)).toBeNaN();
    expect(crossEntropy(row(Infinity, 1), 0)).toBeNaN();
    expect(crossEntropy(row(Infinity, 1), 1)).toBeNaN();
    expect(crossEntropy(row(-Infinity, 1), 0)).toBe(Infinity);
    expect(crossEntropy(row(-Infinity, 1), 1)).toBe(0);
    expect(crossEntropy(row(-Infinity, -Infinity), 1)).toBeNaN();
  });

  it('does not change when all logits are shifted', () => {
    expectClose([crossEntropy(row(1003, 1001), 1)], [crossEntropy(row(3, 1), 1)], exact);
  });
});

describe('squared error and binary cross-entropy', () => {
  it('are means over outputs', () => {
    expect(squaredError(row(1, -2, 3), (j) => [0, 0, 1][j]!)).toBe((1 + 4 + 4) / 3);
    const expected = (Math.log1p(Math.exp(-2)) + Math.log1p(Math.exp(-3))) / 2;
    expectClose([binaryCrossEntropy(row(2, -3), (j) => [1, 0][j]!)], [expected], exact);
  });

  it('keep all digits of tiny losses and do not overflow', () => {
    expectClose([binaryCrossEntropy(row(50), () => 1)], [Math.exp(-50)], exact);
    expectClose([binaryCrossEntropy(row(-50), () => 0)], [Math.exp(-50)], exact);
    expect(binaryCrossEntropy(row(1e5), () => 0)).toBe(1e5);
    expect(binaryCrossEntropy(row(-1e5), () => 1)).toBe(1e5);
    expect(binaryCrossEntropy(row(NaN), () => 1)).toBeNaN();
    expectClose([binaryCrossEntropy(row(0.7), () => 0.25)], [0.75 * 0.7 + Math.log1p(Math.exp(-0.7))], exact);
  });

  const labelled = (labels: number[]): Dataset => ({
    name: 'd',
    samples: labels.length,
    shape: [1],
    inputs: new Float32Array(labels.length),
    labels: Int32Array.from(labels),
    targets: null,
  });

  it('take the one-hot vector of a label, or a lone output’s label itself', () => {
    expect(sampleLoss('mse', row(1, 2, 3), labelled([0, 2]), 1)).toBe((1 + 4 + 4) / 3);
    expect(sampleLoss('mse', row(3), labelled([1]), 0)).toBe(4);
    expect(sampleLoss('bce', row(0), labelled([1]), 0)).toBe(Math.log(2));
    const real: Dataset = { ...labelled([0, 0]), labels: null, targets: Float32Array.from([9, 9, 1, 5]) };
    expect(sampleLoss('mse', row(2, 3), real, 1)).toBe((1 + 4) / 2);
  });
});

describe('correct samples', () => {
  it('have the first largest output at their label, NaN being largest as in PyTorch', () => {
    expect(isCorrect('ce', row(1, 3, 3), 1)).toBe(1);
    expect(isCorrect('ce', row(1, 3, 3), 2)).toBe(0);
    expect(isCorrect('ce', row(1, NaN, Infinity, NaN), 1)).toBe(1);
    expect(isCorrect('ce', row(-Infinity, -Infinity), 0)).toBe(1);
  });

  it('have a lone output on their side of the threshold', () => {
    expect([0.1, 0, -0.1].map((z) => isCorrect('bce', row(z), 1))).toEqual([1, 0, 0]);
    expect([0.6, 0.5, 0.4].map((z) => isCorrect('mse', row(z), 0))).toEqual([0, 1, 1]);
  });
});

describe('checkData', () => {
  const weight = { name: 'w', shape: [3, 2], data: new Float32Array(6), kind: 'weight' } as const;
  const model = buildModel(
    'net',
    [2],
    [{ op: 'dense', name: 'fc', inputs: [0], weight: 'w', bias: null }],
    [weight],
  );
  const good: Dataset = {
    name: 'set',
    samples: 2,
    shape: [2],
    inputs: new Float32Array(4),
    labels: Int32Array.of(0, 2),
    targets: null,
  };

  it('accepts what fits', () => {
    for (const loss of ['ce', 'mse', 'bce'] as const) checkData(model, good, loss);
    checkData(model, { ...good, labels: null, targets: new Float32Array(6) }, 'mse');
  });

  it.each<[Partial<Dataset>, RegExp]>([
    [{ shape: [1, 2] }, /data set: a sample has shape \[1, 2\], but net takes \[2\]/],
    [{ samples: 0 }, /0 samples/],
    [{ inputs: new Float32Array(5) }, /5 input values, expected 2 samples of 2/],
    [{ labels: null }, /either labels or real targets/],
    [{ targets: new Float32Array(6) }, /either labels or real targets/],
    [{ labels: null, targets: new Float32Array(6) }, /choose mse or bce/],
    [{ labels: Int32Array.of(0) }, /1 labels, expected 2/],
    [{ labels: Int32Array.of(0, 3) }, /label 3 of sample 1 is not a class of net, which has 0 to 2/],
    [{ labels: Int32Array.of(-1, 0) }, /label -1 of sample 0/],
  ])('refuses %o', (change, message) => {
    expect(() => checkData(model, { ...good, ...change }, 'ce')).toThrow(message);
  });
});
