import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Builds unless that is done already, in one process at a time: whoever comes meanwhile waits, and finds it done.
 * @param {string} lock path of a file that holds the number of the process that builds, as long as it does
 * @param {() => boolean} isDone
 * @param {() => Promise<unknown>} build
 */
export async function buildOnce(lock, isDone, build) {
  if (isDone()) return;
  mkdirSync(dirname(lock), { recursive: true });
  while (!take(lock)) await sleep(100);
  try {
    if (!isDone()) await build();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!holderLives(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** A process that was interrupted leaves its lock behind. @param {string} lock */
function holderLives(lock) {
  try {
    const holder = readFileSync(lock, 'utf8');
    // Between making the file and writing to it there is a moment.
    return holder === '' || process.kill(Number(holder), 0);
  } catch (error) {
    // No such process is ESRCH; one that belongs to somebody else is EPERM, and lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
