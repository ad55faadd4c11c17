/** The picture that a person takes home: its size, what is written in it, and where its lines run. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { referenceEngine } from '../../src/engine/reference.js';
import { drawDirection } from '../../src/landscape/directions.js';
import { launchBrowser } from '../helpers/browser.js';
import { loadDigits, loadNetwork } from '../helpers/fixtures.js';
import { finished, openPage } from '../helpers/page.js';
import { decodePng, internationalText, type Picture, pngChunks } from '../helpers/png.js';
import { type Preview, servePreview } from '../helpers/server.js';

const SIZE = 21;
const SAMPLES = 40;
const SEED = 5;
const LEVEL = 3;
const QUERY = `?size=${SIZE}&samples=${SAMPLES}&seed=${SEED}&levels=${LEVEL}&theme=light`;

let preview: Preview;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  preview = await servePreview();
  browser = await launchBrowser();
  ({ page } = await openPage(browser, preview.url + QUERY));
  await finished(page);
});
afterAll(async () => {
  await browser?.close();
  await preview?.close();
});

/** Exports as a person does; the arguments are the words on the buttons. */
async function exportPng(size: string, background = 'Light', panels = 'Both panels'): Promise<Buffer> {
  await page.getByRole('button', { name: 'Export' }).click();
  const dialog = page.getByRole('dialog');
  for (const label of [panels, size, background])
    await dialog.getByRole('radio', { name: label, exact: true }).check();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    dialog.getByRole('button', { name: 'Save PNG' }).click(),
  ]);
  const shown = panels === 'Both panels' ? 'bnmlp20-plain-bnmlp20-residual' : 'bnmlp20-residual';
  expect(download.suggestedFilename()).toBe(`isoloss-${shown}-seed${SEED}.png`);
  return readFileSync(await download.path());
}

describe('a PNG of both panels', () => {
  test('has the size asked for, and the resolution that goes with it', async () => {
    const files = [
      await exportPng('1×'),
      await exportPng('2×'),
      await exportPng('4×'),
      await exportPng('Slide'),
    ];
    const sizes = files.map((file) => {
      const header = pngChunks(file)[0]!.data;
      return [header.readUInt32BE(0), header.readUInt32BE(4)] as const;
    });
    const [once, twice, fourTimes, slide] = sizes as [
      (typeof sizes)[0],
      (typeof sizes)[0],
      (typeof sizes)[0],
      (typeof sizes)[0],
    ];
    expect(once[0]).toBeGreaterThan(800);
    expect(once[0]).toBeGreaterThan(once[1]);
    expect(twice.map((pixels, i) => Math.abs(pixels - 2 * once[i]!) <= 1)).toEqual([true, true]);
    expect(fourTimes.map((pixels, i) => Math.abs(pixels - 4 * once[i]!) <= 2)).toEqual([true, true]);
    expect(slide).toEqual([1920, 1080]);

    // 96 dots per inch at 1×, in dots per metre, along both axes.
    const resolutions = files.map((file) => {
      const { data } = pngChunks(file).find(({ type }) => type === 'pHYs')!;
      return [data.readUInt32BE(0), data.readUInt32BE(4), data[8]];
    });
    expect(resolutions).toEqual([3780, 7559, 15118, 3780].map((dots) => [dots, dots, 1]));
  });

  test('says what made it', async () => {
    const chunks = pngChunks(await exportPng('1×'));
    expect(chunks[0]!.type).toBe('IHDR');
    expect(chunks.at(-1)!.type).toBe('IEND');
    const made = JSON.parse(internationalText(chunks, 'isoloss')) as Record<string, unknown>;
    expect(made).toMatchObject({
      software: 'Isoloss',
      plane: { seed: SEED, normalise: 'filter', bias: 'ignore' },
      panels: [{ network: 'bnmlp20-plain' }, { network: 'bnmlp20-residual' }],
      engines: [{ engine: 'wasm', arithmetic: 'float32', points: 2 * SIZE ** 2 }],
    });
    const query = new URLSearchParams(made['query'] as string);
    expect([query.get('size'), query.get('samples'), query.get('levels')]).toEqual([
      String(SIZE),
      String(SAMPLES),
      String(LEVEL),
    ]);
  });

  test('is transparent or dark where that is asked for', async () => {
    const corner = (file: Buffer) => [...decodePng(file).pixels.subarray(0, 4)];
    expect(corner(await exportPng('1×', 'Light'))).toEqual([255, 255, 255, 255]);
    expect(corner(await exportPng('1×', 'Transparent, dark text'))[3]).toBe(0);
    const dark = corner(await exportPng('1×', 'Dark'));
    expect(Math.max(...dark.slice(0, 3))).toBeLessThan(60);
    expect(dark[3]).toBe(255);
  });

  test('shows the contour where the float64 reference says it runs', async () => {
    const picture = decodePng(await exportPng('2×'));
    const panels = findPanels(picture);
    expect(panels).toHaveLength(2);
    for (const [i, name] of ['bnmlp20-plain', 'bnmlp20-residual'].entries()) {
      const crossings = await levelCrossings(name);
      expect(crossings.length).toBeGreaterThan(10);
      const on = crossings.filter(([x, y]) => hasLine(picture, panels[i]!, x, y)).length;
      const beside = crossings.filter(([x, y]) => hasLine(picture, panels[i]!, x + 0.035, y)).length;
      // The label and the marks hide a crossing or two; elsewhere a line may pass by chance.
      expect(on / crossings.length, name).toBeGreaterThan(0.8);
      expect(beside / crossings.length, `${name}, beside the line`).toBeLessThan(0.35);
    }
  });
});

