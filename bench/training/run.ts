/** `npm run bench -- --training`: training steps against others, whole trainings, and a race that is dragged. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Plugin } from 'vite';
import { referenceTraining } from '../../src/engine/reference-training.js';
import { readNpz } from '../../src/io/npz.js';
import type { Dataset } from '../../src/model/data.js';
import { launchBrowser } from '../../tests/helpers/browser.js';
import { BenchBrowser } from '../browser.js';
import { torchObstacle } from '../torch.js';
import { GOALS } from './networks.js';
import { ownStepper } from './own.js';
import { measureRaces } from './race.js';
import { BATCH, CHECKED, RATE, type StepsMeasurement, title, trainingProblem } from './work.js';

/** What the project keeps to. */
const LEAST_TIMES_FASTER = 3;
const MOST_SECONDS = 60;
const MOST_MILLISECONDS = 16;
/** Largest relative difference of a loss from the reference's. */
const AGREEMENT = 1e-3;

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);

/** Who takes part in the steps; the first one is the one that others are compared with. */
const CONTENDERS = [
  ['wasm-relaxed', 'Isoloss WASM, relaxed SIMD'],
  ['wasm-plain', 'Isoloss WASM, SIMD'],
  ['torch', 'PyTorch'],
  ['jax-wasm', 'jax-js WASM'],
  ['tfjs-wasm', 'TF.js WASM'],
  ['reference', 'Isoloss reference, float64'],
] as const;
type Contender = (typeof CONTENDERS)[number][0];

/** Exit code: 0, 1 when a bound is passed or somebody failed. */
export async function benchTraining(kernels: () => Plugin, seconds: number): Promise<number> {
  const faults: string[] = [];
  const browser = await BenchBrowser.open(kernels);
  try {
    judge(await benchSteps(browser, seconds, faults), faults);
    await benchNetworks(browser, faults);
  } finally {
    await browser.close();
  }
  await benchRaces(faults);
  for (const fault of faults) console.log(fault);
  return faults.length > 0 ? 1 : 0;
}

/** The bounds of a step. */
function judge(paces: ReadonlyMap<Contender, number>, faults: string[]): void {
  const own = paces.get('wasm-relaxed');
  for (const [contender, least] of [
    ['jax-wasm', LEAST_TIMES_FASTER],
    ['tfjs-wasm', LEAST_TIMES_FASTER],
    ['torch', 1],
  ] as const) {
    const pace = paces.get(contender);
    if (own === undefined || pace === undefined) continue;
    if (!(pace / own >= least))
      faults.push(`${contender} is ${(pace / own).toFixed(2)} times slower, not ${least}`);
  }
}

