import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildOnce } from '../../../src/cli/build-once.mjs';

let folder = '';
let lock = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoloss-'));
  lock = join(folder, 'deep/lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('of several at once, one builds and the others wait for it', async () => {
  let builds = 0;
  const built = join(folder, 'built');
  const build = async () => {
    builds++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    writeFileSync(built, '');
  };
  const done = () => existsSync(built);
  await Promise.all([1, 2, 3].map(() => buildOnce(lock, done, build).then(() => expect(done()).toBe(true))));
  expect(builds).toBe(1);
  expect(existsSync(lock)).toBe(false);
});

test('a build that fails gives the lock back', async () => {
  const fail = () => Promise.reject(new Error('no disk'));
  await expect(buildOnce(lock, () => false, fail)).rejects.toThrow('no disk');
  expect(existsSync(lock)).toBe(false);
});

test('the lock of a process that has died does not hold anyone up', async () => {
  await buildOnce(
    lock,
    () => false,
    async () => undefined,
  );
  // Larger than any process number of Linux, macOS or Windows.
  writeFileSync(lock, '4194305000');
  let builds = 0;
  await buildOnce(
    lock,
    () => false,
    async () => builds++,
  );
  expect(builds).toBe(1);
});
