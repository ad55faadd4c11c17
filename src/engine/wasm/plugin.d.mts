import type { Plugin } from 'vite';

/** Compiles the AssemblyScript kernels on demand; see plugin.mjs. */
export function kernels(): Plugin;
