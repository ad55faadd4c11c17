/** PyTorch, where a Python with it is at hand: $PYTHON, else python3. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { benchCase, caseGrid, caseProblem } from '../src/cli/bench-cases.js';
import { coordinates } from '../src/landscape/grid.js';
import { coarseToFine } from '../src/landscape/order.js';
import type { Measurement, Request } from './measurement.js';

const run = promisify(execFile);
const python = process.env['PYTHON'] ?? 'python3';
const SCRIPT = fileURLToPath(new URL('./torch_loop.py', import.meta.url));

/** Why PyTorch takes no part, in one sentence; null when it does. */
export async function torchObstacle(): Promise<string | null> {
  try {
    await run(python, ['-c', 'import torch']);
    return null;
  } catch {
    return `PyTorch takes no part: ${python} has no torch (set PYTHON to one that has).`;
  }
}

/** The strongest loop on the same work; `fold` folds batch norm into the weights before it. */
export async function measureTorch(request: Request, fold: boolean): Promise<Measurement> {
  const folder = await mkdtemp(join(tmpdir(), 'isoloss-bench-'));
  try {
    const file = await writeProblem(folder, request);
    const words = [SCRIPT, file, '--seconds', String(request.seconds), ...(fold ? ['--fold'] : [])];
    const { stdout } = await run(python, words);
    const measured = JSON.parse(stdout) as Measurement;
    return { ...measured, marks: null, grid: null, peakGflops: null, executedPerPoint: null };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** All arrays as float32 in one file, everything else as JSON; gives the JSON's path. */
async function writeProblem(folder: string, { case: name, check }: Request): Promise<string> {
  const chosen = benchCase(name);
  const { model, d1, d2, data } = caseProblem(chosen);
  const arrays = new Map<string, { shape: readonly number[]; values: Float32Array }>([
    ['inputs', { shape: [data.samples, ...data.shape], values: data.inputs }],
    ['labels', { shape: [data.samples], values: Float32Array.from(data.labels!) }],
  ]);
  for (const { name: parameter, shape, data: values } of model.parameters.values()) {
    arrays.set(parameter, { shape, values });
    for (const [prefix, direction] of [['d1:', d1] as const, ['d2:', d2] as const]) {
      const moved = direction.get(parameter);
      if (moved) arrays.set(prefix + parameter, { shape, values: moved });
    }
  }
  const tensors: Record<string, readonly [first: number, shape: readonly number[]]> = {};
  let first = 0;
  for (const [key, { shape, values }] of arrays) {
    tensors[key] = [first, shape];
    first += values.length;
  }
  const data32 = join(folder, 'data.bin');
  await writeFile(
    data32,
    Buffer.concat([...arrays.values()].map(({ values }) => Buffer.from(values.buffer))),
  );
  const axis = coordinates(caseGrid(chosen).columns);
  const lattice = coarseToFine(chosen.side, chosen.side)[0]!.points;
  const file = join(folder, 'problem.json');
  const problem = {
    data: data32,
    tensors,
    nodes: model.nodes,
    moving: [...d1.keys()],
    points: chosen.side ** 2,
    check,
    coarsest: {
      a: Array.from(lattice, (point) => axis[point % chosen.side]!),
      b: Array.from(lattice, (point) => axis[Math.floor(point / chosen.side)]!),
    },
  };
  await writeFile(file, JSON.stringify(problem));
  return file;
}
