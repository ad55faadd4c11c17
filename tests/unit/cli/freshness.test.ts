import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isFresh } from '../../../src/cli/freshness.mjs';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoloss-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A file, and its modification time in seconds since 1970. */
function write(name: string, time: number): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, name);
  utimesSync(path, time, time);
  utimesSync(join(path, '..'), 1, 1);
  return path;
}

test('an output newer than every source is fresh', () => {
  write('src/deep/a.ts', 100);
  write('src/b.ts', 200);
  expect(isFresh(write('out.js', 300), [join(folder, 'src')])).toBe(true);
});

test('one newer source, however deep, makes it stale', () => {
  write('src/deep/a.ts', 400);
  write('src/b.ts', 200);
  expect(isFresh(write('out.js', 300), [join(folder, 'src')])).toBe(false);
});

test('what does not exist is stale', () => {
  expect(isFresh(join(folder, 'out.js'), [write('src/a.ts', 100)])).toBe(false);
});
