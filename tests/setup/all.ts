/**
 * Everything that must hold before a change is good, in one command: sets up what the tests need, then
 * runs each check in turn and stops at the first that fails. Vitest comes last, so its closing line is ours.
 */
import { spawn } from 'node:child_process';
import { listAdapters, modernLavapipe } from './adapters.js';
import { ensureBrowser, SetupError } from './install-browser.js';
import { vulkanEnvironment } from './vulkan.js';

/** Commands of this project's dependencies, which `npm test` puts in PATH; the cheap ones first. */
const CHECKS: readonly (readonly string[])[] = [
  ['tsc'],
  ['oxlint', '--type-aware'],
  ['prettier', '--check', '--log-level', 'warn', '.'],
  ['knip'],
  ['vite', 'build', '--logLevel', 'warn'],
];

/** Exit code for the whole: 0 when everything holds. */
export async function runAll(): Promise<number> {
  try {
    await checkAll();
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

async function checkAll(): Promise<void> {
  console.log(`browser: ${await ensureBrowser()}`);
  const environment = { ...process.env, ...vulkanEnvironment(), REQUIRE_GPU: '1' };
  const adapters = await listAdapters(environment);
  if (adapters.length === 0) {
    throw new SetupError(
      'Dawn found no WebGPU adapter under Node: install Chromium (its SwiftShader is enough) or a Vulkan driver, or set VK_ICD_FILENAMES.',
    );
  }
  console.log(`WebGPU under Node: ${adapters.join(', ')}`);

  for (const words of CHECKS) await run(words, process.env);
  await run(['node', 'tests/setup/budget.mjs'], process.env);

  const lavapipe = await modernLavapipe();
  if (lavapipe !== null) {
    console.log(`WebGPU parity on ${lavapipe.adapter}`);
    await run(['vitest', 'run', 'tests/parity/webgpu'], {
      ...environment,
      VK_ICD_FILENAMES: lavapipe.manifest,
      GRID_STRIDE: '1',
    });
  }
  await run(['vitest', 'run'], environment);
}

async function run(words: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const [command, ...rest] = words as [string, ...string[]];
  const label = words.join(' ');
  console.log(`\n> ${label}`);
  const start = performance.now();
  const code = await new Promise<number | null>((resolve, reject) => {
    // Windows finds the .cmd files of npm only through a shell; the words are constants of this file.
    spawn(command, rest, { stdio: 'inherit', env, shell: process.platform === 'win32' })
      .once('error', reject)
      .once('exit', resolve);
  });
  if (code !== 0) throw new SetupError(`${label} failed.`);
  if (command !== 'vitest') console.log(`  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
