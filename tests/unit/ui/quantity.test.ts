import { describe, expect, it } from 'vitest';
import { bends } from '../../../src/analysis/curvature.js';
import { emptySums } from '../../../src/landscape/grid.js';
import { emptyCurvature, emptyDifferences, emptyGradient } from '../../../src/landscape/passes.js';
import { resolveFigure } from '../../../src/plot/resolve.js';
import { initialState, type State } from '../../../src/state.js';
import { automaticTexts, describe as inWords, makeFigure } from '../../../src/ui/figure-spec.js';
import { noiseOf, noiseSentence } from '../../../src/ui/noise.js';
import { makeGrid } from '../../../src/ui/plane.js';
import { inWordsAt, makeScale, valuesOf } from '../../../src/ui/quantity.js';
import { nothing, type PanelData } from '../../../src/ui/windows.js';

const state: State = { ...initialState, size: 3, samples: 10, right: 'none' };
const titles = { left: 'a', right: 'b' };
const grid = makeGrid(state);

/** Sums over ten samples of values of which each is the mean; the last point is not computed. */
function panel(): PanelData {
  const sums = emptySums(grid);
  const differences = { sums: emptyDifferences(grid), others: [] };
  const gradient = { sums: emptyGradient(grid), others: [] };
  const curvature = { sums: emptyCurvature(grid), others: [] };
  for (let i = 0; i < 8; i++) {
    for (const each of [sums, differences.sums, gradient.sums, curvature.sums]) each.samples[i] = 10;
    sums.loss[i] = 10 * (9 - i);
    differences.sums.delta[i] = 10 * (i - 4);
    gradient.sums.a[i] = 30 * i;
    gradient.sums.b[i] = -40 * i;
    // Eigenvalues 4 and ±3, −4 and −3, or both tiny.
    curvature.sums.aa[i] = i === 2 ? -40 : i === 3 ? 1e-3 : 40;
    curvature.sums.bb[i] = i === 1 || i === 2 ? -30 : i === 3 ? -1e-3 : 30;
  }
  return { ...nothing, sums, differences, gradient, curvature };
}

const figureOf = (show: State['show']) =>
  makeFigure({ ...state, show }, { left: panel(), right: nothing }, titles);
const valuesIn = (show: State['show']) => {
  const { own } = valuesOf({ show }, panel())!;
  return [0, 1, 2, 3, 4, 5, 6, 7].map((i) => own.valueAt(i));
};

