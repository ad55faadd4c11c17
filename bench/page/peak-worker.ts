/** One thread of a measurement of the CPU's peak: a request comes in, GFLOP/s go out. */
import { type PeakRequest, threadPeak } from '../../src/cli/bench-peak.js';

addEventListener('message', async ({ data }: MessageEvent<PeakRequest>) =>
  postMessage(await threadPeak(data)),
);
