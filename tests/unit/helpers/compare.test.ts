import { describe, expect, it } from 'vitest';
import { expectClose } from '../../helpers/compare.js';

const exact = { relative: 0, absolute: 0 };
const loose = { relative: 1e-6, absolute: 1e-9 };

describe('expectClose', () => {
  it('accepts what is within absolute + relative·|expected|, and not what is beyond', () => {
    expectClose([1000.001, 1e-9, -5], [1000, 0, -5], loose);
    expect(() => expectClose([1000.0011], [1000], loose)).toThrow(/1 of 1/);
    expect(() => expectClose([1.1e-9], [0], loose)).toThrow(/1 of 1/);
  });

  it('matches NaN with NaN alone', () => {
    expectClose([NaN], [NaN], loose);
    expectClose([NaN], [NaN], exact);
    for (const other of [0, 1, Infinity]) {
      expect(() => expectClose([NaN], [other], loose)).toThrow();
      expect(() => expectClose([other], [NaN], loose)).toThrow();
    }
  });

  it('matches an infinity with itself alone', () => {
    expectClose([Infinity, -Infinity], [Infinity, -Infinity], loose);
    for (const other of [1e308, -Infinity, NaN, Number.MAX_VALUE]) {
      expect(() => expectClose([other], [Infinity], loose)).toThrow();
      expect(() => expectClose([Infinity], [other], loose)).toThrow();
    }
  });

  it('tells −0 from 0 only when the tolerance is zero', () => {
    expectClose([-0], [0], loose);
    expectClose([-0], [-0], exact);
    expect(() => expectClose([-0], [0], exact)).toThrow(/-0 {2}≠ {2}0/);
  });

  it('tells subnormals apart', () => {
    const tiny = Number.MIN_VALUE;
    expectClose([tiny], [tiny], exact);
    expect(() => expectClose([tiny], [0], exact)).toThrow();
    expect(() => expectClose([2 * tiny], [tiny], { relative: 0.5, absolute: 0 })).toThrow();
    expect(() => expectClose([tiny], [0], { relative: 0.5, absolute: 0 })).toThrow();
  });

  it('finds one bad element, and shows its good neighbours', () => {
    const expected = new Float64Array(1000).fill(3);
    const actual = expected.slice();
    actual[421] = 3.5;
    let message = '';
    try {
      expectClose(actual, expected, loose, 'loss');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split('\n')).toEqual([
      'loss: 1 of 1000 elements differ by more than 0.000001 relative + 1e-9 absolute;' +
        ' first at 421, worst at 421 (1.67e+5 × allowed)',
      '  420    3  ≈  3  0.00 × allowed',
      '  421  3.5  ≠  3  1.67e+5 × allowed',
      '  422    3  ≈  3  0.00 × allowed',
    ]);
  });

  it('counts all bad elements and lists the first', () => {
    expect(() => expectClose(new Float64Array(50), new Float64Array(50).fill(1), loose)).toThrow(
      /50 of 50[^]*… 38 more/,
    );
  });

  it('compares lengths before elements', () => {
    expect(() => expectClose([1, 2], [1, 2, 3], loose)).toThrow('arrays: 2 elements, expected 3');
    expectClose([], [], loose);
  });

  it('refuses a tolerance that would accept anything', () => {
    for (const tolerance of [
      { relative: NaN, absolute: 0 },
      { relative: 1, absolute: 0 },
      { relative: 0, absolute: Infinity },
      { relative: -1, absolute: 0 },
    ]) {
      expect(() => expectClose([1], [1], tolerance)).toThrow(RangeError);
    }
  });
});
