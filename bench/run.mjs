/**
 * `npm run bench`: installs what Isoloss is measured against when that is missing, and measures. Node cannot run
 * the TypeScript of `run.ts` by itself; Vite can.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { kernels } from '../src/engine/wasm/plugin.mjs';

const folder = fileURLToPath(new URL('./', import.meta.url));
// The app's own memory is held against nobody.
if (!process.argv.includes('--memory') && !existsSync(`${folder}node_modules/@jax-js/jax`)) {
  console.error('installing the alternatives into bench/node_modules');
  execFileSync('npm', ['ci'], { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
}
const { module } = await runnerImport(`${folder}run.ts`, { configFile: false, logLevel: 'error' });
process.exitCode = await module.runBench(process.argv.slice(2), kernels);
