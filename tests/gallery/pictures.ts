/**
 * Every function here is an example of the plot code, a picture on the gallery page, and a test of what
 * must stand where (gallery.test.ts).
 */
import { type NetworkName, networkPanel } from './networks.js';
import { panelOf, type Picture, picture } from './picture.js';
import { defaultAngles } from '../../src/plot/camera.js';
import { runOverlay } from '../../src/plot/run-path.js';
import type { ColourScale, Figure } from '../../src/plot/spec.js';
import { surfacePainter } from '../../src/plot/surface.js';

const loss: ColourScale = { name: 'loss', map: 'viridis', norm: 'log' };
const error: ColourScale = { name: 'error (%)', map: 'magma', norm: 'linear' };

async function pair(depth: 'bnmlp20' | 'bnmlp10', quantity: 'loss' | 'error' = 'loss'): Promise<Figure> {
  return {
    title: `Digits · ${depth.slice(5)} blocks`,
    footer: 'Filter-normalised random directions, seed 1 · 1,400 samples · 21 × 21 points',
    scale: quantity === 'loss' ? loss : error,
    panels: await Promise.all([
      networkPanel(`${depth}-plain`, 'without skips', quantity),
      networkPanel(`${depth}-residual`, 'with skips', quantity),
    ]),
  };
}

async function single(name: NetworkName, scale: ColourScale): Promise<Figure> {
  return { scale, panels: [await networkPanel(name, name)] };
}

const wave = (a: number, b: number): number => Math.sin(3 * a) * Math.cos(2 * b) + 0.4 * a;

/** Places on a circle around the centre. */
const circle = (radius: number): { a: number; b: number }[] =>
  Array.from({ length: 16 }, (_, i) => ({
    a: radius * Math.cos((i * Math.PI) / 8 + 0.1),
    b: radius * Math.sin((i * Math.PI) / 8 + 0.1),
  }));

/** A run that leaves the plane, then the picture. */
const bend = {
  a: [-0.8, -0.3, 0.1, 0.4, 1.6],
  b: [-0.6, -0.5, 0, 0.6, 0.6],
  offPlane: [0, 0.1, 0.5, 0.9, 1],
  values: [-0.2, 0.5, 0.6, NaN, 0],
  head: 2,
};

/** Places along it inside the picture, so far above. */
const alongBend = (above: number): { a: number; b: number }[] =>
  [0, 1, 2].flatMap((k) =>
    [0.1, 0.35, 0.6, 0.85].map((t) => ({
      a: bend.a[k]! + t * (bend.a[k + 1]! - bend.a[k]!),
      b: bend.b[k]! + t * (bend.b[k + 1]! - bend.b[k]!) + above,
    })),
  );

