/** The 3-D surface: turned by pointer and keyboard, kept in the link, loaded only when asked for. */
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
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

const QUICK = '?size=9&samples=100&engine=wasm';

const query = () => new URL(page.url()).searchParams;

/** The picture's pixels, as a data address. */
const picture = () =>
  page.locator('isoloss-figure #picture').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

async function visit(view: string): Promise<string[]> {
  const requested: string[] = [];
  ({ page, trouble } = await openPage(browser, `${preview.url}${QUICK}${view}`));
  page.on('request', (request) => requested.push(request.url()));
  await finished(page);
  return requested;
}

test('the surface comes when asked for, without computing again', async () => {
  const requested = await visit('');
  const map = await picture();
  expect(requested.filter((url) => /surface/.test(url))).toEqual([]);
  const before = await finished(page);
  await page.getByLabel('View', { exact: true }).selectOption('surface');
  await expect.poll(picture).not.toBe(map);
  expect(requested.filter((url) => /surface/.test(url))).not.toEqual([]);
  expect(await finished(page)).toBe(before);
  await page.getByLabel('View', { exact: true }).selectOption('map');
  await expect.poll(picture).toBe(map);
});

test('a drag and the arrow keys turn it, and the link keeps the angles', async () => {
  await visit('&view=surface');
  const panel = page.locator('isoloss-figure .map').first();
  await expect.poll(() => panel.boundingBox()).not.toBe(null);
  const before = await picture();
  const box = (await panel.boundingBox())!;
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 100, y + 50, { steps: 5 });
  await page.mouse.up();
  // 0.4 degrees a pixel, from -37 and 36.
  await expect.poll(() => [query().get('azimuth'), query().get('elevation')]).toEqual(['-77', '56']);
  await expect.poll(picture).not.toBe(before);
  await panel.press('ArrowRight');
  await panel.press('ArrowUp');
  await expect.poll(() => [query().get('azimuth'), query().get('elevation')]).toEqual(['-72', '61']);
  await page.mouse.move(x - 50, y);
  expect(query().get('azimuth')).toBe('-72');
});
