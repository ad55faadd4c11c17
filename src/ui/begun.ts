import { type LandscapeJob, type RunOptions, runLandscapes } from '../landscape/run.js';

/** Runs landscapes; `begun` settles at the first report, or with the run. */
export function beginLandscapes(
  jobs: readonly LandscapeJob[],
  options: RunOptions,
): { readonly run: Promise<void>; readonly begun: Promise<void> } {
  let begin = (): void => undefined;
  const reported = new Promise<void>((resolve) => (begin = resolve));
  const run = runLandscapes(jobs, {
    ...options,
    onProgress: (progress) => {
      options.onProgress?.(progress);
      begin();
    },
  });
  const begun = Promise.race([reported, run]);
  // Who waits for the run alone hears of its failure there.
  begun.catch(() => undefined);
  return { run, begun };
}
