import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { openPage } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

let preview: Preview;
let browser: Browser;
beforeAll(async () => {
  [preview, browser] = await Promise.all([servePreview(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await preview.close();
});

test('bench.html measures this machine and asks nobody else for anything', async () => {
  const { page, trouble, requests } = await openPage(browser, `${preview.url}bench.html?case=e&seconds=0.05`);
  await page.getByRole('checkbox', { name: /WASM/ }).waitFor();
  const chosen = await page.locator('#cases input:checked').count();
  expect(chosen).toBe(1);
  await page.getByRole('button', { name: 'Measure' }).click();
  await page.getByText('Done.').waitFor({ timeout: 110_000 });

  const cells = await page.locator('tbody tr').last().locator('td').allInnerTexts();
  expect(cells.slice(0, 2)).toEqual(['e', 'Isoloss WASM, relaxed SIMD']);
  expect(Number(cells[2])).toBeGreaterThan(0);
  expect(cells.at(-1)).toMatch(/\d+ workers?, /);
  expect(await page.getByRole('button', { name: 'Copy as JSON' }).isEnabled()).toBe(true);
  expect(trouble).toEqual([]);
  const { origin } = new URL(preview.url);
  expect(
    requests.filter((address) => !/^(blob|data):/.test(address) && new URL(address).origin !== origin),
  ).toEqual([]);
  await page.close();
});
