import { describe, expect, it } from 'vitest';
import type { Context2D } from '../../../src/plot/heatmap.js';
import { space } from '../../../src/plot/frame.js';
import { layoutFigure, naturalHeight, naturalSize } from '../../../src/plot/layout.js';
import type { Figure, Panel } from '../../../src/plot/spec.js';

/** Every letter is 0.55 of the font's size wide: somewhat wider than those of system fonts. */
const ctx = {
  font: '',
  save() {},
  restore() {},
  measureText(this: { font: string }, text: string) {
    const size = Number(/([\d.]+)px/.exec(this.font)?.[1]);
    return { width: 0.55 * size * [...text].length };
  },
} as unknown as Context2D;

/** Of the footer, in multiples of the text size. */
const LINE = space.noteLine;
const axis = { from: -1, to: 1, count: 3 };
const panel: Panel = {
  columns: axis,
  rows: axis,
  values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
  marks: [
    { kind: 'centre', a: 0, b: 0 },
    { kind: 'minimum', a: 1, b: 0 },
  ],
};
const footer =
  'L − L(centre), 1,400 digits, cross-entropy, filter-normalised random directions, seed 1, 51×51 points';

function layoutOf(panels: number, words: string) {
  const figure: Figure = {
    scale: { name: 'loss', map: 'viridis', norm: 'linear' },
    panels: Array.from({ length: panels }, () => panel),
    footer: words,
    arrangement: 'row',
  };
  const { width, height } = naturalSize(ctx, figure);
  return { layout: layoutFigure(ctx, figure, width, height, 1), height };
}

describe('a footer', () => {
  it('stands beside the key under two panels, below it under one, and loses no word', () => {
    const [one, two] = [layoutOf(1, footer), layoutOf(2, footer)];
    for (const { layout, height } of [one, two]) {
      expect(layout.footer!.lines.join(' ')).toBe(footer);
      const { y, lines } = layout.footer!;
      expect(y + (lines.length - 1) * LINE * layout.em).toBeLessThan(height);
    }
    expect(two.layout.footer!.y).toBe(two.layout.key!.y);
    expect(one.layout.footer!.y).toBeGreaterThanOrEqual(one.layout.key!.y + LINE * one.layout.em - 1e-9);
  });

  it('is cut with an ellipsis where it is longer than four lines', () => {
    const { lines } = layoutOf(1, `${footer}; `.repeat(5)).layout.footer!;
    expect(lines).toHaveLength(4);
    expect(lines[3]).toMatch(/…$/);
  });
});

describe('the key of marks', () => {
  const overlay = Object.assign(() => undefined, { kind: 'run' } as const);
  const keyOf = (width: number, arrangement: 'row' | 'column') => {
    const figure: Figure = {
      scale: { name: 'loss', map: 'viridis', norm: 'linear' },
      panels: [{ ...panel, overlays: [overlay] }],
      em: 13,
      arrangement,
    };
    const height = naturalHeight(ctx, figure, width, arrangement);
    return { ...layoutFigure(ctx, figure, width, height, 1), height };
  };

  it('takes another line where it is wider than the figure, and keeps inside', () => {
    const wide = keyOf(900, 'row');
    expect(wide.key!.rows).toEqual([['centre', 'minimum', 'run']]);
    const narrow = keyOf(390, 'column');
    expect(narrow.key!.rows.flat()).toEqual(['centre', 'minimum', 'run']);
    expect(narrow.key!.rows.length).toBeGreaterThan(1);
    const { x, y, width, rows } = narrow.key!;
    expect(x + width).toBeLessThan(390);
    expect(y + (rows.length - 1) * LINE * narrow.em).toBeLessThan(narrow.height);
    for (let size = 320; size <= 900; size += 10) {
      const { key } = keyOf(size, 'column');
      expect(key!.x + key!.width, `figure of ${size}`).toBeLessThan(size);
    }
  });
});

describe('captions', () => {
  const words = [
    'run of 13 steps, 0.3 % off the plane; its two components explain 75.2 % + 20.4 %, about step 24',
  ];
  const layoutAt = (width: number, captions: readonly string[]) => {
    const figure: Figure = {
      scale: { name: 'loss', map: 'viridis', norm: 'linear' },
      panels: captions.map((caption) => ({ ...panel, caption })),
      em: 13,
      arrangement: 'column',
    };
    const height = naturalHeight(ctx, figure, width, 'column');
    return { ...layoutFigure(ctx, figure, width, height, 1), height };
  };

  it('take further lines where a panel is narrower than they are, lose no word and stay above what follows', () => {
    const { panels, colorbars, em, height } = layoutAt(390, ['loss 0.5', `loss 0.5\n${words[0]}`]);
    expect(panels[0]!.caption!.lines).toEqual(['loss 0.5']);
    const { lines, y } = panels[1]!.caption!;
    expect(lines[0]).toBe('loss 0.5');
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.slice(1).join(' ')).toBe(words[0]);
    const end = y + (lines.length - 1) * space.caption * em;
    expect(end).toBeLessThan(height);
    expect(colorbars[0]!.bar.y).toBeGreaterThan(end);
    expect(layoutAt(1400, words).panels[0]!.caption!.lines).toEqual(words);
  });
});
