/** A new browser worker for a pool; in this form Vite finds the worker's file and bundles it. */
export function spawnWorker(): Worker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
}
