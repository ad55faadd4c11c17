/**
 * Plain JavaScript, because it decides what must be compiled before any TypeScript can run.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Newest modification time of a file, or of the files and folders below a folder.
 * @param {string} path
 * @returns {number} milliseconds since 1970; 0 when there is nothing
 */
function newest(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.mtimeMs;
  return Math.max(entry.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * Whether `output` exists and is newer than everything it is made of.
 * @param {string} output
 * @param {readonly string[]} sources files and folders
 */
export function isFresh(output, sources) {
  return newest(output) > Math.max(...sources.map(newest));
}
