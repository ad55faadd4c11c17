/** One thread of a measurement of the CPU's peak. An entry point of its own when the command line is built. */
import { parentPort, workerData } from 'node:worker_threads';
import { type PeakRequest, threadPeak } from './bench-peak.js';

if (parentPort === null)
  throw new Error('peak-worker runs as a worker thread; start it with new Worker(file)');
parentPort.postMessage(await threadPeak(workerData as PeakRequest));
