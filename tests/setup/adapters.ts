/**
 * Which WebGPU adapters Dawn finds under Node. Each question is asked in a process of its own, because
 * Vulkan reads its environment once.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SetupError } from './install-browser.js';

const PROBE = `
import { create } from 'webgpu';
const adapter = await create([]).requestAdapter();
if (adapter) console.log(JSON.stringify([adapter.info.vendor, adapter.info.architecture, adapter.info.description].join(' ')));
process.exit(0);
`;

/** Older releases lack what Dawn needs, or round differently. */
const OLDEST_MESA = 23;

const MANIFESTS = '/usr/share/vulkan/icd.d';

/** Names of the adapters that Dawn finds with these environment variables; throws SetupError where it does not start. */
export async function listAdapters(env: NodeJS.ProcessEnv): Promise<string[]> {
  const words = ['--input-type=module', '--eval', PROBE];
  const { stdout } = await promisify(execFile)(process.execPath, words, { env }).catch((error: unknown) => {
    const said = (error as { stderr?: string }).stderr ?? '';
    const reason = /^\w*Error\b[^:]*: (.*)$/m.exec(said)?.[1] ?? String(error);
    throw new SetupError(
      `The tests need the optional package webgpu, which does not start here (${reason}): run npm ci without --omit=optional.`,
    );
  });
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('"'))
    .map((line) => JSON.parse(line) as string);
}

/** Mesa's software renderer, where it is new enough to run the engine. */
export async function modernLavapipe(): Promise<{ manifest: string; adapter: string } | null> {
  if (!existsSync(MANIFESTS)) return null;
  const name = readdirSync(MANIFESTS).find((file) => file.startsWith('lvp_icd'));
  if (name === undefined) return null;
  const manifest = join(MANIFESTS, name);
  const [adapter] = await listAdapters({ ...process.env, VK_ICD_FILENAMES: manifest });
  const version = Number(/Mesa (\d+)/.exec(adapter ?? '')?.[1] ?? 0);
  return adapter !== undefined && version >= OLDEST_MESA ? { manifest, adapter } : null;
}