async function benchSteps(
  browser: BenchBrowser,
  seconds: number,
  faults: string[],
): Promise<Map<Contender, number>> {
  const { stepper } = await ownStepper(referenceTraining);
  const truth = await stepper.losses(CHECKED);
  const obstacle = await torchObstacle();
  if (obstacle !== null) console.log(obstacle);
  const paces = new Map<Contender, number>();
  console.log(`A training step of ${title} (median of five, warm; ${browser.name})`);
  for (const [contender, name] of CONTENDERS) {
    if (contender === 'torch' && obstacle !== null) continue;
    try {
      const measured =
        contender === 'torch' ? await measureTorch(seconds) : await inPage(browser, contender, seconds);
      const off = Math.max(...truth.map((loss, k) => Math.abs(measured.losses[k]! / loss - 1)));
      if (!(off <= AGREEMENT)) throw new Error(`its losses are ${measured.losses.join(', ')}`);
      const pace = measured.millisecondsPerStep;
      paces.set(contender, pace);
      const times = (pace / (paces.get('wasm-relaxed') ?? NaN)).toFixed(2);
      console.log(
        `  ${name.padEnd(28)} ${pace.toFixed(3).padStart(8)} ms  ${times.padStart(6)} ×  ${measured.adapter}, losses within ${off.toExponential(0)}`,
      );
    } catch (error) {
      faults.push(`${name} is left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return paces;
}

/** Small layers are not always faster on several threads, where threads can be chosen. */
async function inPage(
  browser: BenchBrowser,
  contender: Contender,
  seconds: number,
): Promise<StepsMeasurement> {
  const counts = contender === 'tfjs-wasm' ? [...new Set([1, availableParallelism()])] : [1];
  const found: StepsMeasurement[] = [];
  for (const threads of counts) found.push(await browser.steps({ contender, seconds, threads }));
  return found.toSorted((x, y) => x.millisecondsPerStep - y.millisecondsPerStep)[0]!;
}

async function measureTorch(seconds: number): Promise<StepsMeasurement> {
  const { model, data } = trainingProblem();
  const folder = await mkdtemp(join(tmpdir(), 'isoloss-bench-'));
  try {
    const arrays = [
      { name: 'inputs', shape: [data.samples, ...data.shape], data: data.inputs },
      { name: 'labels', shape: [data.samples], data: Float32Array.from(data.labels!) },
      ...model.parameters.values(),
    ];
    const tensors: Record<string, readonly [number, readonly number[]]> = {};
    let first = 0;
    for (const { name, shape, data: values } of arrays) {
      tensors[name] = [first, shape];
      first += values.length;
    }
    const binary = join(folder, 'data.bin');
    await writeFile(binary, Buffer.concat(arrays.map(({ data: values }) => Buffer.from(values.buffer))));
    const file = join(folder, 'problem.json');
    const problem = { data: binary, tensors, parameters: [...model.parameters.keys()] };
    await writeFile(file, JSON.stringify({ ...problem, batch: BATCH, rate: RATE, checked: CHECKED }));
    const script = fileURLToPath(new URL('./torch_training.py', import.meta.url));
    const { stdout } = await run(process.env['PYTHON'] ?? 'python3', [script, file, String(seconds)]);
    return JSON.parse(stdout) as StepsMeasurement;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function benchNetworks(browser: BenchBrowser, faults: string[]): Promise<void> {
  const file = fileURLToPath(new URL('public/data/digits.npz', root));
  const arrays = readNpz(new Uint8Array(await readFile(file)), file);
  const samples = 1400;
  const data: Dataset = {
    name: 'digits',
    samples,
    shape: [64],
    inputs: Float32Array.from({ length: 64 * samples }, (_, i) => Number(arrays.get('x')!.data[i]) / 16),
    labels: Int32Array.from({ length: samples }, (_, i) => Number(arrays.get('y')!.data[i])),
    targets: null,
  };
  console.log('The default networks anew, to the loss of the bundled ones (WASM, one thread)');
  for (const kind of ['plain', 'residual'] as const satisfies readonly (keyof typeof GOALS)[]) {
    const { network, goal, loss, epochs, seconds } = await browser.network(kind, data);
    console.log(
      `  ${network}: ${loss.toPrecision(3)} after ${epochs} epochs in ${seconds.toPrecision(3)} s (bundled: ${goal})`,
    );
    if (!(loss <= goal && seconds < MOST_SECONDS)) {
      faults.push(`${network} did not reach ${goal} within ${MOST_SECONDS} s`);
    }
  }
}

async function benchRaces(faults: string[]): Promise<void> {
  const browser = await launchBrowser();
  try {
    console.log(
      'A race of five optimizers, per move of the start while it is dragged (the page’s thread, all its work)',
    );
    for (const { problem, milliseconds } of await measureRaces(browser)) {
      console.log(`  ${problem}: ${milliseconds.toFixed(1)} ms`);
      if (!(milliseconds < MOST_MILLISECONDS)) {
        faults.push(`a race on ${problem} takes ${milliseconds.toFixed(1)} ms, not ${MOST_MILLISECONDS}`);
      }
    }
  } finally {
    await browser.close();
  }
}