describe('the quantity on the map', () => {
  it('is the difference from the centre, with a diverging scale that has 0 in its middle', () => {
    expect(valuesIn('delta')).toEqual([-4, -3, -2, -1, 0, 1, 2, 3]);
    const figure = figureOf('delta');
    expect([...figure.panels[0]!.values].slice(0, 8)).toEqual(valuesIn('delta'));
    const { norm } = resolveFigure(figure).views[0]!;
    expect([norm.kind, norm.min, norm.max, norm.unit(0)]).toEqual(['symlog', -4, 4, 0.5]);
    expect(figure.scale.map).toBe('bluered');
    expect(automaticTexts(figure)).toEqual({ vmin: 'auto: −4', vmax: 'auto: 4' });
  });

  it('keeps the middle of differences at 0 when one limit is typed', () => {
    expect(makeScale({ ...state, show: 'delta', vmax: 2 }).limits).toEqual({ min: -2, max: 2 });
    expect(makeScale({ ...state, show: 'delta', vmin: -3 }).limits).toEqual({ min: -3, max: 3 });
  });

  it('is the length of the mean gradient, on a log scale', () => {
    expect(valuesIn('gradient')).toEqual([0, 5, 10, 15, 20, 25, 30, 35]);
    const { norm } = resolveFigure(figureOf('gradient')).views[0]!;
    expect([norm.kind, norm.min, norm.max]).toEqual(['log', 5, 35]);
  });

  it('is the kind of curvature by the mean second derivatives, with four classes and the threshold below', () => {
    const figure = figureOf('curvature');
    const kinds = [...figure.panels[0]!.values].slice(0, 4).map((kind) => bends[kind]);
    expect(kinds).toEqual(['bowl', 'saddle', 'dome', 'flat']);
    expect(figure.panels[0]!.caption!.split('\n')[1]).toBe('flat: |λ| ≤ 0.040');
    const { views, bars } = resolveFigure(figure);
    expect(bars[0]!.data.classes).toEqual([...bends]);
    expect([views[0]!.shading, views[0]!.levels.length]).toEqual(['flat', 0]);
    // Each kind in its own colour, the middle of a class deciding.
    const colours = bends.map((_, kind) => {
      const at = 3 * Math.floor(views[0]!.norm.unit(kind) * 256);
      return [...views[0]!.table.subarray(at, at + 3)];
    });
    expect(colours).toEqual(figure.scale.classes!.map(({ colour }) => [...colour]));
  });

  it('leaves points without samples out, and the lowest point where the loss is lowest', () => {
    for (const show of ['delta', 'gradient', 'curvature'] as const) {
      const [drawn] = figureOf(show).panels;
      expect([drawn!.values[8], (drawn!.computed as Uint32Array)[8]]).toEqual([NaN, 0]);
    }
    const marks = figureOf('gradient').panels[0]!.marks!;
    expect(marks.find(({ kind }) => kind === 'minimum')).toMatchObject({ a: 0, b: 1 });
  });

  it('is said in words, of a point and of a panel', () => {
    const at = (show: State['show'], i: number) => inWordsAt({ ...state, show }, panel(), i);
    expect([at('loss', 0), at('delta', 0), at('gradient', 1), at('curvature', 1), at('delta', 8)]).toEqual([
      '',
      'Δ −4.000',
      '‖∇L‖ 5.000',
      'saddle',
      '',
    ]);
    expect(inWords({ ...state, show: 'curvature' }, panel(), 'a')).toMatch(
      /Shown: curvature: bowl 63 %, saddle 13 %, dome 13 %, flat 13 %\.$/,
    );
    expect(inWords({ ...state, show: 'delta' }, panel(), 'a')).toMatch(/from −4\.000 to 3\.000\.$/);
  });
});

