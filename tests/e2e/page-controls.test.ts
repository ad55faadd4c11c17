/** The page's controls by pointer and keyboard, the state in its URL, and whether everyone can use it. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible } from '../helpers/accessible.js';
import { launchBrowser } from '../helpers/browser.js';
import { finished, openPage, type PageOptions } from '../helpers/page.js';
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

async function visit(query: string, options: PageOptions = {}): Promise<void> {
  ({ page, trouble } = await openPage(browser, preview.url + query, options));
}

/** A picture that takes a moment. */
const QUICK = '?size=9&samples=100&engine=wasm';

const button = (name: string) => page.getByRole('button', { name, exact: true });
const query = () => new URL(page.url()).searchParams;

describe('settings', () => {
  test('stand in the URL and can be taken back', async () => {
    await visit(QUICK);
    await finished(page);
    await button('Draw again').click();
    await expect.poll(() => query().get('seed')).toBe('2');
    await finished(page);
    await page.getByLabel('Colours', { exact: true }).selectOption('magma');
    expect(query().get('map')).toBe('magma');
    await button('Undo the last change').click();
    expect([query().get('seed'), query().get('map')]).toEqual(['2', null]);
    await page.keyboard.press('Control+z');
    expect(query().get('seed')).toBe(null);
    await button('Redo').click();
    expect(query().get('seed')).toBe('2');
    await button('All settings to their defaults').click();
    expect([...query()]).toEqual([]);
  });

  test('of the view alone compute nothing again', async () => {
    await visit(QUICK);
    const before = await finished(page);
    await page.getByLabel('Scale', { exact: true }).selectOption('linear');
    await page.getByLabel('Quantity', { exact: true }).selectOption('error');
    await page.getByRole('checkbox', { name: 'One scale for both' }).uncheck();
    expect(await finished(page)).toBe(before);
  });

  test('refuse a value with a sentence and keep the picture', async () => {
    await visit(QUICK);
    await finished(page);
    const points = page.getByLabel('Points', { exact: true });
    await points.fill('10');
    await points.press('Enter');
    await page.getByText('"10" is not an odd number from 3 to 401.').waitFor();
    expect(query().get('size')).toBe('9');
    await points.fill('11');
    await points.press('Enter');
    await page.getByText(/^242 points in/).waitFor();
    expect(await page.getByText('"10" is not').count()).toBe(0);
  });

  test('go back to their defaults one by one', async () => {
    await visit(`${QUICK}&range=0.5`);
    await finished(page);
    await button('Range: back to 1').click();
    await expect.poll(() => query().get('range')).toBe(null);
    await finished(page);
  });

  test('are named when the URL gets them wrong, each once and all in one card, until dismissed', async () => {
    await visit(`${QUICK}&seed=abc&norm=most`);
    await page.getByText('seed: "abc" is not a whole number from 0 to 9007199254740991; using 1.').waitFor();
    await page.getByText('norm: "most" is not one of filter, layer, weight, none; using filter.').waitFor();
    await button('Dismiss').click();
    expect(await button('Dismiss').count()).toBe(0);
    await finished(page);
  });
});

