import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { hasDesktop } from './src/cli/desktop.js';
import { kernels } from './src/engine/wasm/plugin.mjs';

/**
 * What the built page may do, for browsers to enforce. Nothing is fetched from elsewhere and nothing is
 * sent anywhere. `blob:` and `data:` images are the figures that the page makes itself;
 * `wasm-unsafe-eval` allows WebAssembly and no eval of scripts.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** In the build alone: the development server needs inline scripts and a web socket. */
function contentSecurityPolicy(): Plugin {
  return {
    name: 'content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: CONTENT_SECURITY_POLICY },
        injectTo: 'head-prepend',
      },
    ],
  };
}

/** The kernels take most of a first build's time, as they should; whoever builds need not hear of it. */
const rolldownOptions = { checks: { pluginTimings: false } };

interface ModuleGraph {
  getModuleInfo(id: string): { readonly importedIds: readonly string[] } | null;
}

/** What a module imports statically, and what that imports, and so on; itself included. */
function reached(from: string, imports: (id: string) => readonly string[]): Set<string> {
  const found = new Set<string>([from]);
  for (const id of found) for (const imported of imports(id)) found.add(imported);
  return found;
}

/**
 * All that the first view needs in two files, one of them shared with the benchmark's page: in a piece for every way in
 * which what is loaded later shares it, it compresses worse and takes more requests.
 */
function firstView() {
  const entries = ['src/main.ts', 'bench/visitor/main.ts'].map((file) =>
    fileURLToPath(new URL(`./${file}`, import.meta.url)),
  );
  let sets: readonly Set<string>[] | null = null;
  const name = (id: string, context: ModuleGraph): string | null => {
    sets ??= entries.map((entry) => reached(entry, (from) => context.getModuleInfo(from)?.importedIds ?? []));
    const [page, bench] = sets as [Set<string>, Set<string>];
    if (id === entries[0] || !page.has(id) || id.endsWith('.css')) return null;
    return bench.has(id) ? 'core' : 'app';
  };
  return { groups: [{ name }] };
}

const BENCH_PAGE = fileURLToPath(new URL('./bench.html', import.meta.url));

/** `bench.html` beside `index.html` in the build, though its source lies in bench/visitor with the rest of the benchmark. */
function benchPage(): Plugin {
  return {
    name: 'bench-page',
    enforce: 'pre',
    resolveId: (id) => (id === BENCH_PAGE ? id : null),
    load: (id) => (id === BENCH_PAGE ? readFile('bench/visitor/index.html', 'utf8') : null),
  };
}

export default defineConfig({
  base: './',
  plugins: [contentSecurityPolicy(), kernels(), benchPage()],
  build: {
    target: 'es2022',
    // Assets as files: a data: address is not 'self' for fetch, and the policy stays strict.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      ...rolldownOptions,
      input: ['index.html', BENCH_PAGE],
      output: { codeSplitting: firstView() },
    },
  },
  worker: { format: 'es', plugins: () => [kernels()], rolldownOptions },
  preview: { open: hasDesktop(process.env, process.platform) },
  test: {
    include: ['tests/**/*.test.ts'],
    environment: 'node',
    // A process per test file: the Vulkan drivers that Dawn uses are chosen by environment variables, which threads do not have.
    pool: 'forks',
    globalSetup: ['tests/setup/global.ts'],
    // A page has its own pace, and a busy machine a slow one; what is polled for must come, not come at once.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