test('a PNG of one panel shows that one', async () => {
  const file = await exportPng('1×', 'Light', 'with skips');
  expect(findPanels(decodePng(file))).toHaveLength(1);
  const made = JSON.parse(internationalText(pngChunks(file), 'isoloss')) as { panels: unknown[] };
  expect(made.panels).toHaveLength(1);
});

/** Where the level crosses the rows of the grid: x to the right and y upwards, each 0 … 1 over the panel. */
async function levelCrossings(name: string): Promise<[x: number, y: number][]> {
  const model = loadNetwork(name);
  const options = { seed: SEED, normalise: 'filter', bias: 'ignore' } as const;
  const evaluator = await referenceEngine.prepare({
    model,
    d1: drawDirection(model, { ...options, index: 0 }),
    d2: drawDirection(model, { ...options, index: 1 }),
    data: loadDigits(SAMPLES),
    loss: 'ce',
  });
  const node = (i: number) => (2 * i) / (SIZE - 1) - 1;
  const a = Float64Array.from({ length: SIZE * SIZE }, (_, i) => node(i % SIZE));
  const b = Float64Array.from({ length: SIZE * SIZE }, (_, i) => node(Math.floor(i / SIZE)));
  const sums = await evaluator.evaluate({ a, b }, { first: 0, count: SAMPLES });
  // The colour scale is logarithmic, and lines are traced on it.
  const height = sums.loss.map((loss) => Math.log(loss / SAMPLES / LEVEL));
  const crossings: [number, number][] = [];
  for (let row = 1; row < SIZE - 1; row++) {
    for (let column = 0; column < SIZE - 1; column++) {
      const [left, right] = [height[row * SIZE + column]!, height[row * SIZE + column + 1]!];
      if (left < 0 === right < 0) continue;
      crossings.push([(column + left / (left - right)) / (SIZE - 1), row / (SIZE - 1)]);
    }
  }
  return crossings;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The heatmaps: wide fields of colour on a page that is grey otherwise. The colour bar is too narrow to be one. */
function findPanels(picture: Picture): Box[] {
  const { width, height } = picture;
  const colourful = (x: number, y: number) => {
    const [least, most] = extremes(picture, x, y);
    return most - least > 40;
  };
  const columns = Array.from({ length: width }, (_, x) => {
    let count = 0;
    for (let y = 0; y < height; y++) if (colourful(x, y)) count++;
    return count > height / 3;
  });
  return runs(columns)
    .filter(([from, to]) => to - from > width / 5)
    .map(([left, right]) => {
      const rows = Array.from({ length: height }, (_, y) => {
        let count = 0;
        for (let x = left; x <= right; x++) if (colourful(x, y)) count++;
        return count > (right - left) / 2;
      });
      const [top, bottom] = runs(rows).reduce((best, run) =>
        run[1] - run[0] > best[1] - best[0] ? run : best,
      );
      return { left, right, top, bottom };
    });
}

/** First and last index of every stretch of true; gaps of up to three, as lines make, are bridged. */
function runs(flags: readonly boolean[]): [first: number, last: number][] {
  const found: [number, number][] = [];
  flags.forEach((flag, i) => {
    const open = found.at(-1);
    if (!flag) return;
    if (open && i - open[1] <= 4) open[1] = i;
    else found.push([i, i]);
  });
  return found;
}

/** Whether a pixel within three of the place is as bright or as dark as lines are and heatmaps never. */
function hasLine(picture: Picture, box: Box, x: number, y: number): boolean {
  const column = Math.round(box.left + x * (box.right - box.left));
  const row = Math.round(box.bottom - y * (box.bottom - box.top));
  for (let dx = -3; dx <= 3; dx++) {
    const [least, most] = extremes(picture, column + dx, row);
    if (least > 190 || most < 45) return true;
  }
  return false;
}

/** The least and the most of a pixel's red, green and blue. */
function extremes({ width, pixels }: Picture, x: number, y: number): readonly [least: number, most: number] {
  const at = (y * width + x) * 4;
  const [r, g, b] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
  return [Math.min(r, g, b), Math.max(r, g, b)];
}
