import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type ViteDevServer } from 'vite';
import { fileURLToPath } from 'node:url';
import { readPngProvenance, readPngResolution, readPngTexts } from '../../src/io/png.js';
import { launchBrowser } from '../helpers/browser.js';
import { expectClose } from '../helpers/compare.js';
import { decodePng, type Picture, pngChunks } from '../helpers/png.js';
import type { Check } from './checks.js';
import { pictures } from './pictures.js';

/** One entry of a 256-colour table may differ by this much from its neighbour. */
const tolerance = { relative: 0, absolute: 4 };

let server: ViteDevServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  server = await createServer({
    root: fileURLToPath(new URL('../../', import.meta.url)),
    configFile: false,
    cacheDir: 'node_modules/.cache/isoloss-gallery',
    logLevel: 'error',
    optimizeDeps: { entries: ['tests/gallery/index.html'] },
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  });
  await server.listen();
  browser = await launchBrowser();
  page = await browser.newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  const address = server.resolvedUrls!.local[0]!;
  await page.goto(`${address}tests/gallery/index.html`);
  await page.waitForSelector('body[data-ready]', { state: 'attached', timeout: 60_000 });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

const check = (name: string, isPerturbed = false): Promise<Check[]> =>
  page.evaluate(([which, perturbed]) => window.gallery.check(which, perturbed), [name, isPerturbed] as const);

const expectChecks = (checks: readonly Check[]): void => {
  for (const { what, actual, expected } of checks) {
    const exact = expected.every((value) => value <= 1);
    expectClose(actual, expected, exact ? { relative: 0, absolute: 0 } : tolerance, what);
  }
};

it('draws every picture without an error', async () => {
  expect(problems).toEqual([]);
  expect(await page.locator('canvas').count()).toBe(Object.keys(pictures).length);
});

describe('pictures: node colours within 4 of 255, lines in place, nothing cut or overlapping', () => {
  for (const name of Object.keys(pictures)) {
    it(name, { timeout: 30_000 }, async () => {
      expectChecks(await check(name));
    });
  }

  it('and a perturbed one fails each kind of check', async () => {
    const find = (checks: readonly Check[], what: string): Check[] => [
      checks.find((one) => one.what.startsWith(what))!,
    ];
    const perturbed = await check('quadratic', true);
    expect(() => expectChecks(find(perturbed, 'nodes'))).toThrow();
    expect(() => expectChecks(find(perturbed, 'contours'))).toThrow();
    const run = await check('runOnMap', true);
    expect(() => expectChecks(find(run, 'path'))).toThrow();
    const first = await check('firstView', true);
    expect(() => expectChecks(find(first, 'nodes'))).toThrow();
  });
});

describe('PNG', () => {
  const provenance = { seed: 1, title: 'α, β, 损失', versions: { isoloss: '0.1.0' } };
  const png = async (
    preset: '1x' | '2x' | '4x' | '1920x1080',
    theme: 'light' | 'dark' | 'transparent',
  ): Promise<Buffer> => {
    const base64 = await page.evaluate(([p, t, made]) => window.gallery.png('firstView', p, t, made), [
      preset,
      theme,
      provenance,
    ] as const);
    return Buffer.from(base64, 'base64');
  };
  const at = ({ width, pixels }: Picture, x: number, y: number): number[] => [
    ...pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
  ];

  const sizeOf = (file: Buffer): number[] => {
    const { data } = pngChunks(file)[0]!;
    return [data.readUInt32BE(0), data.readUInt32BE(4)];
  };

  it(
    'is rendered again at each size, with its resolution and what made it',
    { timeout: 60_000 },
    async () => {
      const one = await png('1x', 'light');
      const [width, height] = sizeOf(one);
      for (const [preset, scale, perMetre] of [
        ['1x', 1, 3780],
        ['2x', 2, 7559],
        ['4x', 4, 15118],
      ] as const) {
        const file = await png(preset, 'light');
        expect(sizeOf(file)).toEqual([scale * width!, scale * height!]);
        expect(readPngResolution(file, preset)).toEqual({ x: perMetre, y: perMetre });
        expect(readPngProvenance(file, preset)).toEqual(provenance);
        expect(readPngTexts(file, preset).get('Software')).toBe('Isoloss');
        expect(readPngTexts(file, preset).get('Title')).toBe('Digits · 20 blocks');
      }
      const slide = await png('1920x1080', 'light');
      expect(sizeOf(slide)).toEqual([1920, 1080]);
      expect(readPngResolution(slide, 'slide')).toEqual({ x: 3780, y: 3780 });
    },
  );

  it('is light, dark or transparent', { timeout: 60_000 }, async () => {
    for (const [theme, corner] of [
      ['light', [255, 255, 255, 255]],
      ['dark', [20, 23, 28, 255]],
      ['transparent', [0, 0, 0, 0]],
    ] as const) {
      const picture = decodePng(await png('1x', theme));
      expect(at(picture, 0, 0), theme).toEqual([...corner]);
      expect(at(picture, picture.width / 4, picture.height / 2)[3], theme).toBe(255);
    }
  });
});
