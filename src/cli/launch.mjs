/**
 * `npm run isoloss`. Compiles the command line when its sources have changed, because Node cannot run
 * TypeScript by itself, and hands over to it. Says nothing: standard output belongs to the command.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildOnce } from './build-once.mjs';
import { isFresh } from './freshness.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const output = join(root, 'node_modules/.cache/isoloss-cli');
const main = join(output, 'main.js');
const sources = ['src', 'shaders', 'package-lock.json'].map((name) => join(root, name));

await buildOnce(`${output}.lock`, () => isFresh(main, sources), compile);
const { run } = await import(pathToFileURL(main).href);
process.exitCode = await run(process.argv.slice(2), {
  assets: join(root, 'public'),
  worker: join(output, 'worker-node.js'),
  peakWorker: join(output, 'peak-worker.js'),
});

async function compile() {
  const { build } = await import('vite');
  const { kernels } = await import('../engine/wasm/plugin.mjs');
  await build({
    configFile: false,
    root,
    publicDir: false,
    logLevel: 'error',
    plugins: [kernels()],
    build: {
      ssr: true,
      target: 'node20',
      outDir: output,
      emptyOutDir: true,
      rolldownOptions: {
        input: {
          main: join(root, 'src/cli/main.ts'),
          'worker-node': join(root, 'src/engine/worker-node.ts'),
          'peak-worker': join(root, 'src/cli/peak-worker.ts'),
        },
      },
    },
  });
}
