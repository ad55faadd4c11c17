/**
 * The built page in a real browser, used as a person uses it: what is on it, and what went wrong on the way.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Browser, Page } from 'playwright';

export interface PageOptions {
  /** Runs in the page before any script of it. */
  readonly before?: () => void;
  /** JavaScript that runs in every worker of the page before its own. */
  readonly inWorkers?: string;
  readonly width?: number;
  readonly height?: number;
}

export interface OpenPage {
  readonly page: Page;
  /** Errors of the console, of scripts and of requests. */
  readonly trouble: readonly string[];
  /** Addresses of everything that was asked for. */
  readonly requests: readonly string[];
}

/** Opens `address` and starts to keep the books. */
export async function openPage(
  browser: Browser,
  address: string,
  options: PageOptions = {},
): Promise<OpenPage> {
  const { width = 1440, height = 900 } = options;
  const page = await browser.newPage({ viewport: { width, height } });
  const trouble: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // The browser drops what is on its way when a page is left or closed in the middle of a run.
    if (reason !== 'net::ERR_ABORTED') trouble.push(`${request.url()} ${reason}`);
  });
  page.on('request', (request) => requests.push(request.url()));
  if (options.before) await page.addInitScript(options.before);
  if (options.inWorkers) {
    const first = options.inWorkers;
    await page.route(/\/worker[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `${first};\n${await response.text()}` });
    });
  }
  await page.goto(address);
  return { page, trouble, requests };
}

/** Waits until the picture is complete and drawn, and gives what the status bar says, e.g. `242 points in 1.2 s · WASM, …`. */
export async function finished(page: Page, seconds = 60): Promise<string> {
  const done = page.locator('isoloss-status').getByText(/points in [\d.]+ s/);
  await done.waitFor({ timeout: seconds * 1000 });
  // The picture is drawn after the words, in the frames that follow.
  await page.locator('isoloss-figure #picture[aria-busy="false"]').waitFor({ timeout: seconds * 1000 });
  return (await done.innerText()).trim();
}

/** Why this engine, as the rail says. */
export async function engineReason(page: Page): Promise<string> {
  const group = page.locator('isoloss-rail details', { hasText: /^\s*Engine/ });
  if (!(await group.evaluate((details: HTMLDetailsElement) => details.open)))
    await group.locator('summary').click();
  return (await group.locator('.note').first().innerText()).trim();
}

/** What the read-out shows in both panels after `keys` were pressed on the left one. */
export async function readAfter(page: Page, ...keys: string[]): Promise<{ loss: number; right: string }[]> {
  const map = page.getByRole('application').first();
  await map.focus();
  for (const key of keys) await map.press(key);
  const cells = await page.locator('isoloss-status .cell').allInnerTexts();
  return cells.slice(1).map((cell) => {
    const [, loss, right] = /([\d.,e−∞]+)\s+([\d.]+ %)\s*$/.exec(cell) ?? [];
    if (loss === undefined || right === undefined) throw new Error(`the read-out shows '${cell}'`);
    return { loss: Number(loss.replaceAll('−', '-').replaceAll(',', '')), right };
  });
}

/** The sentences of all notices. */
export function notices(page: Page): Promise<string[]> {
  return page.locator('isoloss-notices p').allInnerTexts();
}

/** Drops files from the disk on the page, on the place with this title where one is asked for. */
export async function dropFiles(page: Page, paths: readonly string[], place?: string): Promise<void> {
  const files = paths.map((path) => ({
    name: basename(path),
    base64: readFileSync(path).toString('base64'),
  }));
  const transfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, base64 } of given) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name));
    }
    return data;
  }, files);
  const app = page.locator('isoloss-app');
  await app.dispatchEvent('dragenter', { dataTransfer: transfer });
  const overlay = page.getByRole('heading', { name: 'Drop to open' });
  await overlay.waitFor();
  const target = place === undefined ? app : page.getByText(place, { exact: true });
  await target.dispatchEvent('dragover', { dataTransfer: transfer });
  await target.dispatchEvent('drop', { dataTransfer: transfer });
  await overlay.waitFor({ state: 'detached' });
}
