/** Training steps as a page takes them; the fastest of several ways is timed. */
import { referenceTraining } from '../../src/engine/reference-training.js';
import { createWasmTraining } from '../../src/engine/wasm/training/session.js';
import { ownStepper } from './own.js';
import { CHECKED, type Stepper, type StepsMeasurement, type StepsRequest, timeSteps } from './work.js';

/** Seconds of a trial of each way. */
const TRIAL = 0.3;

export async function measureSteps({ contender, seconds, threads }: StepsRequest): Promise<StepsMeasurement> {
  const { adapter, ways } = await open(contender, threads);
  const trials: { way: Stepper; pace: number }[] = [];
  const failures: string[] = [];
  for (const way of ways) {
    try {
      trials.push({ way, pace: (await timeSteps(way, TRIAL, 1)).millisecondsPerStep });
    } catch (error) {
      failures.push(`${way.name}: ${String(error)}`);
    }
  }
  const best = trials.toSorted((x, y) => x.pace - y.pace)[0];
  if (best === undefined) throw new Error(failures.join('; '));
  const losses = await best.way.losses(CHECKED);
  const timed = await timeSteps(best.way, seconds);
  return { adapter: [adapter, best.way.name].filter(Boolean).join(', '), losses, ...timed };
}

async function open(
  contender: string,
  threads: number,
): Promise<{ readonly adapter: string; readonly ways: readonly Stepper[] }> {
  const own = (made: { stepper: Stepper; adapter: string }) => ({
    adapter: `${made.adapter}, 1 thread`,
    ways: [made.stepper],
  });
  switch (contender) {
    case 'wasm-relaxed':
      return own(await ownStepper(createWasmTraining('auto')));
    case 'wasm-plain':
      return own(await ownStepper(createWasmTraining(false)));
    case 'reference':
      return own(await ownStepper(referenceTraining));
    case 'jax-wasm': {
      const adapter = await (await import('../page/jax.js')).openJax('wasm');
      return { adapter, ways: (await import('./jax.js')).jaxSteppers() };
    }
    case 'tfjs-wasm': {
      const adapter = await (await import('../page/tfjs.js')).openTf('wasm', threads);
      return { adapter, ways: (await import('./tfjs.js')).tfSteppers() };
    }
    default:
      throw new Error(`nobody called ${contender} trains`);
  }
}