export const pictures: Readonly<Record<string, () => Promise<Picture> | Picture>> = {
  runOnMap: () =>
    picture(
      {
        scale: { name: 'value', map: 'viridis', norm: 'linear' },
        contours: null,
        panels: [panelOf(31, 1, wave, { overlays: [runOverlay(bend)] })],
      },
      { width: 700, height: 640, paths: { on: alongBend(0), off: alongBend(0.12) } },
    ),

  runOnSurface: () =>
    picture(
      {
        scale: { name: 'value', map: 'viridis', norm: 'linear' },
        panels: [panelOf(31, 1, wave, { overlays: [runOverlay(bend)] })],
      },
      { width: 700, height: 640, theme: 'dark', paint: surfacePainter(defaultAngles, 'value') },
    ),

  firstView: async () => picture(await pair('bnmlp20')),

  firstViewDark: async () => picture(await pair('bnmlp20'), { theme: 'dark' }),

  surface: async () => picture(await pair('bnmlp20'), { paint: surfacePainter(defaultAngles, 'loss') }),

  surfaceSlideDark: async () =>
    picture(await pair('bnmlp10'), {
      width: 1920,
      height: 1080,
      theme: 'dark',
      paint: surfacePainter({ azimuth: 2.4, elevation: 0.5 }, 'loss'),
    }),

  surfaceWithHoles: () =>
    picture(
      {
        scale: { name: 'value', map: 'cividis', norm: 'linear' },
        panels: [panelOf(41, 1, (a, b) => (Math.hypot(a - 0.4, b) < 0.2 ? NaN : wave(a, b)))],
      },
      { width: 700, height: 640, paint: surfacePainter({ azimuth: -0.4, elevation: 0.9 }, 'value') },
    ),

  slide: async () => picture(await pair('bnmlp20'), { width: 1920, height: 1080 }),

  slideDark: async () =>
    picture(
      { ...(await pair('bnmlp10')), scale: { ...loss, map: 'magma' } },
      { width: 1920, height: 1080, theme: 'dark' },
    ),

  narrow: async () =>
    picture({ ...(await pair('bnmlp20')), arrangement: 'column' }, { width: 390, height: 1060 }),

  narrowDark: async () =>
    picture(
      { ...(await pair('bnmlp10')), arrangement: 'column' },
      { width: 390, height: 1060, theme: 'dark' },
    ),

  onScreen: async () => {
    const { panels, scale } = await pair('bnmlp20');
    const figure: Figure = { panels, scale, em: 13, key: false, crosshair: { a: 0.312, b: -0.208 } };
    return picture(figure, { width: 1160, height: 700 });
  },

  classificationError: async () => picture(await pair('bnmlp20', 'error')),

  oneSlide: async () =>
    picture(
      { ...(await single('mlp-tanh', { ...loss, map: 'cividis' })), title: 'Two residual blocks, tanh' },
      { width: 1920, height: 1080 },
    ),

  flatCells: async () =>
    picture({ ...(await pair('bnmlp10')), shading: 'flat' as const, scale: { ...loss, map: 'grey' } }),

  linesOnly: async () => picture({ ...(await pair('bnmlp20')), heatmap: false }),

  linesOnlyDark: async () => picture({ ...(await pair('bnmlp20')), heatmap: false }, { theme: 'dark' }),

  difference: async () => {
    const [plain, residual] = await Promise.all([
      networkPanel('mlp-plain-relu', ''),
      networkPanel('mlp-residual-relu', ''),
    ]);
    const values = plain.values.map((value, i) => residual.values[i]! - value);
    return picture(
      {
        title: 'What the skips change',
        scale: { name: 'Δ loss', map: 'bluered', norm: 'symlog', constant: 0.01 },
        panels: [
          { ...plain, title: 'with skips − without', values, caption: 'blue: lower with skips', marks: [] },
        ],
      },
      { width: 760, height: 760 },
    );
  },

  quadratic: () =>
    picture(
      {
        scale: { name: 'f', map: 'viridis', norm: 'linear' },
        contours: { levels: [0.25, 1], labels: false },
        panels: [panelOf(51, 1.5, (a, b) => a * a + b * b)],
      },
      {
        width: 700,
        height: 640,
        lines: {
          on: [...circle(0.5), ...circle(1)],
          off: [...circle(0.75), ...circle(1.25), ...circle(0.25)],
        },
      },
    ),

  overTheEdge: () =>
    picture(
      {
        scale: { name: 'f', map: 'grey', norm: 'linear' },
        contours: { levels: [0.5], labels: false },
        panels: [panelOf(21, 1, (a, b) => (a < -0.5 && b < -0.5 ? NaN : a))],
      },
      {
        width: 560,
        height: 500,
        lines: {
          on: [-0.98, -0.3, 0, 0.7, 0.98].map((b) => ({ a: 0.5, b })),
          // Neither along the frame nor around the hole.
          off: [-0.98, -0.45, 0, 0.98].flatMap((t) => [
            { a: 0.99, b: t },
            { a: -0.45, b: t },
            { a: -0.55, b: t },
          ]),
        },
      },
    ),

  notANumber: () =>
    picture({
      title: 'NaN and infinity are counted, not hidden',
      scale: { name: 'loss', map: 'viridis', norm: 'log' },
      panels: [
        panelOf(41, 1, (a, b) => (Math.hypot(a - 0.4, b - 0.3) < 0.25 ? NaN : 0.02 + a * a + 3 * b * b), {
          title: 'a hole',
          caption: 'loss 0.02',
        }),
        panelOf(41, 1, (a, b) => (a + b > 1.2 ? Infinity : Math.exp(6 * (a + b))), {
          title: 'an overflow',
          caption: 'loss 1',
        }),
      ],
    }),

  notANumberNarrow: () =>
    picture(
      {
        scale: { name: 'loss', map: 'viridis', norm: 'log' },
        panels: [
          panelOf(41, 1, (a, b) => (a + b > 1.2 ? Infinity : a < -0.9 ? NaN : Math.exp(6 * (a + b))), {
            title: 'an overflow',
          }),
        ],
      },
      { width: 390, height: 520 },
    ),

  clipped: () =>
    picture({
      title: 'Limits chosen by hand',
      scale: { name: 'loss', map: 'cividis', norm: 'linear', limits: { min: -0.5, max: 0.5 } },
      panels: [
        panelOf(61, 2, wave, { title: 'left' }),
        panelOf(61, 2, (a, b) => 1.4 * wave(b, a), { title: 'right' }),
      ],
    }),

  ownScales: () =>
    picture({
      scale: { name: 'loss', map: 'viridis', norm: 'linear' },
      panels: [
        panelOf(61, 2, wave, { title: 'shared scale' }),
        panelOf(61, 2, (a, b) => Math.exp(3 * wave(a, b)), {
          title: 'a scale of its own',
          scale: { name: 'exp', map: 'magma', norm: 'log' },
        }),
      ],
    }),

  coarse: () => {
    const panel = panelOf(51, 1, (a, b) => 0.01 + a * a + 2 * b * b * (1 + a));
    const computed = Uint8Array.from(panel.values, (_, i) => {
      const [x, y] = [(i % 51) - 25, Math.floor(i / 51) - 25];
      const stride = y > 8 ? 2 : 4;
      return x % stride === 0 && y % stride === 0 ? 1 : 0;
    });
    return picture(
      { scale: loss, panels: [{ ...panel, computed, title: 'still computing' }] },
      { width: 700, height: 640 },
    );
  },

  nothingYet: () => {
    const panel = panelOf(51, 1, () => 1);
    const computed = new Uint8Array(51 * 51);
    return picture(
      {
        scale: loss,
        panels: [
          { ...panel, computed, title: 'without skips' },
          { ...panel, computed, title: 'with skips' },
        ],
      },
      { theme: 'dark' },
    );
  },

  closeUp: () => {
    const panel = panelOf(31, 1, (a, b) => 0.0221704 + 1e-9 * (a * a + 2 * b * b));
    const around = (middle: number): typeof panel.columns => ({
      from: middle - 1e-6,
      to: middle + 1e-6,
      count: 31,
    });
    return picture(
      {
        scale: { name: 'loss', map: 'viridis', norm: 'linear' },
        panels: [{ ...panel, columns: around(0.312), rows: around(0), title: 'zoomed in a million times' }],
      },
      { width: 760, height: 640 },
    );
  },

  plateau: () =>
    picture(
      { scale: loss, panels: [panelOf(21, 1, () => 2.302585, { title: 'nothing but a plateau' })] },
      { width: 700, height: 640 },
    ),

  manyDecades: () =>
    picture(
      {
        scale: { name: 'loss', map: 'magma', norm: 'log' },
        panels: [
          panelOf(41, 1, (a, b) => 10 ** (14 * (a * a + b * b) - 12), { title: 'twenty-eight decades' }),
        ],
      },
      { width: 700, height: 640 },
    ),

  transparent: async () => picture(await pair('bnmlp10'), { theme: 'transparent', behind: '#f6e8c9' }),

  transparentDark: async () =>
    picture(await pair('bnmlp10'), { theme: 'transparent-dark', behind: '#0b2540' }),

  longTexts: async () => {
    const { panels, ...figure } = await pair('bnmlp20');
    return picture({
      ...figure,
      title:
        'A title that goes on and on until it meets the other side of the figure and is cut with an ellipsis there',
      footer: 'A footer of some length, '.repeat(8),
      panels: panels.map((panel) => ({
        ...panel,
        title: 'A title longer than its panel is wide, which is cut as well',
        caption: 'loss 1.605 · cos 0.03\na second line',
      })),
    });
  },
};
