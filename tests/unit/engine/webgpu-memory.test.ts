/** GPU memory on a GPU that only keeps the books; `npm run bench -- --memory` measures a real one. */
import { expect, it } from 'vitest';
import { benchCase, caseProblem } from '../../../src/cli/bench-cases.js';
import { recordingGpu } from '../../../src/cli/recording-gpu.js';
import type { Problem } from '../../../src/engine/engine.js';
import { createWebgpuEngine } from '../../../src/engine/webgpu/engine.js';
import { WINOGRAD_TILING } from '../../../src/engine/webgpu/winograd.js';

/** Most bytes that all buffers took at one time while so many points were evaluated. */
async function peak(problem: Problem, count: number, tiling = 0): Promise<number> {
  const { gpu } = recordingGpu();
  const adapter = (await gpu.requestAdapter())!;
  const device = await adapter.requestDevice();
  const create = device.createBuffer.bind(device);
  let [live, most] = [0, 0];
  device.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    live += buffer.size;
    most = Math.max(most, live);
    return Object.assign(buffer, { destroy: () => void (live -= buffer.size) });
  };
  const evaluator = await createWebgpuEngine({ gpu, tiling }).prepare(problem);
  const a = Float64Array.from({ length: count }, (_, i) => i / count);
  await evaluator.evaluate({ a, b: a }, { first: 0, count: problem.data.samples });
  evaluator.dispose();
  expect(live).toBe(0);
  return most;
}

it('ResNet-20 on 100 samples takes less than 256 MiB of buffers, as many for 7×7 points as for 71×71', async () => {
  const problem = caseProblem(benchCase('c'));
  const few = await peak(problem, 7 ** 2);
  expect(few).toBeLessThan(256 * 2 ** 20);
  expect(few).toBeGreaterThan(problem.data.inputs.byteLength);
  expect(await peak(problem, 71 ** 2)).toBeLessThan(few + 2 ** 20);
});

it('with Winograd’s tiles it takes less than 256 MiB too', async () => {
  const problem = caseProblem(benchCase('c'));
  const tiled = await peak(problem, 49, WINOGRAD_TILING.chain);
  expect(tiled).toBeLessThan(256 * 2 ** 20);
  expect(tiled).toBeGreaterThan((await peak(problem, 49)) + 64 * 2 ** 20);
});
