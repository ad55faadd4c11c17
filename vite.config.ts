import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
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

/**
 * The page's code is imported by a small script that begins other things first. The browser is told of it in
 * the page itself all the same, so that both load at once.
 */
function preloadApp(): Plugin {
  return {
    name: 'preload-app',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle, path }) {
        if (bundle === undefined || path !== '/index.html') return [];
        const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
        const wanted = new Set<string>();
        const want = (name: string): void => {
          if (wanted.has(name)) return;
          wanted.add(name);
          chunks.find(({ fileName }) => fileName === name)?.imports.forEach(want);
        };
        const first = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith('/src/main.ts')));
        if (first === undefined) throw new Error('src/main.ts is in no chunk');
        first.dynamicImports.forEach(want);
        return [...wanted]
          .filter((name) => !html.includes(`./${name}"`))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `./${name}` },
            injectTo: 'head',
          }));
      },
    },
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
  const entries = ['src/ui/app.ts', 'bench/visitor/main.ts', 'src/main.ts'].map((file) =>
    fileURLToPath(new URL(`./${file}`, import.meta.url)),
  );
  let sets: readonly Set<string>[] | null = null;
  const name = (id: string, context: ModuleGraph): string | null => {
    sets ??= entries.map((entry) => reached(entry, (from) => context.getModuleInfo(from)?.importedIds ?? []));
    const [page, bench, first] = sets as [Set<string>, Set<string>, Set<string>];
    if (id === entries[2] || id.endsWith('.css')) return null;
    if (first.has(id)) return 'begin';
    return !page.has(id) ? null : bench.has(id) ? 'core' : 'app';
  };
  // A group takes along what its modules import, unless that is in a group before it.
  const only = (group: string) => ({
    name: (id: string, context: ModuleGraph) => (name(id, context) === group ? group : null),
  });
  return {
    groups: [
      { ...only('begin'), priority: 2 },
      { ...only('core'), priority: 1 },
      { ...only('app'), priority: 0 },
    ],
  };
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
  plugins: [contentSecurityPolicy(), preloadApp(), kernels(), benchPage()],
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
    // Two at a time even on two cores: many files keep one core busy, and pages and drivers often wait.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: ['tests/setup/global.ts'],
    // A page has its own pace, and a busy machine a slow one; what is polled for must come, not come at once.
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
