/**
 * Builds the app once for all test files that need it, in whatever order and process they run.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { isFresh } from '../../src/cli/freshness.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = ['index.html', 'vite.config.ts', 'package-lock.json', 'src', 'shaders', 'public'].map(
  (name) => join(ROOT, name),
);
const LOCK = join(ROOT, 'node_modules/.cache/isoloss-build.lock');

/** A build takes seconds; a lock older than this belongs to a process that died. In milliseconds. */
const STALE_LOCK = 120_000;

/** Builds `dist/` unless it is newer than every source; waits for a build that another process has begun. */
export async function buildApp(): Promise<void> {
  if (isBuilt()) return;
  mkdirSync(join(LOCK, '..'), { recursive: true });
  while (!takeLock()) await sleep(200);
  try {
    if (!isBuilt()) await build();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
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

function isBuilt(): boolean {
  return isFresh(join(ROOT, 'dist/index.html'), SOURCES);
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const age = Date.now() - (statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > STALE_LOCK) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}
