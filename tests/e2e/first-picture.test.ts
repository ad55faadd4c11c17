import type { Browser, Page } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../helpers/browser.js';
import { finished, openPage } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

/** Milliseconds from the code's arrival to the first picture: the page promises 300 on a machine that is idle. */
const PROMISED = 1000;
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

/** A task of the page's main thread: milliseconds by the clock and on the processor. */
interface Task {
  readonly clock: number;
  readonly processor: number;
}

function mainTasks(trace: readonly Traced[]): Task[] {
  const page = trace.find(({ name }) => name === 'isoloss-first-picture')!.pid;
  const main = trace.find(
    ({ ph, name, pid, args }) =>
      ph === 'M' && name === 'thread_name' && pid === page && args.name === 'CrRendererMain',
  )!.tid;
  return trace
    .filter(
      ({ ph, name, pid, tid }) => ph === 'X' && pid === page && tid === main && name.endsWith('RunTask'),
    )
    .map(({ dur = 0, tdur = dur }) => ({ clock: dur / 1000, processor: Math.min(dur, tdur) / 1000 }));
}

/** How many times longer the tasks took than they would on a machine with nothing else to do. */
function contention(tasks: readonly Task[]): number {
  const sum = (key: keyof Task): number => tasks.reduce((total, task) => total + task[key], 0);
  return Math.max(1, sum('clock') / sum('processor'));
}

/**
 * How much slower than the usual one this machine is at what it is slowest at; 1 at least. Preemption does not count, but
 * whoever shares caches with `page` does: measured beside a run.
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

test('the default view has a picture within a second of its code, and keeps the main thread free in a whole run', async () => {
  const beside = await browser.newPage();
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
  await page.waitForFunction(() => performance.getEntriesByName('isoloss-first-picture').length > 0);
  const factor = await slowness(beside);
  const done = await finished(page);
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as {
    traceEvents: Traced[];
  };
  expect(done).toContain('WASM');

  const loaded = await codeLoaded(page);
  const first = await page.evaluate(
    () => performance.getEntriesByName('isoloss-first-picture')[0]!.startTime,
  );
  const tasks = mainTasks(traceEvents);
  const longest = Math.max(...tasks.map(({ processor }) => processor));
  const busy = contention(tasks);
  const long = await page.evaluate(() => (globalThis as unknown as { long: number[] }).long);
  console.log(
    [
      `first picture ${(first - loaded).toFixed(0)} ms after the code was loaded (${loaded.toFixed(0)} ms)`,
      `longest of ${tasks.length} tasks ${longest.toFixed(1)} ms on a machine ${factor.toFixed(2)} times slower than usual, the clock ${busy.toFixed(2)} times faster`,
      `${long.length} long tasks by the clock${long.length > 0 ? `, up to ${Math.max(...long).toFixed(0)} ms` : ''}: ${done}`,
    ].join('\n'),
  );
  // A machine that is busy with other things stretches every task.
  expect(first - loaded).toBeLessThan(PROMISED * factor * busy);
  expect(tasks.length).toBeGreaterThan(100);
  expect(longest).toBeLessThan(LONG * factor);
  expect(trouble).toEqual([]);
  await page.close();
});
