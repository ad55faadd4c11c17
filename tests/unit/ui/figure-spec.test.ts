import { describe, expect, it } from 'vitest';
import { emptySums, type GridSums } from '../../../src/landscape/grid.js';
import { initialState, type State } from '../../../src/state.js';
import { automaticTexts, describe as inWords, makeFigure } from '../../../src/ui/figure-spec.js';
import { readAt, spoken } from '../../../src/ui/readout.js';
import { makeGrid } from '../../../src/ui/plane.js';
import { nothing } from '../../../src/ui/windows.js';
import type { PanelData } from '../../../src/ui/session.js';

const state: State = { ...initialState, size: 3, samples: 10 };
const titles = { left: 'without skips', right: 'with skips' };

/** A finished panel: mean losses and shares classified right, row by row from below. */
function panel(loss: readonly number[], right: readonly number[] = loss.map(() => 0.5)): PanelData {
  const sums: GridSums = emptySums(makeGrid(state));
  sums.samples.fill(10);
  sums.loss.set(loss.map((value) => 10 * value));
  sums.correct.set(right.map((share) => 10 * share));
  return { ...nothing, sums };
}

const hill = panel([9, 8, 7, 6, 5, 4, 3, 2, 1]);
const bowl = panel([4, 2, 4, 2, 0.5, 2, 4, 2, 4], [0.1, 0.1, 0.1, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9]);
const both = { left: hill, right: bowl };

describe('makeFigure', () => {
  it('has empty panels with their axes before anything is computed', () => {
    const { panels } = makeFigure(state, { left: nothing, right: nothing }, titles);
    for (const each of panels) {
      expect([each.columns.count, each.rows.count, each.values.length]).toEqual([3, 3, 9]);
      expect(Array.from(each.computed!)).toEqual(Array(9).fill(0));
      expect(each.marks).toEqual([{ kind: 'centre', a: 0, b: 0 }]);
    }
  });

  it('marks the centre and the lowest point, the top right one of the hill', () => {
    expect(makeFigure(state, both, titles).panels[0]!.marks).toEqual([
      { kind: 'centre', a: 0, b: 0 },
      { kind: 'minimum', a: 1, b: 1 },
    ]);
  });

  it('prefers the centre among equally low points', () => {
    const figure = makeFigure({ ...state, show: 'error' }, both, titles);
    expect(figure.panels[1]!.marks![1]).toEqual({ kind: 'minimum', a: 0, b: 0 });
  });

  it('never marks a point that is not computed, or not a number, as the lowest', () => {
    const odd = panel([NaN, 8, 7, 6, 5, 4, 3, -1, -Infinity]);
    odd.sums!.samples[7] = 0;
    const { marks } = makeFigure(state, { left: odd, right: odd }, titles).panels[0]!;
    expect(marks![1]).toEqual({ kind: 'minimum', a: -1, b: 1 });
  });

  it('shows the error in percent, from 0 to 100 on a linear scale', () => {
    const figure = makeFigure({ ...state, show: 'error', scale: 'log' }, both, titles);
    expect(figure.scale).toMatchObject({ name: 'error (%)', norm: 'linear', limits: { min: 0, max: 100 } });
    expect(figure.panels[1]!.values[0]).toBeCloseTo(90, 12);
  });

  it('shares one scale, or gives each panel its own', () => {
    const own = (shared: boolean) =>
      makeFigure({ ...state, shared }, both, titles).panels.map((each) => each.scale !== undefined);
    expect([own(true), own(false)]).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  it('drops a limit that a log scale cannot have', () => {
    const limits = (patch: Partial<State>) => makeFigure({ ...state, ...patch }, both, titles).scale.limits;
    expect(limits({ vmin: -1, vmax: 5, scale: 'log' })).toEqual({ max: 5 });
    expect(limits({ vmin: -1, vmax: 5, scale: 'linear' })).toEqual({ min: -1, max: 5 });
  });

  it('can show one panel', () => {
    const figure = makeFigure({ ...state, shared: false }, both, titles, ['right']);
    expect(figure.panels.map(({ title, scale }) => [title, scale])).toEqual([['with skips', undefined]]);
  });

  it('says what the trained network reaches', () => {
    expect(makeFigure(state, both, titles).panels[1]!.caption).toBe('loss 0.5 · 90 % right · cos …');
    const bare = { ...nothing, sums: emptySums(makeGrid(state)) };
    expect(makeFigure(state, { left: bare, right: bare }, titles).panels[0]!.caption).toBe(
      'loss … · … right · cos …',
    );
  });
});

it('says nothing of right and wrong where targets are real', () => {
  const none = panel([4, 2, 4, 2, 0.5, 2, 4, 2, 4], Array<number>(9).fill(NaN));
  expect(makeFigure(state, { left: none, right: none }, titles).panels[0]!.caption).toBe('loss 0.5 · cos …');
  expect(inWords(state, none, 'net')).toContain('At the trained network: loss 0.5. Lowest');
  const read = readAt({ column: 1, row: 1 }, state, { left: none, right: bowl }, titles);
  expect(spoken(read)).toMatch(/without skips: loss 0\.5\d*\. with skips: loss 0\.5\d*, 90 % right\.$/);
});

describe('a panel in words', () => {
  it('has its range, its centre and its extremes', () => {
    expect(inWords(state, bowl, 'with skips')).toBe(
      'Loss landscape with skips, α and β from −1.000 to 1.000. ' +
        'At the trained network: loss 0.5, 90 % right. Lowest loss 0.5, highest 4.',
    );
  });
});

describe('automaticTexts', () => {
  it('gives the limits of both panels together', () => {
    expect(automaticTexts(makeFigure(state, both, titles))).toEqual({ vmin: 'auto: 0.5', vmax: 'auto: 9' });
  });
});
