/**
 * Text on a canvas: outlined, cut, wrapped.
 */
import type { Context2D } from './heatmap.js';

/** Text with an outline, at the context's current font and alignment. */
export function haloText(
  ctx: Context2D,
  text: string,
  x: number,
  y: number,
  colours: { readonly fill: string; readonly halo: string; readonly width: number },
): void {
  ctx.save();
  ctx.lineJoin = 'round';
  ctx.strokeStyle = colours.halo;
  ctx.lineWidth = colours.width;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colours.fill;
  ctx.fillText(text, x, y);
  ctx.restore();
}

/** The text, cut with an ellipsis where it is wider than `width`. */
export function fitText(ctx: Context2D, text: string, width: number): string {
  if (ctx.measureText(text).width <= width) return text;
  const characters = [...text];
  let [fits, tooLong] = [0, characters.length];
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    const short = `${characters.slice(0, middle).join('')}…`;
    if (ctx.measureText(short).width <= width) fits = middle;
    else tooLong = middle;
  }
  return `${characters.slice(0, fits).join('').trimEnd()}…`;
}

/** Words in lines no wider than `width`, at most `most` of them; the last is cut where more would follow. */
export function wrapText(ctx: Context2D, text: string, width: number, most: number): string[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  const lines: string[] = [];
  let line = '';
  while (words.length > 0) {
    const longer = line === '' ? words[0]! : `${line} ${words[0]!}`;
    if (line !== '' && ctx.measureText(longer).width > width) {
      if (lines.length === most - 1) break;
      lines.push(line);
      line = '';
      continue;
    }
    line = longer;
    words.shift();
  }
  if (line !== '') lines.push(fitText(ctx, [line, ...words].join(' '), width));
  return lines;
}
