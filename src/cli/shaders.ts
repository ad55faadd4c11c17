/**
 * `isoloss shaders`: every compute pipeline that the WebGPU engine makes for a case, for compilers that say
 * what a real GPU would make of it.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createWebgpuEngine } from '../engine/webgpu/engine.js';
import { WINOGRAD_TILING } from '../engine/webgpu/winograd.js';
import { benchCase, type CaseName, caseProblem } from './bench-cases.js';
import type { ShadersOptions } from './options.js';
import { type RecordedPipeline, recordingGpu } from './recording-gpu.js';

/** One pipeline on its way to two files. */
export interface ShaderFile extends RecordedPipeline {
  /** Without extension; unique among a case's. */
  readonly name: string;
}

/** The pipelines of a case, in the order in which the engine asks for them; needs no GPU. */
export async function caseShaders(name: CaseName): Promise<ShaderFile[]> {
  const { gpu, pipelines } = recordingGpu();
  const problem = caseProblem(benchCase(name));
  const evaluator = await createWebgpuEngine({ gpu }).prepare(problem);
  const centre = { a: Float64Array.of(0), b: Float64Array.of(0) };
  for (const order of [1, 2] as const) await evaluator.derivatives(centre, { first: 0, count: 1 }, order);
  evaluator.dispose();
  // What measuring may choose instead, with stages of its own.
  const tiled = await createWebgpuEngine({ gpu, tiling: WINOGRAD_TILING.chain }).prepare(problem);
  tiled.dispose();
  const counts = new Map<string, number>();
  return pipelines.map((pipeline) => {
    const label = pipeline.label.replaceAll(/\W+/g, '-');
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    return { ...pipeline, name: count === 1 ? label : `${label}-${count}` };
  });
}

/** Writes NAME.wgsl and NAME.json for each; gives the paths of the WGSL files. */
export async function writeShaders({ case: name, out }: ShadersOptions): Promise<string[]> {
  const files = await caseShaders(name);
  await mkdir(out, { recursive: true });
  return Promise.all(
    files.map(async ({ name: file, label, code, entryPoint, constants }) => {
      const path = join(out, `${file}.wgsl`);
      await writeFile(path, code);
      const facts = { case: name, label, entryPoint, constants };
      await writeFile(join(out, `${file}.json`), `${JSON.stringify(facts, null, 2)}\n`);
      return path;
    }),
  );
}
