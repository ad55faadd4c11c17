import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';

/** Seconds that all processors of the machine together have spent: doing nothing, and in all. */
function spent(): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle / 1000;
    all += (times.user + times.nice + times.sys + times.irq + times.idle) / 1000;
  }
  return { idle, all };
}

/**
 * Waits until nine tenths of the processors' time have been idle for half a second. A new window makes the browser load
 * pages of its own (toolbar, pop-ups), which takes two cores half a second: whoever measures a start waits for that first.
 * Gives false when the machine stays busy for `seconds`.
 */
export async function machineIdle(seconds = 20): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const before = spent();
    await setTimeout(500);
    const after = spent();
    if (after.idle - before.idle > 0.9 * (after.all - before.all)) return true;
  }
  return false;
}
