/** Measures everyone on every case in one run on one machine, and prints one table. */
import { availableParallelism, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { type BenchCase, benchCase, type CaseName, caseProblem } from '../src/cli/bench-cases.js';
import { benchPoints, evaluateAll } from '../src/cli/bench-measure.js';
import { referenceEngine } from '../src/engine/reference.js';
import { multiplyAdds } from '../src/model/cost.js';
import { BenchBrowser } from './browser.js';
import { type Contender, contenders } from './contenders.js';
import { AGREEMENT, CHECKED, largestDifference } from './agreement.js';
import { measureMemory } from './memory.js';
import { type Measurement, type Request, TooSlow } from './measurement.js';
import { HELP, parseOptions, type RunOptions } from './options.js';
import { formatPasses } from './passes.js';
import { pointsForGoodPicture } from './picture.js';
import { keep } from './results.js';
import { benchTraining } from './training/run.js';
import { formatTable, LEGEND, makeRow, type Row } from './table.js';
import { measureTorch, torchObstacle } from './torch.js';

/** Seconds of a trial with one number of threads. */
const TRIAL = 0.3;
/** A row with a whole grid may take so many times as long. */
const WHOLE = 10;
const RESULTS = fileURLToPath(new URL('./results/', import.meta.url));

/** With `kernels` as BenchBrowser takes it. Exit code: 0, 1 when somebody failed or disagreed. */
export async function runBench(words: readonly string[], kernels: () => Plugin): Promise<number> {
  if (words.join() === '--memory') return measureMemory();
  if (words[0] === '--training' && words.slice(1).every((word) => word === '--quick')) {
    return benchTraining(kernels, words.length > 1 ? 0.3 : 2);
  }
  let options: RunOptions | null;
  try {
    options = parseOptions(words);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 2;
  }
  if (options === null) {
    console.log(HELP);
    return 0;
  }
  const browser = await BenchBrowser.open(kernels);
  try {
    return await new Run(options, browser).all();
  } finally {
    await browser.close();
  }
}

class Run {
  private readonly rows: Row[] = [];
  /** Sentences about what is missing or went wrong. */
  private readonly remarks: string[] = [];
  private readonly loads = new Map<CaseName, number>();
  private failed = false;

  constructor(
    private readonly options: RunOptions,
    private readonly browser: BenchBrowser,
  ) {}

  async all(): Promise<number> {
    const adapter = await this.browser.adapter();
    const taking = await this.takingPart(adapter);
    for (const name of this.options.cases) await this.oneCase(benchCase(name), taking);
    console.log(`\n${formatTable(this.rows)}\n${LEGEND}\n${formatPasses(this.rows)}`);
    console.log(`${this.browser.name}, WebGPU adapter: ${adapter ?? 'none'}`);
    for (const remark of this.remarks) console.log(remark);
    if (this.options.keep) {
      const date = new Date().toISOString().slice(0, 10);
      const rows = this.rows.map((row) => ({ ...row, load: this.loads.get(row.case)! }));
      await keep(RESULTS, { date, browser: this.browser.name, gpu: adapter }, rows);
    }
    return this.failed ? 1 : 0;
  }

  private async takingPart(adapter: string | null): Promise<Contender[]> {
    const asked = contenders.filter(({ id }) => this.options.only.includes(id));
    const obstacle = asked.some(({ where }) => where === 'python') ? await torchObstacle() : null;
    if (obstacle !== null) this.remarks.push(obstacle);
    if (adapter === null && asked.some(({ gpu }) => gpu)) {
      this.remarks.push('This browser offers no WebGPU adapter, so nobody is measured on one.');
    }
    return asked.filter(({ gpu, where }) =>
      where === 'python' ? obstacle === null : adapter !== null || !gpu,
    );
  }

  private async oneCase(chosen: BenchCase, taking: readonly Contender[]): Promise<void> {
    console.error(`\n(${chosen.name}) ${chosen.title}`);
    this.loads.set(chosen.name, loadavg()[0]!);
    const problem = caseProblem(chosen);
    const { a, b } = benchPoints(CHECKED[chosen.name]);
    const truth = await evaluateAll(await referenceEngine.prepare(problem), { a, b }, chosen.samples, 1);
    const check = { a: [...a], b: [...b] };
    let enough: number | null = null;
    const hasNorm = chosen.model.nodes.some(({ op }) => op === 'batchnorm');
    const entries = taking.flatMap((contender) =>
      contender.id === 'torch' && hasNorm
        ? [
            { contender, title: contender.title, fold: false },
            { contender, title: `${contender.title}, batch norm folded`, fold: true },
          ]
        : [{ contender, title: contender.title, fold: false }],
    );
    for (const { contender, title, fold } of entries) {
      const { quick, seconds, gridSeconds } = this.options;
      // The first one shows the whole picture, which tells what a good one is.
      // A GPU may be a software renderer, which would take hours.
      const whole = !quick && contender.own && !contender.gpu && enough === null;
      const request: Request = {
        contender: contender.id,
        case: chosen.name,
        check,
        seconds,
        gridSeconds: whole ? null : quick ? 0 : gridSeconds,
        ...(contender.own && !contender.gpu && contender.id !== 'reference'
          ? { passSeconds: Math.min(1, seconds) }
          : {}),
      };
      try {
        const measured = await this.measure(contender, request, fold);
        const difference = largestDifference(measured.check, truth);
        if (!(difference <= AGREEMENT)) {
          throw new Error(
            `its losses are ${measured.check.join(', ')}, the reference's ${[...truth].join(', ')}`,
          );
        }
        if (measured.grid !== null) enough ??= pointsForGoodPicture(measured.grid, chosen.side);
        const row = makeRow(measured, {
          case: chosen.name,
          contender: fold ? `${contender.id}-folded` : contender.id,
          title,
          total: chosen.side ** 2,
          enough,
          multiplyAddsPerPoint: multiplyAdds(chosen.model) * chosen.samples,
          difference,
        });
        this.rows.push(row);
        console.error(
          `  ${title}: ${row.millisecondsPerPoint.toPrecision(3)} ms a point, ${row.gflops.toFixed(1)} GFLOP/s (${row.adapter})`,
        );
      } catch (error) {
        if (!(error instanceof TooSlow)) this.failed = true;
        const [reason] = String(error instanceof Error ? error.message : error).split('\n');
        const remark = `(${chosen.name}) ${title} is left out: ${reason}`;
        this.remarks.push(remark);
        console.error(`  ${remark}`);
      }
    }
  }

  private async measure(contender: Contender, request: Request, fold: boolean): Promise<Measurement> {
    if (contender.where === 'python') return measureTorch(request, fold);
    // A whole grid is what a good picture is told by.
    const rowSeconds = this.options.rowSeconds * (request.gridSeconds === null ? WHOLE : 1);
    if (!contender.threads) return this.browser.measure(request, rowSeconds);
    // Small layers are not always faster on several threads.
    const counts = [...new Set([availableParallelism(), 1])];
    const trials: { threads: number; pace: number }[] = [];
    for (const threads of counts) {
      const trial = await this.browser.measure({ ...request, threads, seconds: TRIAL }, rowSeconds);
      trials.push({ threads, pace: trial.millisecondsPerPoint });
    }
    const { threads } = trials.toSorted((x, y) => x.pace - y.pace)[0]!;
    return this.browser.measure({ ...request, threads }, rowSeconds);
  }
}