describe('a view whose rounding is loud', () => {
  const floor = { noise: 1, range: 5, pass: 'delta' } as const;
  const losses = (data: PanelData) => {
    const { own } = valuesOf({ show: 'loss' }, data)!;
    return [...own.samples].map((known, i) => (known === 0 ? null : own.valueAt(i)));
  };
  const marks = (data: PanelData, show: State['show'] = 'loss') =>
    makeFigure({ ...state, show }, { left: data, right: nothing }, titles).panels[0]!.marks!.map(
      ({ kind }) => kind,
    );

  it('shows the loss of the middle plus differences from it, once both are there', () => {
    // The losses themselves are 9 … 2, the differences −4 … 3 from a middle of 5.
    expect(losses({ ...panel(), floor })).toEqual([1, 2, 3, 4, 5, 6, 7, 8, null]);
    const middle = { ...panel(), floor };
    middle.sums!.samples[4] = 0;
    expect(losses(middle)).toEqual(Array(9).fill(null));
    expect(losses({ ...middle, middle: 5.25 })).toEqual([
      1.25,
      2.25,
      3.25,
      4.25,
      5.25,
      6.25,
      7.25,
      8.25,
      null,
    ]);
    expect(losses({ ...panel(), floor: { ...floor, pass: 'plain' } })).toEqual([
      9,
      8,
      7,
      6,
      5,
      4,
      3,
      2,
      null,
    ]);
  });

  it('marks no lowest point where losses differ by less than ten times their rounding', () => {
    const plain = (noise: number): PanelData => ({ ...panel(), floor: { ...floor, pass: 'plain', noise } });
    expect(marks(plain(0.69))).toEqual(['centre', 'minimum']);
    expect(marks(plain(0.71))).toEqual(['centre']);
    expect(marks(plain(0.71), 'gradient')).toEqual(['centre']);
    // Differences have their digits.
    expect(marks(plain(0.71), 'delta')).toEqual(['centre', 'minimum']);
    expect(marks({ ...panel(), floor })).toEqual(['centre', 'minimum']);
  });

  it('says so in a sentence for close views alone, and tells the colour bar otherwise', () => {
    const close = { ...state, zoom: 3 };
    const both = (data: PanelData) => ({ left: data, right: nothing });
    expect(noiseSentence(both({ ...panel(), floor }), close)).toMatch(
      /^Rounding would drown .*plain pass: by 5\.0, rounding by 1\.0/,
    );
    const float64 = { ...panel(), floor: { ...floor, pass: 'float64' } as const };
    expect(noiseSentence(both(float64), close)).toMatch(/^Mostly rounding/);
    expect(noiseSentence(both(float64), { ...close, show: 'delta' })).toBe('');
    expect(noiseSentence(both({ ...panel(), floor: { ...floor, range: 11 } }), close)).toBe('');
    expect(noiseSentence(both(float64), state)).toBe('');
    expect(noiseOf(close, both(float64), ['left'])).toBe(1);
    expect(noiseOf(close, both(panel()), ['left'])).toBe(null);
    // What fills the map is another pass, whose rounding is its own.
    const passFloor = { noise: 0.5, range: 4 };
    for (const show of ['delta', 'gradient'] as const) {
      expect(noiseOf({ ...close, show }, both({ ...panel(), floor }), ['left'])).toBe(null);
      expect(noiseOf({ ...close, show }, both({ ...panel(), floor, passFloor }), ['left'])).toBe(0.5);
    }
    // A loss is no better than that of the middle, to which differences are added: float32's, or float64's.
    expect(noiseOf(close, both({ ...panel(), floor, passFloor }), ['left'])).toBe(1);
    expect(noiseOf(close, both({ ...panel(), floor, passFloor, middle: 4 }), ['left'])).toBe(0.5);
    const small = { noise: 1e-24, range: 1e-20 };
    const digits = noiseOf(close, both({ ...panel(), floor, passFloor: small, middle: 4 }), ['left'])!;
    expect(digits).toBeGreaterThan(8.8e-16);
    expect(digits).toBeLessThan(1e-14);
    expect(noiseOf({ ...close, show: 'error' }, both({ ...panel(), floor }), ['left'])).toBe(undefined);
  });

  it('says what is lost of derivatives and differences too', () => {
    const sentence = (show: State['show'], passFloor: PanelData['passFloor'], zoom = 3) =>
      noiseSentence({ left: { ...panel(), passFloor }, right: nothing }, { ...state, show, zoom });
    const drowned = { noise: 0.5, range: 4 };
    expect(sentence('gradient', drowned)).toBe(
      'Mostly rounding, not the gradient, shows where ‖∇L‖ varies by less than ten times its noise floor: by 4.0, rounding by 0.50.',
    );
    const two = { ...state, show: 'gradient', zoom: 3, right: state.left } as const;
    const here = { ...panel(), passFloor: drowned };
    expect(noiseSentence({ left: panel(), right: here }, two)).toContain('floor: right, by 4.0, rounding');
    expect(sentence('delta', drowned)).toMatch(/^Mostly rounding, not Δ, /);
    expect(sentence('curvature', drowned)).toMatch(/^The curvature is lost in rounding/);
    for (const show of ['gradient', 'delta', 'curvature'] as const) {
      expect(sentence(show, { noise: 0.4, range: 4 })).toBe('');
      expect(sentence(show, null)).toBe('');
    }
    expect(sentence('error', drowned)).toBe('');
    expect(sentence('gradient', drowned, 2)).toBe('');
  });

  it('counts as flat what rounding may have bent', () => {
    const kinds = (noise: number) => {
      const { own } = valuesOf({ show: 'curvature' }, { ...panel(), passFloor: { noise, range: 4 } })!;
      return [0, 1, 2].map((i) => bends[own.valueAt(i)]);
    };
    expect(kinds(0.29)).toEqual(['bowl', 'saddle', 'dome']);
    // The eigenvalues are 4 and 3, 4 and −3, −4 and −3.
    expect(kinds(0.31)).toEqual(['bowl', 'bowl', 'dome']);
    expect(kinds(0.41)).toEqual(['flat', 'flat', 'flat']);
    expect(kinds(NaN)).toEqual(['bowl', 'saddle', 'dome']);
  });
});
