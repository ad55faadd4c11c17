import { describe, expect, it } from 'vitest';
import type { Context2D } from '../../../src/plot/heatmap.js';
import { type RunPath, runOverlay } from '../../../src/plot/run-path.js';
import { resolveFigure } from '../../../src/plot/resolve.js';
import type { Locate, Overlay } from '../../../src/plot/spec.js';
import { themes } from '../../../src/plot/theme.js';

interface Stroke {
  readonly width: number;
  readonly style: string;
  readonly alpha: number;
  readonly dashed: boolean;
  /** Of its parts, each from where it was moved to. */
  readonly parts: readonly (readonly (readonly [x: number, y: number])[])[];
}

/** What is stroked and filled, with text of size 10. */
function drawn(path: RunPath, locate: Locate) {
  const strokes: Stroke[] = [];
  const discs: { x: number; y: number; radius: number; alpha: number }[] = [];
  let parts: [number, number][][] = [];
  const ctx = {
    lineWidth: 0,
    strokeStyle: '',
    fillStyle: '',
    globalAlpha: 1,
    dashes: [] as readonly number[],
    setLineDash: (dashes: readonly number[]) => (ctx.dashes = dashes),
    save: () => undefined,
    restore: () => undefined,
    beginPath: () => (parts = []),
    moveTo: (x: number, y: number) => parts.push([[x, y]]),
    lineTo: (x: number, y: number) => parts.at(-1)!.push([x, y]),
    arc: (x: number, y: number, radius: number) => discs.push({ x, y, radius, alpha: ctx.globalAlpha }),
    fill: () => undefined,
    stroke() {
      if (parts.length === 0) return;
      const { lineWidth: width, strokeStyle: style, globalAlpha: alpha, dashes } = ctx;
      strokes.push({ width, style, alpha, dashed: dashes.length > 0, parts });
    },
  };
  runOverlay(path)(ctx as unknown as Context2D, locate, { em: 10, scale: 1, theme: themes.light });
  return { strokes, discs, lines: strokes.filter(({ style }) => style.startsWith('rgb(2')) };
}

const path: RunPath = {
  a: [0, 100, 200, 300],
  b: [0, 0, 0, 0],
  offPlane: [0, 0, 1, 1],
  values: null,
  head: 2,
};
const flat: Locate = ({ a, b }) => ({ x: a, y: b });

it('is explained in the key, which says nothing of other overlays', () => {
  const axis = { from: 0, to: 1, count: 2 };
  const panel = { columns: axis, rows: axis, values: new Float64Array([1, 2, 3, 4]) };
  const kinds = (...overlays: Overlay[]) =>
    resolveFigure({
      scale: { name: 'loss', map: 'viridis', norm: 'linear' },
      panels: [{ ...panel, overlays }],
    }).markKinds;
  expect(kinds(runOverlay(path))).toEqual(['run']);
  expect(kinds(() => undefined)).toEqual([]);
});

describe('a run over a map', () => {
  it('is thinner and greyer the farther off the plane, and faint after the step that is looked at', () => {
    const { lines } = drawn(path, flat);
    expect(lines.map(({ width }) => width)).toEqual([3.2, expect.closeTo(1.95, 6), expect.closeTo(0.7, 6)]);
    expect(lines.map(({ style }) => style)).toEqual([
      'rgb(255 150 40)',
      expect.stringMatching(/^rgb\(230 178 12\d\)$/),
      'rgb(205 205 205)',
    ]);
    expect(lines.map(({ alpha }) => alpha)).toEqual([1, 1, 0.4]);
  });

  it('has a dot for each step, the largest where one looks, and none on top of another', () => {
    const { discs } = drawn(path, flat);
    expect(discs.map(({ x }) => x)).toEqual([0, 100, 200, 300]);
    expect(Math.max(...discs.map(({ radius }) => radius))).toBe(discs[2]!.radius);
    const close = { ...path, a: [0, 1, 2, 300], head: 3 };
    expect(drawn(close, flat).discs.map(({ x }) => x)).toEqual([0, 300]);
  });

  it('ends where the panel ends, and goes on where it begins again', () => {
    const { lines } = drawn(path, ({ a, b }) => (a > 130 && a < 170 ? null : { x: a, y: b }));
    expect(lines[1]!.parts).toHaveLength(2);
    expect(lines[1]!.parts.map((part) => [part[0]![0], part.at(-1)![0]])).toEqual([
      [100, 125],
      [175, 200],
    ]);
  });
});

describe('a run over a surface', () => {
  const hilly: Locate = ({ a }, value) => ({ x: a, y: value ?? 50 });

  it('has stems to true values that are known and lie apart', () => {
    const { strokes } = drawn({ ...path, values: [90, 50.5, NaN, 10] }, hilly);
    const stems = strokes.filter(({ style }) => style === '#ffffff');
    expect(stems.map(({ parts }) => parts[0])).toEqual([
      [
        [0, 50],
        [0, 90],
      ],
      [
        [300, 50],
        [300, 10],
      ],
    ]);
  });

  it('is dashed and faint where something stands in front of it', () => {
    const ridge: Locate = ({ a }) => ({ x: a, y: 50, hidden: a > 130 && a < 170 });
    const { lines } = drawn(path, ridge);
    const ends = ({ parts }: Stroke) => parts.map((part) => [part[0]![0], part.at(-1)![0]]);
    // The piece that goes behind the ridge counts as hidden.
    expect(lines.slice(1, 3).map(ends)).toEqual([
      [
        [100, 125],
        [175, 200],
      ],
      [[125, 175]],
    ]);
    const [seen, hidden] = [lines[1]!, lines[2]!];
    expect(seen.dashed).toBe(false);
    expect(hidden.dashed).toBe(true);
    expect(hidden.alpha).toBeLessThan(seen.alpha / 2);
    const far: Locate = ({ a, b }) => ({ x: a, y: b, hidden: a === 100 });
    const { discs } = drawn(path, far);
    expect(discs[1]!.alpha).toBeLessThan(discs[0]!.alpha / 2);
  });

  it('has none where nothing is known', () => {
    expect(drawn(path, hilly).strokes.some(({ style }) => style === '#ffffff')).toBe(false);
  });
});
