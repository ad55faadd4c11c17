/**
 * Builds the app once for all test files that need it, in whatever order and process they run.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildOnce } from '../../src/cli/build-once.mjs';
import { isFresh } from '../../src/cli/freshness.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = [
  'index.html',
  'vite.config.ts',
  'package-lock.json',
  'src',
  'shaders',
  'public',
  'bench/visitor',
  'bench/page',
  'bench/table.ts',
].map((name) => join(ROOT, name));

/** Builds `dist/` unless it is newer than every source; waits for a build that another process has begun. */
export function buildApp(): Promise<void> {
  const isDone = () => isFresh(join(ROOT, 'dist/index.html'), SOURCES);
  return buildOnce(join(ROOT, 'node_modules/.cache/isoloss-app.lock'), isDone, build);
}

/**
 * In a process of its own, without the test runner's NODE_ENV: with that, Vite would bundle the
 * development versions of libraries.
 */
async function build(): Promise<void> {
  const env = { ...process.env };
  delete env['NODE_ENV'];
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: ROOT, env });
}
