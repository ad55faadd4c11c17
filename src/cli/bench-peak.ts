/** What one thread can do at best, in the arithmetic of an engine of the CPU. */
import { chooseBuild } from '../engine/wasm/modules.js';
import { measurePeak } from '../engine/wasm/peak.js';

export interface PeakRequest {
  readonly engine: 'reference' | 'wasm';
  /** As `createWasmEngine` takes it. */
  readonly relaxed: boolean | 'auto';
}

const ROUNDS = 2_000_000;
const REPETITIONS = 30;
/** Eight multiply-adds a round. */
const FLOP_PER_ROUND = 16;

/** GFLOP/s of this thread; run it on every core at once, as they slow each other down. */
export function threadPeak({ engine, relaxed }: PeakRequest): Promise<number> | number {
  return engine === 'wasm' ? measurePeak(chooseBuild(relaxed)) : referencePeak();
}

/** Float64 multiply-adds in local variables, as the JavaScript engine compiles them. */
function referencePeak(): number {
  let best = Infinity;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    // Used, so that no compiler leaves the loop out.
    if (Number.isNaN(multiplyAdd(0.9))) throw new RangeError('0.5 + 0.9 x stays finite');
    best = Math.min(best, performance.now() - start);
  }
  return (ROUNDS * FLOP_PER_ROUND) / best / 1e6;
}

function multiplyAdd(factor: number): number {
  let [a, b, c, d, e, f, g, h] = [0.1, 1.1, 2.1, 3.1, 4.1, 5.1, 6.1, 7.1] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < ROUNDS; i++) {
    a = 0.5 + a * factor;
    b = 0.5 + b * factor;
    c = 0.5 + c * factor;
    d = 0.5 + d * factor;
    e = 0.5 + e * factor;
    f = 0.5 + f * factor;
    g = 0.5 + g * factor;
    h = 0.5 + h * factor;
  }
  return a + b + c + d + e + f + g + h;
}
