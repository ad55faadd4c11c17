/** What the test command says on a machine that lacks what it needs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { listAdapters } from '../../setup/adapters.js';
import { ensureBrowser, SetupError } from '../../setup/install-browser.js';

const before = { folder: process.cwd(), path: process.env['CHROMIUM_PATH'] };
afterEach(() => {
  process.chdir(before.folder);
  if (before.path === undefined) delete process.env['CHROMIUM_PATH'];
  else process.env['CHROMIUM_PATH'] = before.path;
});

const failure = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error: unknown) => error);

it('a CHROMIUM_PATH that names no browser is one sentence', async () => {
  process.env['CHROMIUM_PATH'] = '/nowhere/chrome';
  const error = await failure(ensureBrowser());
  expect(error).toBeInstanceOf(SetupError);
  expect((error as Error).message).toBe(
    "CHROMIUM_PATH is '/nowhere/chrome', which is not an executable file.",
  );
});

it('without the optional package webgpu there is one sentence', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'isoloss-'));
  process.chdir(empty);
  const error = await failure(listAdapters(process.env));
  process.chdir(before.folder);
  rmSync(empty, { recursive: true });
  expect(error).toBeInstanceOf(SetupError);
  expect((error as Error).message).toMatch(/^The tests need the optional package webgpu, .*'webgpu'.*\.$/);
});
