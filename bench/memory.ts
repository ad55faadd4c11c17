/**
 * How much memory the built app takes: GPU buffers as the engine allocates them, and the browser's own
 * processes at their largest. ResNet-20 on 100 images; the bounds are those the project keeps to.
 */
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright';
import { launchBrowser } from '../tests/helpers/browser.js';
import { finished, openPage } from '../tests/helpers/page.js';
import { servePreview } from '../tests/helpers/server.js';

const MIB = 2 ** 20;
/** GPU buffers, at any size of the grid. */
const MOST_BUFFERS = 256 * MIB;
/** The page's process with all its workers. */
const MOST_PAGE = 1024 * MIB;

interface MemoryCase {
  /** The one without shortcuts beside it. */
  readonly pair: boolean;
  readonly engine: 'wasm' | 'webgpu';
  /** Points per side of the grid. */
  readonly size: number;
  /** After so long the run is looked at as it is; null to wait for its end. */
  readonly seconds: number | null;
}

/** Buffers are allocated before the first point; a software GPU would take an hour to reach the last one. */
const CASES: readonly MemoryCase[] = [
  { pair: false, engine: 'wasm', size: 7, seconds: null },
  { pair: true, engine: 'wasm', size: 7, seconds: null },
  { pair: false, engine: 'webgpu', size: 7, seconds: 20 },
  { pair: false, engine: 'webgpu', size: 401, seconds: 20 },
  { pair: true, engine: 'webgpu', size: 7, seconds: 30 },
];

/** Bytes; null where the system does not tell. */
interface Memory {
  /** Most that all GPU buffers took at one time. */
  readonly buffers: number;
  /** Largest resident set of the page's process. */
  readonly page: number | null;
  /** The same of the process that all pages share for the GPU, a software GPU's own memory included. */
  readonly gpu: number | null;
}

/** Runs before a worker's own code: counts what `createBuffer` gives and `destroy` takes. */
const COUNT_BUFFERS = `
  const counted = (globalThis.buffers = { live: 0, peak: 0 });
  if ('GPUDevice' in globalThis) {
    const [device, buffer] = [GPUDevice.prototype, GPUBuffer.prototype];
    const [create, destroy] = [device.createBuffer, buffer.destroy];
    const open = new WeakSet();
    device.createBuffer = function (descriptor) {
      const made = create.call(this, descriptor);
      open.add(made);
      counted.live += made.size;
      counted.peak = Math.max(counted.peak, counted.live);
      return made;
    };
    buffer.destroy = function () {
      if (open.delete(this)) counted.live -= this.size;
      return destroy.call(this);
    };
  }`;

/** Prints one line per case; exit code 1 when a bound is passed. */
export async function measureMemory(): Promise<number> {
  const preview = await servePreview();
  let failed = false;
  try {
    for (const chosen of CASES) {
      // A browser of its own: the largest resident set of a process never falls.
      const browser = await launchBrowser({ webgpu: true });
      try {
        const memory = await measure(browser, preview.url, chosen);
        console.log(describe(chosen, memory, `Chromium ${browser.version()}`));
        failed ||= memory.buffers > MOST_BUFFERS || (memory.page ?? 0) > MOST_PAGE;
      } finally {
        await browser.close();
      }
    }
  } finally {
    await preview.close();
  }
  console.log(`Bounds: GPU buffers ${mebibytes(MOST_BUFFERS)}, page ${mebibytes(MOST_PAGE)}.`);
  return failed ? 1 : 0;
}

async function measure(browser: Browser, address: string, chosen: MemoryCase): Promise<Memory> {
  const { pair, engine, size, seconds } = chosen;
  const right = pair ? 'resnet20-noshort-fashion' : 'none';
  const query = `data=fashion&left=resnet20-fashion&right=${right}&samples=100&size=${size}&engine=${engine}`;
  const { page } = await openPage(browser, `${address}?${query}`, { inWorkers: `{${COUNT_BUFFERS}}` });
  // A long run asks first.
  const anyway = page.getByRole('button', { name: 'Run anyway' });
  const started = page.locator('isoloss-status').getByText(/% computed|points in/);
  await anyway.or(started).first().waitFor({ timeout: 120_000 });
  if (await anyway.isVisible()) await anyway.click();
  if (seconds === null) await finished(page, 300);
  else await page.waitForTimeout(1000 * seconds);
  const counts = await Promise.all(page.workers().map(peakOf));
  const buffers = counts.reduce((sum, count) => sum + count, 0);
  if (engine === 'webgpu' && buffers === 0) throw new Error('the page did not use WebGPU');
  return { buffers, ...(await processes(browser)) };
}

async function peakOf(worker: ReturnType<Page['workers']>[number]): Promise<number> {
  return worker.evaluate(() => (globalThis as { buffers?: { peak: number } }).buffers?.peak ?? 0);
}

/** Of all processes of a kind, the largest: a browser keeps an empty page in reserve. */
async function processes(browser: Browser): Promise<Pick<Memory, 'page' | 'gpu'>> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const largest = async (type: string): Promise<number | null> => {
    const pids = processInfo.filter((process) => process.type === type).map(({ id }) => id);
    const sizes = (await Promise.all(pids.map(largestResidentSet))).filter((size) => size !== null);
    return sizes.length === 0 ? null : Math.max(...sizes);
  };
  return { page: await largest('renderer'), gpu: await largest('GPU') };
}

/** As Linux counts it; null elsewhere. */
async function largestResidentSet(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kibibytes === undefined ? null : 1024 * Number(kibibytes);
}

function describe({ pair, engine, size, seconds }: MemoryCase, memory: Memory, browser: string): string {
  const parts = [
    ...(engine === 'webgpu' ? [`GPU buffers ${mebibytes(memory.buffers)}`] : []),
    `page ${mebibytes(memory.page)}`,
    `GPU process ${mebibytes(memory.gpu)}`,
  ];
  const when = seconds === null ? 'whole run' : `first ${seconds} s`;
  const networks = pair ? 'ResNet-20 with and without shortcuts' : 'ResNet-20';
  return `${networks}, 100 samples, ${size}×${size}, ${engine}, ${when} (${browser}): ${parts.join(', ')}`;
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? 'not told by this system' : `${Math.ceil(bytes / MIB)} MiB`;
}
