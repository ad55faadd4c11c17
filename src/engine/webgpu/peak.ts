import { ComputeDevice } from './device.js';
import { peakShape, stages } from './stages.js';

/** Of shaders/peak.wgsl: two for each of its multiply-adds. */
const FLOP_PER_ROUND = 192;
const WORKGROUP = 64;
/** Workgroups of one dispatch: enough to fill any GPU many times over. */
const WORKGROUPS = 2048;
/** Milliseconds of one dispatch from which on what surrounds it no longer counts. */
const LONG_ENOUGH = 60;
const REPETITIONS = 4;
/** A factor that is no power of two and keeps the sums bounded. */
const FACTOR = 0.9;
/** `UNIFORM | COPY_DST` and `STORAGE`; the constants themselves are missing from Node. */
const UNIFORM_USAGE = 72;
const STORAGE_USAGE = 128;

/** GFLOP/s that this GPU's default adapter reaches on registers alone; throws what `ComputeDevice.request` throws. */
export async function measurePeak(gpu: GPU): Promise<number> {
  const compute = await ComputeDevice.request(gpu);
  const { device, pipelines } = compute;
  try {
    const shape = device.createBuffer({ size: peakShape.size, usage: UNIFORM_USAGE });
    const output = device.createBuffer({ size: WORKGROUPS * WORKGROUP * 16, usage: STORAGE_USAGE });
    const pipeline = await pipelines.get('peak', {});
    const entries = [shape, output].map((buffer, binding) => ({ binding, resource: { buffer } }));
    const bindGroup = device.createBindGroup({ layout: pipelines.layout('peak'), entries });
    const view = new DataView(new ArrayBuffer(stages.peak.struct.size));

    /** Milliseconds of one dispatch. */
    const time = async (rounds: number): Promise<number> => {
      peakShape.pack({ rounds, factor: FACTOR }, view, 0);
      device.queue.writeBuffer(shape, 0, view.buffer);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindGroup);
      pass.dispatchWorkgroups(WORKGROUPS);
      pass.end();
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await compute.orLost(device.queue.onSubmittedWorkDone());
      return performance.now() - start;
    };

    let rounds = 4;
    while ((await time(rounds)) < LONG_ENOUGH) rounds *= 2;
    let best = Infinity;
    for (let i = 0; i < REPETITIONS; i++) best = Math.min(best, await time(rounds));
    return (WORKGROUPS * WORKGROUP * rounds * FLOP_PER_ROUND) / best / 1e6;
  } finally {
    device.destroy();
  }
}
