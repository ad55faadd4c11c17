/**
 * A figure as a PNG file: drawn again at the size asked for, never scaled up from the screen.
 */
import { drawFigure } from './figure.js';
import { naturalSize } from './layout.js';
import type { PanelPainter } from './panel.js';
import type { Figure } from './spec.js';
import type { ThemeName } from './theme.js';

export type PngPreset = '1x' | '2x' | '4x' | '1920x1080';

/** Notes to be written into the file; `src/io/png.ts` does it. */
export interface PngNotes {
  readonly pixelsPerMetre: number;
  /** Keyword and text, in order. */
  readonly texts: readonly (readonly [keyword: string, text: string])[];
}

export interface PngOptions {
  readonly preset: PngPreset;
  /** Default light. */
  readonly theme?: ThemeName;
  /** Size at 1× in CSS pixels. Default: the figure's natural size. The slide preset has its own. */
  readonly size?: { readonly width: number; readonly height: number };
  /** What made the picture; written as JSON under the keyword `isoloss`. */
  readonly provenance: unknown;
  /** How panels are drawn; default as maps. */
  readonly paint?: PanelPainter;
  /** `annotatePng` of src/io/png.ts; handed in because plotting does not import readers and writers. */
  readonly annotate: (png: Uint8Array, notes: PngNotes) => Uint8Array<ArrayBuffer>;
}

/** 96 dots per inch, the CSS pixel: 3779.5 per metre. */
const pixelsPerMetre = 96 / 0.0254;

const scaleOf: Readonly<Record<PngPreset, number>> = { '1x': 1, '2x': 2, '4x': 4, '1920x1080': 1 };

/** Longest side a canvas may have in every common browser, in pixels. */
const longestSide = 16384;

/**
 * Renders the figure. Its size at 1× is 96 dpi, 2× has 192, and so on. Throws RangeError when the picture
 * would be larger than canvases are, Error when the browser cannot make it.
 */
export async function renderPng(figure: Figure, options: PngOptions): Promise<Blob> {
  const scale = scaleOf[options.preset];
  const { width, height } = sizeOf(figure, options);
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (columns > longestSide || rows > longestSide) {
    throw new RangeError(
      `A picture of ${columns} × ${rows} pixels is larger than browsers can draw (${longestSide}): choose a smaller size.`,
    );
  }
  const canvas = new OffscreenCanvas(columns, rows);
  const ctx = canvas.getContext('2d');
  if (!ctx)
    throw new Error(`The browser gave no canvas of ${columns} × ${rows} pixels: choose a smaller size.`);
  const spec = { ...figure, ...forFile(options) };
  drawFigure(ctx, spec, width, height, scale, options.theme ?? 'light', options.paint);
  const plain = await canvas.convertToBlob({ type: 'image/png' });
  const title = figure.title ?? figure.panels.map((panel) => panel.title ?? '').join(', ');
  const annotated = options.annotate(new Uint8Array(await plain.arrayBuffer()), {
    pixelsPerMetre: Math.round(pixelsPerMetre * scale),
    texts: [
      ...(title ? ([['Title', title]] as const) : []),
      ['Software', 'Isoloss'],
      ['isoloss', JSON.stringify(options.provenance)],
    ],
  });
  return new Blob([annotated], { type: 'image/png' });
}

/** What belongs to the screen alone: the crosshair, and on a slide the screen's size of text. */
function forFile({ preset }: PngOptions): Partial<Figure> {
  return preset === '1920x1080' ? { crosshair: null, em: undefined } : { crosshair: null };
}

function sizeOf(figure: Figure, { preset, size }: PngOptions): { width: number; height: number } {
  if (preset === '1920x1080') return { width: 1920, height: 1080 };
  if (size) return size;
  const ctx = new OffscreenCanvas(1, 1).getContext('2d');
  if (!ctx) throw new Error('The browser gave no canvas to measure text with.');
  return naturalSize(ctx, figure, figure.arrangement === 'column' ? 'column' : 'row');
}
