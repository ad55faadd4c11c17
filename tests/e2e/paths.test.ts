/** The mode "Paths": a race by pointer and keyboard, its numbers, its link, and whether everyone can use it. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from '../helpers/accessible.js';
import { launchBrowser } from '../helpers/browser.js';
import { openPage, type PageOptions } from '../helpers/page.js';
import { decodePng, internationalText, pngChunks } from '../helpers/png.js';
import { type Preview, servePreview } from '../helpers/server.js';

let preview: Preview;
let browser: Browser;
let page: Page;
let trouble: readonly string[] = [];
let requests: readonly string[] = [];

beforeAll(async () => {
  preview = await servePreview();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await preview?.close();
});
afterEach(async () => {
  await page?.close();
  expect(trouble).toEqual([]);
});

async function visit(query: string, options: PageOptions = {}): Promise<void> {
  ({ page, trouble, requests } = await openPage(browser, preview.url + query, options));
  await plane().waitFor();
}

const plane = () => page.getByRole('application');
const racer = (n: number) => page.getByRole('group', { name: `Optimizer ${n}:` });
const query = () => new URL(page.url()).searchParams;
const button = (name: string) => page.getByRole('button', { name, exact: true });

/** Drags from one place of the plane to another; shares of its width and height. */
async function drag(from: [number, number], to: [number, number]): Promise<void> {
  const { x, y, width, height } = (await plane().boundingBox())!;
  await page.mouse.move(x + from[0] * width, y + from[1] * height);
  await page.mouse.down();
  await page.mouse.move(x + to[0] * width, y + to[1] * height, { steps: 4 });
  await page.mouse.up();
}

describe('a race', () => {
  test('is opened from the landscape, which computes nothing meanwhile', async () => {
    ({ page, trouble, requests } = await openPage(browser, `${preview.url}?size=9&samples=100&engine=wasm`));
    expect(requests.some((address) => /\/page-[^/]*\.js$/.test(address))).toBe(false);
    await page.getByLabel('Mode').selectOption('paths');
    await plane().waitFor();
    expect(query().get('mode')).toBe('paths');
    await page.getByLabel('Mode').selectOption('landscape');
    await page
      .locator('isoloss-status')
      .getByText(/points in [\d.]+ s/)
      .waitFor();
    await page.close();
    await visit('?mode=paths');
    expect(requests.filter((address) => /\.(npz|safetensors|wasm)$/.test(address))).toEqual([]);
  });

  test('on the valley: gradient descent takes the steps that arithmetic says', async () => {
    // w ← (1 − rate·1) w1, (1 − rate·25) w2
    await visit('?mode=paths&problem=valley&start=1,1&racers=gd:0.07,gd:0.09&steps=10');
    const loss = (rate: number): number => ((1 - rate) ** 20 + 25 * (1 - 25 * rate) ** 20) / 2;
    const shown = async (n: number): Promise<number> => {
      const text = await racer(n).getByText(/^loss/).innerText();
      return Number(/^loss ([\d.]+) after 10 steps/.exec(text)![1]);
    };
    expect(await shown(1)).toBeCloseTo(loss(0.07), 4);
    expect((await shown(2)) / loss(0.09)).toBeCloseTo(1, 3);
    await racer(1).getByText('below the stability limit 0.08').waitFor();
    await racer(2).getByText('above the stability limit 0.08').waitFor();
  });

  test('starts where the start is dragged or moved to, in the link and to be taken back', async () => {
    await visit('?mode=paths');
    const before = await racer(1).getByText(/^loss/).innerText();
    await drag([0.45, 0.3], [0.55, 0.6]);
    await expect.poll(() => query().get('start')).toMatch(/^-?[\d.]+,-?[\d.]+$/);
    await expect.poll(() => racer(1).getByText(/^loss/).innerText()).not.toBe(before);
    await button('Undo the last change').click();
    await expect.poll(() => query().get('start')).toBe(null);
    await expect.poll(() => racer(1).getByText(/^loss/).innerText()).toBe(before);
    await plane().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => query().get('start')).toBe('-1.578,0.9');
    await button('Usual start and optimizers').click();
    await expect.poll(() => query().get('start')).toBe(null);
  });

  test('plays, stops and steps', async () => {
    await visit('?mode=paths&steps=50');
    const step = page.getByText(/^step \d+ of 50$/);
    await button('To the start').click();
    await expect.poll(() => step.innerText()).toBe('step 0 of 50');
    await racer(1)
      .getByText(/after 0 steps/)
      .waitFor();
    await plane().focus();
    await page.keyboard.press('.');
    await expect.poll(() => step.innerText()).toBe('step 1 of 50');
    await button('Play').click();
    await expect.poll(() => step.innerText(), { timeout: 10_000 }).toBe('step 50 of 50');
    await button('Play').waitFor();
  });

  test('takes optimizers in and out, with their rates', async () => {
    await visit('?mode=paths&racers=gd:0.02');
    expect(await button('Remove Gradient descent').isDisabled()).toBe(true);
    await button('Add an optimizer').click();
    await expect.poll(() => query().get('racers')).toBe('gd:0.02,momentum:0.02');
    await racer(2).getByLabel('Learning rate, exactly').fill('0.005');
    await page.keyboard.press('Enter');
    await expect.poll(() => query().get('racers')).toBe('gd:0.02,momentum:0.005');
    await racer(2).getByLabel('Learning rate, exactly').fill('nonsense');
    await page.keyboard.press('Enter');
    await expect.poll(() => racer(2).getByLabel('Learning rate, exactly').inputValue()).toBe('0.005');
    await racer(2).getByLabel('Optimizer').selectOption('flow');
    await expect.poll(() => query().get('racers')).toBe('gd:0.02,flow:0.005');
    await button('Remove Gradient descent').click();
    await expect.poll(() => query().get('racers')).toBe('flow:0.005');
  });

  test('runs on a formula as it is typed, and says where one is wrong', async () => {
    await visit('?mode=paths&problem=formula&racers=gd:0.1&start=2,1&steps=1');
    const formula = page.getByLabel('Loss of w1 and w2');
    await formula.fill('w1^2 + 3*w2^2');
    // One step of 0.1: (2 − 0.4, 1 − 0.6)
    await racer(1).getByText('loss 3.04 after 1 step').waitFor();
    await formula.fill('w1^2 + 3*');
    await page.getByText('The formula ends where a number, w1 or w2 belongs (at character 10).').waitFor();
    await racer(1).getByText('loss 3.04 after 1 step').waitFor();
    await formula.fill('w1^2 + 3*w2^2 + 1');
    await racer(1).getByText('loss 4.04 after 1 step').waitFor();
  });

  test('colours starts by where they end', async () => {
    await visit('?mode=paths&problem=himmelblau&racers=gd:0.01&basins=1');
    await page.getByText(/4 places where Gradient descent ends/).waitFor();
  });

  test('colours starts by where the chosen optimizer ends', async () => {
    await visit('?mode=paths&problem=himmelblau&racers=gd:0.01,adam:0.1&basins=2');
    await page.getByText(/places where Adam ends/).waitFor();
    await page.getByLabel('Basins', { exact: true }).selectOption({ label: '1: Gradient descent, 0.01' });
    await page.getByText(/4 places where Gradient descent ends/).waitFor();
    expect(query().get('basins')).toBe('1');
  });

  test('is saved as a picture that brings the page back', async () => {
    await visit('?mode=paths&problem=valley&racers=gd:0.07&start=1,1&steps=10');
    const waiting = page.waitForEvent('download');
    await button('Save the picture').click();
    const download = await waiting;
    expect(download.suggestedFilename()).toBe('isoloss-paths-valley-step10.png');
    const file = readFileSync(await download.path());
    const { width, height } = decodePng(file);
    expect([width, height]).toEqual([1920, 1680]);
    const made = JSON.parse(internationalText(pngChunks(file), 'isoloss')) as Record<string, unknown>;
    expect(made).toMatchObject({ step: 10, start: [1, 1], optimizers: [{ name: 'gd', rate: 0.07 }] });
    await button('All settings to their defaults').click();
    const input = page.locator('#files');
    await input.setInputFiles({ name: 'paths.png', mimeType: 'image/png', buffer: file });
    await expect.poll(() => query().get('racers')).toBe('gd:0.07');
    expect(query().get('mode')).toBe('paths');
  });
});

