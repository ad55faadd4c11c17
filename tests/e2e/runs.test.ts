/** A run of training on the page: dropped, drawn on planes of its own and on drawn ones, looked at step by step. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { dropFiles, finished, notices, openPage } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

const folder = fileURLToPath(new URL('../fixtures/trajectories/', import.meta.url));
/** By PyTorch and numpy. */
const expected = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8')) as {
  steps: number[];
  loss: number[];
  centre: { explained: number[]; a: number[]; offPlane: number[]; planeLoss: number[] };
};

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

const bar = () => page.locator('isoloss-runs');
/** What the bar says of the step that is looked at. */
const fact = async (name: string): Promise<string> =>
  (await bar().locator('dl div', { hasText: name }).locator('dd').innerText()).trim();
const picture = () =>
  page.locator('isoloss-figure #picture').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());

test('a dropped run is drawn on its components; each step has its true loss beside the plane’s; planes and centre change', async () => {
  ({ page, trouble } = await openPage(browser, `${preview.url}?size=9&engine=wasm&samples=50`));
  await finished(page);
  await dropFiles(
    page,
    ['net.onnx', 'data.npz', 'run.safetensors'].map((file) => folder + file),
  );
  const scrubber = bar().getByRole('slider', { name: 'Step' });
  await scrubber.waitFor();
  await finished(page);
  expect(new URL(page.url()).searchParams.get('plane')).toBe('pca');
  const described = page.getByRole('application').first();
  const [first, second] = expected.centre.explained.map((share) => (100 * share).toFixed(1)) as [
    string,
    string,
  ];
  await expect
    .poll(() => described.getAttribute('aria-label'))
    .toMatch(
      new RegExp(
        `run to step 24, 13 snapshots, .* components explain ${first} % \\+ ${second} %, about step 24`,
      ),
    );

  await scrubber.focus();
  await scrubber.press('Home');
  await expect
    .poll(() =>
      bar()
        .getByText(/^step \d/)
        .innerText(),
    )
    .toBe('step 0 of 24');
  expect(Number(await fact('true loss'))).toBeCloseTo(expected.loss[0]!, 3);
  expect(Number(await fact('the plane’s loss'))).toBeCloseTo(expected.centre.planeLoss[0]!, 3);
  expect(Number(await fact('α'))).toBeCloseTo(expected.centre.a[0]!, 2);
  expect(parseFloat(await fact('off the plane'))).toBeCloseTo(expected.centre.offPlane[0]!, 2);
  // The step under the pointer, here the last one at the plane's centre, goes before the one that is looked at.
  await described.hover();
  await expect.poll(() => fact('step')).toBe('24, pointed at');
  expect(Number(await fact('true loss'))).toBeCloseTo(expected.loss.at(-1)!, 3);
  await page.mouse.move(1, 1);
  await expect.poll(() => fact('step')).toBe('0');
  const before = await picture();
  await scrubber.press('ArrowRight');
  await expect.poll(picture).not.toBe(before);
  await bar().getByLabel('Speed').selectOption('20');
  await bar().getByRole('button', { name: 'Play' }).click();
  await expect
    .poll(() =>
      bar()
        .getByText(/^step \d/)
        .innerText(),
    )
    .toBe('step 24 of 24');

  await bar().getByLabel('Plane').selectOption('random');
  await finished(page);
  await bar().getByText('Most of this run is off the plane').waitFor();
  await bar().getByLabel('Plane').selectOption('steps');
  await finished(page);
  await bar().getByLabel('First step').selectOption('4');
  await finished(page);
  expect(new URL(page.url()).searchParams.get('through')).toMatch(/^4,/);
  await scrubber.focus();
  await scrubber.press('Home');
  await bar().getByRole('button', { name: 'Centre at step 0' }).click();
  await bar().getByRole('button', { name: 'Centred at step 0' }).waitFor();
  await finished(page);
  expect(Number(await fact('the plane’s loss'))).toBeCloseTo(expected.loss[0]!, 3);

  const flat = await picture();
  await page
    .locator('isoloss-rail isoloss-field', { hasText: 'View' })
    .getByRole('combobox')
    .selectOption('surface');
  await expect.poll(picture).not.toBe(flat);
  expect(await notices(page)).not.toContainEqual(expect.stringMatching(/cannot|failed/));
});

test('a link with a plane of a run opens without it, and says so', async () => {
  ({ page, trouble } = await openPage(browser, `${preview.url}?size=9&samples=50&engine=wasm&plane=pca`));
  await finished(page);
  expect(await notices(page)).toContain('plane: this one is of a run, which no link carries; using random.');
  expect(await bar().getByRole('slider').count()).toBe(0);
});
