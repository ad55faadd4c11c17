/** The gallery page: all pictures below each other, or the one named by `?only=`. */
import { annotatePng } from '../../src/io/png.js';
import { type PngPreset, renderPng } from '../../src/plot/export.js';
import { drawFigure } from '../../src/plot/figure.js';
import type { ThemeName } from '../../src/plot/theme.js';
import { checkPicture, type Check } from './checks.js';
import { pictures } from './pictures.js';

declare global {
  interface Window {
    /** What gallery.test.ts drives. */
    gallery: {
      readonly names: readonly string[];
      check(name: string, isPerturbed?: boolean): Promise<Check[]>;
      /** The file in base64. */
      png(name: string, preset: PngPreset, theme: ThemeName, provenance: unknown): Promise<string>;
    };
  }
}

window.gallery = {
  names: Object.keys(pictures),
  check: async (name, isPerturbed = false) => checkPicture(await pictures[name]!(), isPerturbed),
  png: async (name, preset, theme, provenance) => {
    const { figure } = await pictures[name]!();
    const blob = await renderPng(figure, { preset, theme, provenance, annotate: annotatePng });
    const reader = new FileReader();
    reader.readAsDataURL(blob);
    await new Promise((resolve) => reader.addEventListener('load', resolve));
    return (reader.result as string).split(',')[1]!;
  },
};

const only = new URLSearchParams(location.search).get('only');
for (const name of window.gallery.names) {
  if (only !== null && !only.split(',').includes(name)) continue;
  const { figure, width, height, theme, paint, behind } = await pictures[name]!();
  const canvas = document.createElement('canvas');
  canvas.id = name;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px`, background: behind ?? '' });
  drawFigure(canvas.getContext('2d')!, figure, width, height, devicePixelRatio, theme, paint);
  const caption = document.createElement('figcaption');
  caption.textContent = name;
  const element = document.createElement('figure');
  element.append(canvas, caption);
  document.body.append(element);
}
document.body.dataset['ready'] = 'true';