describe('the picture', () => {
  const readout = async () =>
    (await page.locator('isoloss-status .readout').innerText()).replaceAll(/\s+/g, ' ');

  test('has its centre read out before it is finished, as PyTorch computed it', async () => {
    await visit('');
    await page.getByText(/% computed|of 1,400 samples/).waitFor();
    await page.getByRole('application', { name: /without skips/ }).press('Home');
    // A part of the samples, with the standard error that goes with it, and then all of them: 1.60516 and 0.00012667 in float64.
    await expect
      .poll(readout, { timeout: 10_000 })
      .toMatch(/without skips 1\.\d+ ± 0\.\d+ \d+ % with skips 0\.000\d+ ± \S+ 100 %$/);
    await expect
      .poll(readout, { timeout: 60_000 })
      .toBe('α 0.000 β 0.000 without skips 1.605 41 % with skips 0.0001267 100 %');
    expect(await button('Cancel').count()).toBe(1);
  });

  test('has a crosshair that moves by keyboard, on both panels at once', async () => {
    await visit(QUICK);
    await finished(page);
    const map = page.getByRole('application', { name: /with skips/ });
    for (const key of ['Home', 'ArrowRight', 'ArrowUp', 'ArrowUp']) await map.press(key);
    expect(await readout()).toMatch(/^α 0\.250 β 0\.500 without skips \S+ \S+ % with skips \S+ \S+ %$/);
    await map.press('Escape');
    expect(await readout()).toContain('Point at a picture');
    await map.hover({ position: { x: 1, y: 1 } });
    expect(await readout()).toContain('α −1.000 β 1.000');
  });

  test('has a colour bar whose ends can be dragged, moved by keys, and set free again', async () => {
    await visit(QUICK);
    await finished(page);
    const handle = page.getByRole('slider', { name: 'Upper limit of the colours' });
    const box = (await handle.boundingBox())!;
    const x = box.x + box.width / 2;
    await page.mouse.move(x, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(x, box.y + 150, { steps: 4 });
    await page.mouse.up();
    const limit = () => Number(query().get('vmax'));
    await expect.poll(limit).toBeGreaterThan(0.01);
    const dragged = limit();
    expect(dragged).toBeLessThan(1e6);
    await handle.press('ArrowDown');
    await expect.poll(limit).toBeLessThan(dragged);
    await handle.press('Delete');
    await expect.poll(() => query().get('vmax')).toBe(null);
  });

  test('warns of nearly parallel directions and offers both remedies', async () => {
    await visit(QUICK);
    await finished(page);
    expect(await page.locator('isoloss-cosine').getByRole('button').count()).toBe(0);
    // No bundled network has such directions, so the element is told of some.
    await page.locator('isoloss-cosine').evaluate((element) => {
      (element as HTMLElement & { cosines: number[] }).cosines = [0.1, -0.3];
    });
    const warning = page.locator('isoloss-cosine');
    await warning.getByText('The two directions (with skips) are far from a right angle').waitFor();
    await warning.getByRole('button', { name: 'Orthogonalise' }).click();
    expect(query().get('orthogonal')).toBe('gram-schmidt');
    await finished(page);
    expect(await page.locator('isoloss-figure').getByRole('img').getAttribute('aria-label')).toContain(
      'Loss landscape without skips',
    );
  });

  test('goes on after it was cancelled', async () => {
    await visit('?size=31&samples=400&engine=wasm');
    await page.getByText(/^[1-9]\d* % computed|of 400 samples/).waitFor();
    await button('Cancel').click();
    await page.getByText(/^Stopped: /).waitFor();
    await button('Resume').click();
    await page.getByText(/^1,922 points in/).waitFor();
  });

  test('can be tried again when a file did not come', async () => {
    const failing = await browser.newPage();
    await failing.route('**/digits.npz', (route) => route.fulfill({ status: 503, body: '' }));
    await failing.goto(preview.url + QUICK);
    const sentence = 'data/digits.npz could not be loaded: the server answered 503.';
    await failing.locator('isoloss-figure').getByText(sentence).waitFor();
    await failing.unroute('**/digits.npz');
    await failing.getByRole('button', { name: 'Try again' }).click();
    await finished(failing);
    await failing.close();
  });
});

test('a limit that a log scale cannot have is said to be unused, and the scale shown is the one that is used', async () => {
  await visit(`${QUICK}&vmin=-1`);
  await finished(page);
  const said = page.getByText('Not used: a log scale has only limits above 0.');
  await said.waitFor();
  const scale = page.getByLabel('Scale', { exact: true });
  await scale.selectOption('symlog');
  await said.waitFor({ state: 'hidden' });
  await page.getByLabel('Quantity', { exact: true }).selectOption('error');
  expect([await scale.inputValue(), await scale.isDisabled()]).toEqual(['linear', true]);
  await page.getByLabel('Quantity', { exact: true }).selectOption('loss');
  expect([await scale.inputValue(), await scale.isDisabled()]).toEqual(['symlog', false]);
  // Differences have both signs: no plain logarithm takes them.
  await scale.selectOption('log');
  await page.getByLabel('Quantity', { exact: true }).selectOption('delta');
  expect([await scale.inputValue(), await scale.isDisabled()]).toEqual(['symlog', false]);
  expect(await scale.locator('option').count()).toBe(2);
  await page.getByLabel('Quantity', { exact: true }).selectOption('loss');
  expect(await scale.inputValue()).toBe('log');
});

test('numbers are steppers that say their value, and the end of a run is announced', async () => {
  await visit(QUICK);
  await finished(page);
  const run = page.getByRole('status', { name: 'Run' });
  expect(await run.textContent()).toBe('The picture is complete.');
  const seed = page.getByRole('spinbutton', { name: 'Seed' });
  expect(await seed.getAttribute('aria-valuenow')).toBe('1');
  await seed.press('ArrowUp');
  await expect.poll(() => seed.getAttribute('aria-valuenow')).toBe('2');
  expect(query().get('seed')).toBe('2');
  await seed.press('ArrowDown');
  await expect.poll(() => query().get('seed')).toBe(null);
});

test('whoever closes the settings of a narrow page is back at their button', async () => {
  await visit(QUICK, { width: 390, height: 844 });
  const settings = button('Settings');
  for (const close of [() => page.keyboard.press('Escape'), () => button('Close the settings').click()]) {
    await settings.click();
    await page.getByRole('spinbutton', { name: 'Seed' }).focus();
    await close();
    await button('Close the settings').waitFor({ state: 'hidden' });
    expect(await settings.evaluate((element) => element.matches(':focus'))).toBe(true);
  }
});

describe.each([1440, 390])('at %d pixels', (width) => {
  test.each(['light', 'dark'] as const)(
    'axe finds nothing, and nothing scrolls sideways: %s',
    async (scheme) => {
      await visit(`${QUICK}&theme=${scheme}&nonsense=1`, { width, height: width < 800 ? 844 : 900 });
      await finished(page);
      await expectAccessible(page);
      await button('Dismiss').click();
      if (width < 800) await button('Settings').click();
      // From the last one on: those that are open are no longer counted.
      const closed = await page.locator('isoloss-rail details:not([open]) summary').all();
      for (const group of closed.toReversed()) await group.click();
      await button('Explain: Directions').click();
      await page.getByText('The seed decides the draw.').waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      if (width < 800) {
        await page.keyboard.press('Escape');
        await expect.poll(() => page.getByRole('region', { name: 'Settings' }).isVisible()).toBe(false);
      }
      await button('Export').click();
      await page.getByRole('dialog').waitFor();
      await expectAccessible(page);
      await page.keyboard.press('Escape');
      await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow).toBeLessThanOrEqual(0);
    },
  );
});
