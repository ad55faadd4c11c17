/** The quantities of the map in a real browser: what is drawn, read out and exported is what is named. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from '../helpers/accessible.js';
import { launchBrowser } from '../helpers/browser.js';
import { finished, openPage } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

let preview: Preview;
let browser: Browser;
let page: Page;
let trouble: readonly string[] = [];

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

const QUICK = '?size=3&samples=10&engine=wasm&right=none&left=mlp-tanh';

async function choose(quantity: string): Promise<void> {
  await page.getByLabel('Quantity', { exact: true }).selectOption(quantity);
  await expect.poll(() => new URL(page.url()).searchParams.get('show')).toBe(quantity);
  await finished(page);
}

/** The read-out at a point of the map: shares of its width and height. */
async function readAt(right: number, up: number): Promise<string> {
  const box = (await page.getByRole('application').first().boundingBox())!;
  await page.mouse.move(box.x + right * box.width, box.y + (1 - up) * box.height);
  return (await page.locator('isoloss-status .cell').nth(1).innerText()).replaceAll('−', '-');
}

describe('the quantity', () => {
  test('is drawn, read out and named: differences, gradient, curvature', async () => {
    ({ page, trouble } = await openPage(browser, preview.url + QUICK));
    await finished(page);
    const lossOf = async (right: number, up: number) =>
      Number(/(\d+\.\d+(e-?\d+)?)/.exec(await readAt(right, up))![1]);
    const [centre, corner] = [await lossOf(0.5, 0.5), await lossOf(0.99, 0.99)];

    await choose('delta');
    const delta = Number(/Δ (\S+)/.exec(await readAt(0.99, 0.99))![1]);
    // The losses are read out with four digits.
    expect(Math.abs(delta / (corner - centre) - 1)).toBeLessThan(2e-3);
    expect(await readAt(0.5, 0.5)).toMatch(/Δ 0$/);

    await choose('gradient');
    expect(await finished(page)).toContain('WASM');
    expect(Number(/‖∇L‖ (\S+)/.exec(await readAt(0.99, 0.99))![1])).toBeGreaterThan(0);
    expect(await page.getByRole('slider').count()).toBe(2);

    await choose('curvature');
    expect(await readAt(0.99, 0.99)).toMatch(/(bowl|saddle|dome|flat)$/);
    // Kinds have no ends to drag.
    expect(await page.getByRole('slider').count()).toBe(0);
    expect(await page.getByRole('img').first().getAttribute('aria-label')).toMatch(/Shown: curvature: bowl/);
    await page.getByRole('button', { name: 'Export' }).click();
    expect(await page.getByLabel('Caption', { exact: true }).inputValue()).toMatch(/^curvature, /);
  });
});

describe('the way downhill', () => {
  test('is drawn over the map and into the file, on demand', async () => {
    ({ page, trouble } = await openPage(browser, `${preview.url}${QUICK.replace('size=3', 'size=9')}`));
    await finished(page);
    const picture = (dialog = false) =>
      page
        .locator(dialog ? 'isoloss-export canvas' : 'isoloss-figure #picture')
        .evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const exported = async () => {
      await page.getByRole('button', { name: 'Export' }).click();
      const drawn = await picture(true);
      const caption = await page.getByLabel('Caption', { exact: true }).inputValue();
      await page.keyboard.press('Escape');
      return { drawn, caption };
    };
    const [plain, file] = [await picture(), await exported()];
    const choose = async (lines: string) => {
      await page.getByLabel('Downhill', { exact: true }).selectOption(lines);
      await finished(page);
    };
    await choose('streamlines');
    await expect.poll(() => picture()).not.toBe(plain);
    const streams = await picture();
    const withLines = await exported();
    expect(withLines.drawn).not.toBe(file.drawn);
    expect(withLines.caption).toMatch(/^streamlines of gradient descent, /);
    await choose('arrows');
    await expect.poll(async () => [plain, streams].includes(await picture())).toBe(false);
    await choose('none');
    await expect.poll(() => picture()).toBe(plain);
  });
});

