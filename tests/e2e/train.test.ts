/** The mode "Train": a tiny network trained, saved, loaded, gone on with, and opened as a landscape. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { expectAccessible } from '../helpers/accessible.js';
import { launchBrowser } from '../helpers/browser.js';
import { finished, openPage, type PageOptions } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

const settings = 'blocks:1,width:4,batch:16,steps:24';

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
  ({ page, trouble } = await openPage(browser, `${preview.url}?mode=train&samples=64&${query}`, options));
  await expect.poll(() => button('One step').isEnabled(), { timeout: 60_000 }).toBe(true);
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const card = (title: string) => page.getByRole('group', { name: title, exact: true });
const at = (step: number) => page.getByText(`step ${step} of 24`).waitFor({ timeout: 60_000 });
/** What a network has reached at this step, in words. */
async function reached(title: string, step: number): Promise<string> {
  const words = card(title).getByText(new RegExp(`^Step ${step}: loss`));
  await words.waitFor({ timeout: 60_000 });
  return words.innerText();
}

/** The files that "Save" makes of two runs. */
async function saved() {
  const downloads: string[] = [];
  page.on('download', (download) => void download.path().then((path) => downloads.push(path)));
  await button('Save').click();
  await expect.poll(() => downloads.length).toBe(2);
  return downloads.map((path, i) => ({
    name: `run${i}.safetensors`,
    mimeType: 'application/octet-stream',
    buffer: readFileSync(path),
  }));
}

test('trains networks without and with skips side by side, which are saved, loaded and gone on with exactly', async () => {
  await visit(`engine=reference&train=${settings}`);
  const first = await reached('with skips', 0);
  await page.locator('body').press('.');
  await at(1);
  await button('Go on').click();
  await at(24);
  const straight = [await reached('without skips', 24), await reached('with skips', 24)];
  expect(straight[0]).toMatch(/^Step 24: loss [\d.]+, \d+ % right; held out: loss [\d.]+, \d+ % right$/);
  // Found at the end by itself: it takes no time here.
  await page.getByText(/with skips, step 24: λ_max = [\d.]+\. Gradient descent is stable below/).waitFor();

  await button('Reset').click();
  await at(0);
  expect(await reached('with skips', 0)).toBe(first);
  await page.getByLabel('Speed').selectOption({ label: '1 step per s' });
  await button('Train').click();
  await page.getByText(/step [2-9] of 24/).waitFor({ timeout: 60_000 });
  await button('Pause').click();
  await button('Go on').waitFor();
  const files = await saved();
  await page.close();

  await visit('');
  await page.locator('#run-files').setInputFiles(files);
  await button('Go on').waitFor({ timeout: 60_000 });
  expect(new URL(page.url()).searchParams.get('train')).toBe(settings);
  await button('Go on').click();
  await at(24);
  expect([await reached('without skips', 24), await reached('with skips', 24)]).toEqual(straight);
});

test('opens what it trained as landscapes, and everyone can use it', async () => {
  await visit(`size=5&theme=dark&train=${settings},batch:64`, { width: 390, height: 844 });
  await expectAccessible(page);
  await button('One step').click();
  await at(1);
  await page.getByLabel('Batch size', { exact: true }).fill('32');
  await page.keyboard.press('Enter');
  const changed = page.getByText('Changed at step 1');
  await changed.waitFor();
  // A saved run says so too.
  const files = await saved();
  await button('Reset').click();
  await changed.waitFor({ state: 'detached' });
  await page.locator('#run-files').setInputFiles(files);
  await changed.waitFor();
  await at(1);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  // The picture around the weights of the moment follows them.
  const around = page.getByRole('img', {
    name: /^Loss around the weights.*without skips, step 1: loss from [\d.e+]+ to/,
  });
  await around.waitFor({ timeout: 60_000 });
  await button('To the landscape').click();
  await finished(page);
  await page.getByText('a run of 2 snapshots, steps 0 to 1, of 1 block without skips, batch norm.').waitFor();
  await page.getByText('a run of 2 snapshots, steps 0 to 1, of 1 block with skips, batch norm.').waitFor();
  // The run is still there.
  await page.getByLabel('Mode').selectOption('train');
  await at(1);
});

test('trains on a table that no network here is for', async () => {
  await visit(`train=blocks:0,width:3,batch:8,steps:24,skips:on`);
  const rows = Array.from({ length: 30 }, (_, i) => [i % 3, Math.sin(i), i / 30, 'abc'[i % 3]].join(','));
  const buffer = Buffer.from(['u,v,w,kind', ...rows].join('\n'));
  await page.locator('#files').setInputFiles({ name: 'points.csv', mimeType: 'text/csv', buffer });
  await page.getByText('All samples are learned from.').waitFor();
  // 3 features, 3 units, 3 classes.
  await page.getByText('2 layers, 24 weights.').waitFor();
  await button('Train').click();
  await at(24);
  expect(await reached('with skips', 24)).toMatch(/^Step 24: loss [\d.]+, \d+ % right$/);
});
