/** WebGPU failing under the page in every way that real devices do; the picture must be finished all the same. */
import type { Browser } from 'playwright';
import { afterEach, beforeAll, beforeEach, expect, test, afterAll } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { engineReason, finished, notices, openPage, readAfter } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

const QUERY = '?size=21&samples=400&engine=webgpu';

let preview: Preview;
let browser: Browser;
beforeAll(async () => {
  preview = await servePreview();
});
afterAll(() => preview?.close());
// A browser for each test: one that has lost its GPU process too often does not start it again.
beforeEach(async () => {
  browser = await launchBrowser({ webgpu: true });
});
afterEach(() => browser?.close());

/** Destroys the device of the compute worker shortly after its first work. */
const DESTROY = `{
  const request = GPUAdapter.prototype.requestDevice;
  GPUAdapter.prototype.requestDevice = async function (...options) {
    const device = await request.apply(this, options);
    const submit = device.queue.submit.bind(device.queue);
    let submissions = 0;
    device.queue.submit = (buffers) => {
      submit(buffers);
      if (++submissions === 12) device.destroy();
    };
    return device;
  };
}`;

/** Makes every shader one that does not compile. */
const BREAK_SHADERS = `{
  const create = GPUDevice.prototype.createShaderModule;
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    return create.call(this, { ...descriptor, code: descriptor.code + '\\nfn broken( {' });
  };
}`;

/** Answers every out-of-memory scope with an error, as a full GPU does. */
const NO_MEMORY = `{
  const scopes = [];
  const { pushErrorScope, popErrorScope } = GPUDevice.prototype;
  GPUDevice.prototype.pushErrorScope = function (filter) {
    scopes.push(filter);
    pushErrorScope.call(this, filter);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const filter = scopes.pop();
    const error = await popErrorScope.call(this);
    return filter === 'out-of-memory' ? new GPUOutOfMemoryError('no room') : error;
  };
}`;

test.each([
  ['a device destroyed in mid-run', DESTROY, 'lost'],
  ['shaders that do not compile', BREAK_SHADERS, 'does not compile'],
  ['no memory for anything', NO_MEMORY, 'memory'],
])('%s ends in a notice, and WASM finishes the picture', async (_, inWorkers, word) => {
  const { page } = await openPage(browser, preview.url + QUERY, { inWorkers });
  await expectRescue(page, word);
});

test('a GPU process that dies in mid-run ends in a notice, and WASM finishes the picture', async () => {
  const { page } = await openPage(browser, preview.url + QUERY);
  await page
    .locator('isoloss-status')
    .getByText(/^(?:[1-9]\d* % computed|\d+ of \d+ samples)/)
    .waitFor();
  const session = await browser.newBrowserCDPSession();
  await session.send('Browser.crashGpuProcess');
  await expectRescue(page, 'lost');
});

async function expectRescue(page: Awaited<ReturnType<typeof openPage>>['page'], word: string): Promise<void> {
  expect(await finished(page)).toMatch(/^882 points in .* · (WASM, |WASM and WebGPU|WebGPU and WASM)/);
  const told = await notices(page);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatch(/^WebGPU stopped: .* WASM goes on from the points that are there\.$/s);
  expect(told[0]).toContain(word);
  expect(told[0]!.length).toBeLessThan(300);
  expect(await engineReason(page)).toMatch(/^WASM: /);
  const [left, right] = await readAfter(page, 'Home');
  expect(left!.loss).toBeGreaterThan(1);
  expect(right!.loss).toBeLessThan(0.01);
}
