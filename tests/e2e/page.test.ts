import type { Browser } from 'playwright';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { loadGrid } from '../helpers/fixtures.js';
import { engineReason, finished, notices, openPage, readAfter } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

let preview: Preview;
let browser: Browser;

beforeAll(async () => {
  preview = await servePreview();
  browser = await launchBrowser({ webgpu: true });
});
afterAll(async () => {
  await browser?.close();
  await preview?.close();
});

/** PyTorch's float64 loss of the trained network over the 1,400 samples that the page starts with. */
function centreLoss(name: string): number {
  const { loss } = loadGrid(name, 'grid');
  return loss[(loss.length - 1) / 2]!;
}

function withoutWebgpu(): void {
  Object.defineProperty(Navigator.prototype, 'gpu', { get: () => undefined });
}

describe('the first view', () => {
  test('computes both landscapes without a click, from its own server alone', async () => {
    const { page, trouble, requests } = await openPage(browser, `${preview.url}?size=9`);
    expect(await finished(page)).toMatch(/^162 points in [\d.]+ s · WASM, /);
    expect(await engineReason(page)).toBe(
      "WASM: this browser's only adapter is the software renderer SwiftShader.",
    );
    const shown = await readAfter(page, 'Home');
    for (const [i, name] of ['bnmlp20-plain', 'bnmlp20-residual'].entries()) {
      // The read-out has four digits.
      expect(shown[i]!.loss / centreLoss(name)).toBeCloseTo(1, 3);
    }

    expect(requests.length).toBeGreaterThan(4);
    expect(requests.filter((address) => !address.startsWith(preview.url))).toEqual([]);
    expect(trouble).toEqual([]);
    await page.close();
  });

  test('is coarse soon and can be cancelled at once', async () => {
    const { page, trouble } = await openPage(browser, preview.url);
    await page
      .locator('isoloss-status')
      .getByText(/^[1-9]\d* % computed, rest interpolated/)
      .waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    const stopped = page.locator('isoloss-status').getByText(/^Stopped: .*(interpolated|of scale)\.$/);
    await stopped.waitFor({ timeout: 1000 });
    const text = await stopped.innerText();
    await page.waitForTimeout(300);
    expect(await stopped.innerText()).toBe(text);
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(trouble).toEqual([]);
    await page.close();
  });
});

describe('engines', () => {
  const small = '?size=5&samples=100';
  const reference: { loss: number; right: string }[][] = [];
  /** From the corner to the centre. */
  const walk = [['Home'], ['Shift+ArrowLeft', 'Shift+ArrowDown'], ['ArrowRight', 'ArrowUp']];

  async function readings(query: string, before?: () => void) {
    const { page, trouble } = await openPage(browser, preview.url + query, before ? { before } : {});
    const status = await finished(page);
    const shown: { loss: number; right: string }[][] = [];
    for (const keys of walk) shown.push(await readAfter(page, ...keys));
    const reason = await engineReason(page);
    expect(trouble).toEqual([]);
    await page.close();
    return { status, shown, reason };
  }

  beforeAll(async () => {
    const { status, shown, reason } = await readings(`${small}&engine=reference`);
    expect(status).toContain('Reference');
    expect(reason).toBe('Reference: chosen by you; float64, exact and slow.');
    expect(new Set(shown.map(([left]) => left!.loss)).size).toBe(walk.length);
    reference.push(...shown);
  });

  test('WebGPU absent: WASM, and the same read-outs as the reference', async () => {
    const { status, shown, reason } = await readings(small, withoutWebgpu);
    expect(status).toContain('WASM');
    expect(reason).toBe('WASM: this browser has no WebGPU.');
    expect(shown).toEqual(reference);
  });

  test('WebGPU asked for on SwiftShader: the same read-outs as the reference', async () => {
    const { status, shown, reason } = await readings(`${small}&engine=webgpu`);
    expect(status).toMatch(/WebGPU, .*swiftshader/i);
    expect(reason).toBe('WebGPU: chosen by you, on the software renderer SwiftShader.');
    expect(shown).toEqual(reference);
  });

  test('WebGPU asked for and absent: WASM, and says why', async () => {
    const { status, reason } = await readings(`${small}&engine=webgpu`, withoutWebgpu);
    expect(status).toContain('WASM');
    expect(reason).toBe('WASM: you chose WebGPU, but this browser has no WebGPU.');
  });
});

test('what is wrong in the address is told in a sentence each, and the rest goes on with defaults', async () => {
  const query = '?size=6&samples=none&range=-2&colour=red&seed=3';
  const { page, trouble } = await openPage(browser, preview.url + query);
  await expect.poll(() => notices(page)).toHaveLength(1);
  const told = (await notices(page))[0]!.split('\n').filter((line) => line !== '');
  expect(told).toHaveLength(4);
  for (const word of ['size', 'samples', 'range', 'colour']) expect(told.join('\n')).toContain(word);
  await page.locator('isoloss-rail').getByText('2,601 points × 1,400 samples per network').waitFor();
  expect(await page.getByRole('spinbutton', { name: 'Seed' }).inputValue()).toBe('3');
  expect(trouble).toEqual([]);
  await page.close();
});
