import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { machineIdle } from '../helpers/idle.js';
import { finished, openPage } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

/** Milliseconds from the code's arrival to the first picture, in a window that is there and on a machine that is idle. */
const PROMISED = 300;
/** Starts differ by this much from each other with nothing else running, and watching them takes time too. */
const SPREAD = 1.25;
/** Milliseconds above which a task is long, for the Long Tasks API and for whoever waits for an answer. */
const LONG = 50;
/**
 * Milliseconds that the two pieces of work below take on the machine for which 50 ms were meant, two cores of 2.5 GHz or
 * so: arithmetic, and objects in memory that the system has to hand out first. A start is more of the second, which costs
 * several times as much where every new page of memory goes through a hypervisor.
 */
const USUAL = { arithmetic: 3, memory: 55 };

let preview: Preview;
let browser: Browser;

beforeAll(async () => {
  preview = await servePreview();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await preview?.close();
});

/** One event of a browser's trace: times in µs, `tdur` on the processor. */
interface Traced {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

/** Milliseconds that each task of the page's main thread had the processor. */
function mainTasks(trace: readonly Traced[]): number[] {
  const page = trace.find(({ name }) => name === 'isoloss-first-picture')!.pid;
  const main = trace.find(
    ({ ph, name, pid, args }) =>
      ph === 'M' && name === 'thread_name' && pid === page && args.name === 'CrRendererMain',
  )!.tid;
  return trace
    .filter(
      ({ ph, name, pid, tid }) => ph === 'X' && pid === page && tid === main && name.endsWith('RunTask'),
    )
    .map(({ dur = 0, tdur = dur }) => Math.min(dur, tdur) / 1000);
}

/**
 * How much slower than the usual one this machine is at what it is slowest at; 1 at least. Preemption does not count, but
 * whoever shares caches with `page` does.
 */
async function slowness(page: Page): Promise<number> {
  const least = await page.evaluate(() => {
    const arithmetic = (): number => {
      let sum = 0;
      for (let i = 1; i < 2_000_000; i++) sum += 1 / i;
      return sum;
    };
    const memory = (): number => {
      const objects = new Map<string, { readonly i: number }>();
      for (let i = 0; i < 200_000; i++) objects.set(`k${i}`, { i });
      return objects.size;
    };
    const leastOf = (work: () => number, times: number): number =>
      Math.min(
        ...Array.from({ length: times }, () => {
          const start = performance.now();
          if (work() < 0) throw new Error('unreachable');
          return performance.now() - start;
        }),
      );
    return { arithmetic: leastOf(arithmetic, 20), memory: leastOf(memory, 5) };
  });
  return Math.max(1, least.arithmetic / USUAL.arithmetic, least.memory / USUAL.memory);
}

/** When the last script that the page's HTML names had arrived. */
async function codeLoaded(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const html = await (await fetch(location.href)).text();
    const named = new DOMParser().parseFromString(html, 'text/html');
    const links = [...named.querySelectorAll('script[src], link[rel=modulepreload]')];
    const scripts = new Set(
      links.map(
        (link) => new URL(link.getAttribute('src') ?? link.getAttribute('href')!, location.href).href,
      ),
    );
    const entries = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
    const ends = entries.filter(({ name }) => scripts.has(name)).map(({ responseEnd }) => responseEnd);
    if (ends.length !== scripts.size)
      throw new Error(`${ends.length} of ${scripts.size} scripts were loaded`);
    return Math.max(...ends);
  });
}

/** Milliseconds from the code's arrival to the first picture. */
async function firstPicture(page: Page): Promise<number> {
  await page.waitForFunction(() => performance.getEntriesByName('isoloss-first-picture').length > 0);
  const first = await page.evaluate(
    () => performance.getEntriesByName('isoloss-first-picture')[0]!.startTime,
  );
  return first - (await codeLoaded(page));
}

test('the default view has a picture within 300 ms of its code, give or take a quarter', async () => {
  const beside = await browser.newPage();
  const seen: string[] = [];
  let met = false;
  for (let attempt = 0; attempt < 4 && !met; attempt++) {
    const { page, trouble } = await openPage(browser, 'about:blank');
    const idle = await machineIdle(10);
    const factor = await slowness(beside);
    await page.goto(preview.url);
    const milliseconds = await firstPicture(page);
    // Beside other work on the same processors, of several threads as like as not, it gets a part of them.
    met = milliseconds < PROMISED * SPREAD * factor * (idle ? 1 : 3);
    seen.push(
      `${milliseconds.toFixed(0)} ms after its code, ${idle ? 'an idle' : 'a busy'} machine, ${factor.toFixed(2)} times slower than usual`,
    );
    expect(trouble).toEqual([]);
    await page.context().close();
  }
  console.log(seen.join('\n'));
  expect(met, seen.join('\n')).toBe(true);
  await beside.close();
});

test('a whole run keeps the main thread free', async () => {
  await browser.startTracing(undefined, { categories: ['toplevel', 'blink.user_timing'] });
  const { page, trouble } = await openPage(browser, preview.url, {
    before: () => {
      const long: number[] = [];
      Object.assign(globalThis, { long });
      new PerformanceObserver((list) =>
        long.push(...list.getEntries().map(({ duration }) => duration)),
      ).observe({ type: 'longtask', buffered: true });
    },
  });
  const beside = await browser.newPage();
  await firstPicture(page);
  const factor = await slowness(beside);
  const done = await finished(page);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: Traced[];
  };
  expect(done).toContain('WASM');

  const tasks = mainTasks(traceEvents);
  const longest = Math.max(...tasks);
  const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
  console.log(
    [
      `longest of ${tasks.length} tasks ${longest.toFixed(1)} ms on a machine ${factor.toFixed(2)} times slower than usual`,
      `${long.length} long tasks by the clock${long.length > 0 ? `, up to ${Math.max(...long).toFixed(0)} ms` : ''}: ${done}`,
    ].join('\n'),
  );
  expect(tasks.length).toBeGreaterThan(100);
  expect(longest).toBeLessThan(LONG * factor);
  expect(trouble).toEqual([]);
  await page.close();
});
