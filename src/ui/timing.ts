import { measurePace, type RunSize, secondsFor, type TimedWork } from '../landscape/estimate.js';
import type { LandscapeJob } from '../landscape/run.js';

export interface Timing {
  /** Until all that is missing is there, and for all of it from the beginning. */
  readonly seconds: number;
  readonly whole: number;
  /** Whether no job was complete, and so left out. */
  readonly isAll: boolean;
}

/** Times the engine on each job that is not complete. Rejects as the engine does. */
export async function timeJobs(
  jobs: readonly LandscapeJob[],
  size: RunSize,
  signal: AbortSignal,
): Promise<Timing> {
  const works: TimedWork[] = [];
  const all: TimedWork[] = [];
  for (const { evaluator, sums, samples } of jobs) {
    const left = sums.samples.reduce((sum, has) => sum + samples - has, 0);
    if (left === 0) continue;
    const pace = await measurePace(evaluator, size, signal);
    works.push({ pace, left });
    all.push({ pace, left: sums.samples.length * samples });
  }
  return { seconds: secondsFor(works), whole: secondsFor(all), isAll: all.length === jobs.length };
}