describe.each([1440, 390])('at %d pixels', (width) => {
  test.each(['light', 'dark'])('axe finds nothing, and nothing scrolls sideways: %s', async (theme) => {
    const options = { width, height: width < 800 ? 844 : 900 };
    await visit(`?mode=paths&problem=formula&theme=${theme}`, options);
    await page.getByLabel('Loss of w1 and w2').fill('(w1');
    await page.getByText('This bracket is never closed').waitFor();
    await expectAccessible(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
  });
});

describe('a race on a network', () => {
  const reached = (n: number) =>
    racer(n).getByText(/^loss [\d.e−-]+ after 20 steps, [\d.]+ % of its way off the plane$/);

  test('runs in the full space from where the start is dragged, on the landscape’s plane, and is in the link', async () => {
    await visit(
      '?mode=paths&problem=network&left=mlp-tanh&size=9&samples=100&steps=20&engine=wasm&racers=gd:0.1,adam:0.003',
    );
    const before = await reached(1).innerText();
    await page.getByText('All of 2 runs go mostly off the plane').waitFor();
    await drag([0.6, 0.4], [0.45, 0.3]);
    await expect.poll(() => reached(1).innerText()).not.toBe(before);
    await expect.poll(() => query().get('start')).toMatch(/^-?[\d.]+,-?[\d.]+$/);
    await reached(2).waitFor();
    await expectAccessible(page);
    // A race is the same one every time.
    const shown = await reached(2).innerText();
    const address = page.url();
    await page.close();
    await visit(address.slice(preview.url.length));
    await expect.poll(() => reached(2).innerText()).toBe(shown);

    // Every start by the place where Adam ends from it.
    await page.getByLabel('Basins', { exact: true }).selectOption('2');
    await page.getByText(/^\d+ places? where Adam ends; darker is later/).waitFor({ timeout: 60_000 });
    await page.getByText(/(\d+) × \1 starts\./).waitFor();
    expect(query().get('basins')).toBe('2');
    await page.getByLabel('Basins', { exact: true }).selectOption('off');

    // On the plane through both its ends the same run goes off and comes back.
    await page.getByLabel('Plane through the centre, the start and the end of').selectOption('Adam');
    await expect
      .poll(async () => Number(/, ([\d.]+) % of its/.exec(await reached(2).innerText())![1]))
      .toBeLessThan(2);
    await page.getByLabel('Problem', { exact: true }).selectOption('valley');
    await racer(4).waitFor();
    expect(query().get('start')).toBe(null);
  });
});
