/**
 * `npm run isoloss`. Compiles the command line when its sources have changed, because Node cannot run
 * TypeScript by itself, and hands over to it. Says nothing: standard output belongs to the command.
 */
import { renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isFresh } from './freshness.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const output = join(root, 'node_modules/.cache/isoloss-cli');
const main = join(output, 'main.js');
const sources = ['src', 'shaders', 'package-lock.json'].map((name) => join(root, name));

if (!isFresh(main, sources)) await compile();
const { run } = await import(pathToFileURL(main).href);
process.exitCode = await run(process.argv.slice(2), {
  assets: join(root, 'public'),
  worker: join(output, 'worker-node.js'),
});

/** Builds beside the final place and moves there, so that a command started meanwhile never sees half a build. */
async function compile() {
  const { build } = await import('vite');
  const { kernels } = await import('../engine/wasm/plugin.mjs');
  const draft = `${output}.${process.pid}`;
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    plugins: [kernels()],
    build: {
      ssr: true,
      target: 'node20',
      outDir: draft,
      ssrEmitAssets: true,
      assetsInlineLimit: 0,
      rolldownOptions: {
        input: {
          main: join(root, 'src/cli/main.ts'),
          'worker-node': join(root, 'src/engine/worker-node.ts'),
        },
      },
    },
  });
  try {
    rmSync(output, { recursive: true, force: true });
    renameSync(draft, output);
  } catch (error) {
    // Another command was faster with the same build; anything else is an error.
    if (!isFresh(main, sources)) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}
