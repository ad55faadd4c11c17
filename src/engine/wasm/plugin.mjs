/**
 * Compiles the AssemblyScript kernels when something imports them, for Vite's server, its build, its workers and
 * the tests alike: `virtual:isoloss-kernels/simd128` and `virtual:isoloss-kernels/relaxed` export the bytes of the
 * module that evaluates, `…/training-simd128` and `…/training-relaxed` those of the one that trains, which has its kernels
 * too (some 30 and 50 KB, inlined, so that a worker needs no request of its own). Results are kept under
 * node_modules/.cache, named by a hash of all that goes into them.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const prefix = 'virtual:isoloss-kernels/';
const sources = fileURLToPath(new URL('./assembly/', import.meta.url));
const cache = fileURLToPath(new URL('../../../node_modules/.cache/isoloss-kernels/', import.meta.url));

/** Memory is the engine's; speed before size; AS112 warns of vectors passed between functions of the module itself. */
const common =
  '--importMemory --noExportMemory --runtime stub --use abort= --noAssert -O3 --disableWarning 112';
const simd128 = '--enable simd';
const relaxed = '--enable simd --enable relaxed-simd';
/** What is compiled, and how. */
const builds = {
  simd128: `index.ts ${simd128}`,
  relaxed: `index.ts ${relaxed}`,
  'training-simd128': `training.ts ${simd128}`,
  'training-relaxed': `training.ts ${relaxed}`,
};

/** @returns {import('vite').Plugin} */
export function kernels() {
  return {
    name: 'isoloss-kernels',
    enforce: 'pre',
    resolveId(id) {
      return id.startsWith(prefix) ? `\0${id}` : null;
    },
    async load(id) {
      if (!id.startsWith(`\0${prefix}`)) return null;
      const build = id.slice(prefix.length + 1);
      if (!Object.hasOwn(builds, build)) {
        this.error(`${id.slice(1)}: no such build; there are ${Object.keys(builds).join(' and ')}`);
      }
      const files = (await readdir(sources)).filter((name) => name.endsWith('.ts'));
      for (const name of files) this.addWatchFile(join(sources, name));
      const bytes = await compiled(`${builds[build]} ${common}`, files.sort());
      return `export default Uint8Array.from(atob('${bytes.toString('base64')}'), (c) => c.charCodeAt(0));`;
    },
  };
}

/** @type {Map<string, Promise<Buffer>>} */
const running = new Map();

/**
 * @param {string} options of the compiler, the entry file first
 * @param {string[]} files
 */
async function compiled(options, files) {
  const { version } = createRequire(import.meta.url)('assemblyscript/package.json');
  const texts = new Map();
  for (const name of files) texts.set(name, await readFile(join(sources, name), 'utf8'));
  const hash = createHash('sha256')
    .update(JSON.stringify([version, options, ...texts]))
    .digest('hex');
  const kept = join(cache, `${hash}.wasm`);
  try {
    return await readFile(kept);
  } catch {
    if (!running.has(kept)) running.set(kept, compile(options, texts, kept));
    return running.get(kept);
  }
}

/**
 * @param {string} options
 * @param {Map<string, string>} texts
 * @param {string} kept where the result is to be found next time
 */
async function compile(options, texts, kept) {
  const { default: asc } = await import('assemblyscript/asc');
  const stderr = asc.createMemoryStream();
  let bytes;
  const { error } = await asc.main([...options.split(' '), '--outFile', 'kernels.wasm'], {
    stderr,
    readFile: (name) => texts.get(basename(name)) ?? null,
    writeFile: (_name, contents) => void (bytes = Buffer.from(contents)),
    listFiles: () => [],
  });
  if (error) throw new Error(`the WASM kernels do not compile: ${error.message}\n${stderr.toString()}`);
  await mkdir(cache, { recursive: true });
  // Renamed into place, as tests and builds may compile at the same time.
  const draft = `${kept}.${process.pid}`;
  await writeFile(draft, bytes);
  await rename(draft, kept);
  return bytes;
}