describe('a view whose loss is drowned in rounding', () => {
  const drowned = `${QUICK}&zoom=30&at=0.3125,0.25`;
  const words = () => page.getByText(/^Rounding would drown this picture/);
  /** Values at opposite ends of the map, as the read-out has them. */
  const ends = async (name: string) => {
    const texts = [await readAt(0.01, 0.5), await readAt(0.99, 0.5)];
    return texts.map((text) => Number(new RegExp(`${name} (\\S+)`).exec(text)![1])) as [number, number];
  };

  test('says so in words, is drawn from differences, and shows Δ at a click', async () => {
    ({ page, trouble } = await openPage(browser, preview.url + drowned));
    await words().waitFor();
    await finished(page);
    const described = await page.getByRole('img').first().getAttribute('aria-label');
    expect(described).toContain('Shown: the loss of the middle plus differences');
    await page.getByRole('button', { name: 'Show Δ' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('show')).toBe('delta');
    await finished(page);
    expect(await words().count()).toBe(0);
    const [left, right] = await ends('Δ');
    // So close to a point the loss is linear: opposite points differ from it by opposite amounts.
    expect(Math.abs(left)).toBeGreaterThan(0);
    expect(Math.abs(left / right + 1)).toBeLessThan(2e-3);
  });

  test('has panels with scales of their own at a click, where one for both shows each in a single colour', async () => {
    ({ page, trouble } = await openPage(browser, preview.url + drowned.replace('&right=none', '')));
    await words().waitFor();
    await finished(page);
    await page.getByRole('button', { name: 'Separate scales' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('shared')).toBe('off');
    expect(await words().count()).toBe(0);
    expect(await page.locator('isoloss-limits').count()).toBe(2);
  });

  test('is put away once and for all steps closer, and said again where one comes back', async () => {
    ({ page, trouble } = await openPage(browser, preview.url + drowned));
    await words().waitFor();
    await finished(page);
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByRole('button', { name: 'Zoom in', exact: true }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('zoom')).toBe('31');
    await finished(page);
    const described = await page.getByRole('img').first().getAttribute('aria-label');
    expect(described).toContain('Shown: the loss of the middle plus differences');
    expect(await words().count()).toBe(0);
    await page.getByRole('button', { name: 'Show the whole range' }).click();
    await finished(page);
    await page.getByRole('button', { name: 'The view before' }).click();
    await words().waitFor();
  });

  test('says so of gradients, whose float64 it offers', async () => {
    ({ page, trouble } = await openPage(browser, `${preview.url}${drowned}&show=gradient`));
    const said = page.getByText(/^Mostly rounding, not the gradient, shows where/);
    await said.waitFor();
    expect(await page.getByRole('button', { name: 'Show Δ' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Use float64' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('engine')).toBe('reference');
    expect(await finished(page)).toContain('float64');
    expect(await said.count()).toBe(0);
  });

  test('offers the float64 engine', async () => {
    ({ page, trouble } = await openPage(browser, preview.url + drowned));
    await words().waitFor();
    await page.getByRole('button', { name: 'Use float64' }).click();
    await expect.poll(() => new URL(page.url()).searchParams.get('engine')).toBe('reference');
    expect(await finished(page)).toContain('float64');
    expect(await words().count()).toBe(0);
  });

  test('says nothing where there is a signal', async () => {
    ({ page, trouble } = await openPage(browser, `${preview.url}${QUICK}&zoom=3&at=0.3125,0.25`));
    await finished(page);
    expect(await page.getByText(/^(Mostly rounding|Rounding would)/).count()).toBe(0);
  });
});

describe('plateaus', () => {
  test('are listed, shown at a press and described; by keyboard alone', async () => {
    ({ page, trouble } = await openPage(browser, `${preview.url}${QUICK.replace('size=3', 'size=9')}`));
    await finished(page);
    const group = page.locator('isoloss-rail details', { hasText: /^\s*Plateaus/ });
    await group.locator('summary').press('Enter');
    await page.getByLabel('Find plateaus', { exact: true }).press('Space');
    // All that is flat here reaches down to the minimum.
    await page.getByText('No plateau in this view.').waitFor();
    const type = async (name: string, text: string) => {
      await page.getByLabel(name, { exact: true }).fill(text);
      await page.getByLabel(name, { exact: true }).press('Enter');
    };
    await type('Above lowest', '-1');
    await type('Slope below', '0.5');
    await page.getByText('1 in this view, largest first.').waitFor();
    await page.locator('isoloss-plateaus ol button').first().press('Enter');
    await expect.poll(() => new URL(page.url()).searchParams.get('zoom')).toBe('1');
    const said = page.getByRole('status', { name: 'Plateau' });
    await said.getByText('Mean loss').waitFor();
    const steps = async () =>
      Number(/about ([\d,]+) steps/.exec(await said.innerText())![1]!.replaceAll(',', ''));
    const before = await steps();
    expect(before).toBeGreaterThan(100);
    await type('Learning rate', '0.1');
    await expect.poll(steps).toBe(before / 10);
    expect(await said.innerText()).toMatch(/in α × β[\s\S]*above the lowest[\s\S]*per unit of α and β/);
    await finished(page);
    await expectAccessible(page);
    // Another view is not that plateau.
    await page.getByRole('application').first().press('Home');
    await expect.poll(() => said.innerText()).toBe('');
  });
});
