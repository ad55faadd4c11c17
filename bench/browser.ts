/** The contenders that run in a browser: a page built for them, served as shared memory between threads needs it. */
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { build, type Plugin, preview, type PreviewServer } from 'vite';
import { launchBrowser } from '../tests/helpers/browser.js';
import { type Measurement, type Request, TooSlow, within } from './measurement.js';
import type { Bench } from './page/main.js';
import type { Dataset } from '../src/model/data.js';
import type { GOALS, NetworkMeasurement } from './training/networks.js';
import type { StepsMeasurement, StepsRequest } from './training/work.js';

/** The project's, because shaders are found from there. */
const root = fileURLToPath(new URL('../', import.meta.url));
const PAGE = 'bench/page/index.html';
const LAUNCH = { webgpu: true } as const;
const outDir = fileURLToPath(new URL('../node_modules/.cache/isoloss-bench/', import.meta.url));

export class BenchBrowser {
  private constructor(
    private readonly server: PreviewServer,
    private browser: Browser,
    private readonly address: string,
    /** Name and version, e.g. `Chromium 150.0`. */
    readonly name: string,
  ) {}

  /** @param kernels makes the plugin of the WASM kernels; Node's own import of it, since it imports the compiler late. */
  static async open(kernels: () => Plugin): Promise<BenchBrowser> {
    await build({
      configFile: false,
      root,
      base: './',
      publicDir: false,
      logLevel: 'error',
      plugins: [kernels()],
      worker: { format: 'es', plugins: () => [kernels()] },
      // TF.js starts its threads from the text of a function, which must not refer to minified names.
      build: {
        target: 'es2022',
        outDir,
        emptyOutDir: true,
        minify: false,
        chunkSizeWarningLimit: 10_000,
        rolldownOptions: { input: `${root}${PAGE}` },
      },
    });
    const headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    const server = await preview({
      configFile: false,
      root,
      base: './',
      logLevel: 'error',
      build: { outDir },
      preview: { port: 0, open: false, headers },
    });
    const browser = await launchBrowser(LAUNCH);
    const address = `${server.resolvedUrls!.local[0]!}${PAGE}`;
    return new BenchBrowser(server, browser, address, `Chromium ${browser.version()}`);
  }

  /** Name of the GPU that pages get, null without one. */
  adapter(): Promise<string | null> {
    return this.onPage((page) =>
      page.evaluate(() => (globalThis as unknown as { bench: Bench }).bench.adapter()),
    );
  }

  /**
   * In a page of its own, so that nobody inherits another's threads or memory.
   *
   * @throws TooSlow after `seconds`; the browser is another one then
   */
  async measure(request: Request, seconds: number): Promise<Measurement> {
    try {
      return await this.onPage((page) =>
        within(
          seconds,
          page.evaluate((asked) => (globalThis as unknown as { bench: Bench }).bench.measure(asked), request),
        ),
      );
    } catch (error) {
      if (error instanceof TooSlow) await this.restart();
      throw error;
    }
  }

  /** Training steps, likewise. */
  steps(request: StepsRequest): Promise<StepsMeasurement> {
    return this.onPage((page) =>
      page.evaluate((asked) => (globalThis as unknown as { bench: Bench }).bench.steps(asked), request),
    );
  }

  /** A whole training. */
  network(kind: keyof typeof GOALS, { inputs, labels, ...data }: Dataset): Promise<NetworkMeasurement> {
    const asked = { kind, data, inputs: [...inputs], labels: [...labels!] };
    return this.onPage((page) =>
      page.evaluate(({ kind: which, data: rest, inputs: x, labels: y }) => {
        const whole = { ...rest, inputs: Float32Array.from(x), labels: Int32Array.from(y) };
        return (globalThis as unknown as { bench: Bench }).bench.network(which, whole);
      }, asked),
    );
  }

  /** A page that closes takes its threads along, but not what it has given the GPU to do, which may be minutes on a CPU. */
  private async restart(): Promise<void> {
    await this.browser.close();
    this.browser = await launchBrowser(LAUNCH);
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
  }

  private async onPage<T>(work: (page: Page) => Promise<T>): Promise<T> {
    const page = await this.browser.newPage();
    try {
      await page.goto(this.address);
      await page.waitForFunction(() => 'bench' in globalThis);
      return await work(page);
    } finally {
      await page.close();
    }
  }
}
