/**
 * Training on the GPU in float32. A step uploads weights and batch, runs both ways, and reads back the gradient, the
 * batchnorms' moments and the logits, whose loss is summed in float64.
 */
import type { Mode } from '../../../model/forward.js';
import { elements } from '../../../model/graph.js';
import { checkData, isCorrect, sampleLoss } from '../../../model/losses.js';
import { checkCount, defaultMomentum } from '../../../model/ops/batchnorm-training.js';
import { type EngineInfo, EngineMemoryError, EngineUnsupportedError } from '../../engine.js';
import {
  type BatchResult,
  checkBatch,
  layOut,
  loadParameters,
  type Place,
  type TrainingEngine,
  type TrainingProblem,
  type TrainingSession,
} from '../../training.js';
import { lossTargets } from '../../wasm/targets.js';
import { ComputeDevice } from '../device.js';
import { losses } from '../stages.js';
import { type Call, lossGradient } from './call.js';
import { layOutNetwork, type Network } from './network.js';

/** Samples that there is room for at first, and the most that are measured at a time. */
const leastSamples = 64;
/** Structs lie so many bytes apart: WebGPU's default alignment of uniform offsets. */
const alignment = 256;

/** Buffers for batches of up to so many samples. */
interface Room {
  readonly capacity: number;
  readonly network: Network;
  readonly arena: GPUBuffer;
  readonly staging: GPUBuffer;
  readonly plans: Map<string, Promise<Plan>>;
}

/** The dispatches for a number of samples, ready to be encoded. */
interface Plan {
  readonly uniforms: GPUBuffer;
  readonly dispatches: readonly {
    readonly pipeline: GPUComputePipeline;
    readonly group: GPUBindGroup;
    readonly workgroups: Call['workgroups'];
  }[];
}

/**
 * `gpu` is where adapters come from; `navigator.gpu` when left out. Sessions share a device, so that its shaders are
 * compiled once; it goes when the last session is disposed of.
 */
export function createWebgpuTraining(gpu?: GPU): TrainingEngine {
  let opening: Promise<ComputeDevice> | null = null;
  let users = 0;
  const open = async (): Promise<ComputeDevice> => {
    const from = gpu ?? (typeof navigator === 'undefined' ? undefined : navigator.gpu);
    if (!from) throw new EngineUnsupportedError('there is no WebGPU here; use the WASM engine');
    return ComputeDevice.request(from, ['maxBufferSize', 'maxStorageBufferBindingSize']);
  };
  const leave = (device: Promise<ComputeDevice>): void => {
    users--;
    if (users > 0 || device !== opening) return;
    opening = null;
    void device.then(({ device: own }) => own.destroy()).catch(() => undefined);
  };
  return {
    name: 'webgpu',
    async prepareTraining(problem) {
      checkData(problem.model, problem.data, problem.loss);
      if (opening !== null && (await opening.catch(() => null))?.lostError !== null) opening = null;
      if (opening === null) users = 0;
      const device = (opening ??= open());
      users++;
      try {
        return await WebgpuTrainingSession.create(await device, problem, () => leave(device));
      } catch (error) {
        leave(device);
        throw error;
      }
    },
  };
}

class WebgpuTrainingSession implements TrainingSession {
  readonly info: EngineInfo;
  readonly places: readonly Place[];
  readonly weights: Float32Array<ArrayBuffer>;
  readonly gradient: Float32Array<ArrayBuffer>;
  readonly statistics: Float32Array<ArrayBuffer>;
  private readonly outputs: number;
  /** Of the whole data: labels as numbers for cross-entropy, else targets. */
  private readonly truth: Float32Array;
  private room: Room | null = null;
  private disposed = false;

  private constructor(
    private readonly device: ComputeDevice,
    private readonly problem: TrainingProblem,
    private readonly leave: () => void,
  ) {
    this.info = { engine: 'webgpu', adapter: device.adapter };
    const { places, weights, statistics } = layOut(problem.model);
    this.places = places;
    this.weights = new Float32Array(weights);
    this.gradient = new Float32Array(weights);
    this.statistics = new Float32Array(statistics);
    this.outputs = elements(problem.model.shapes.at(-1)!);
    const { data, loss } = problem;
    this.truth = loss === 'ce' ? Float32Array.from(data.labels!) : lossTargets(data, this.outputs);
    loadParameters(problem.model, this);
  }

  /** Throws `EngineUnsupportedError` for a network it cannot train. */
  static async create(
    device: ComputeDevice,
    problem: TrainingProblem,
    leave: () => void,
  ): Promise<WebgpuTrainingSession> {
    const session = new WebgpuTrainingSession(device, problem, leave);
    session.room = await session.makeRoom(Math.min(leastSamples, problem.data.samples));
    return session;
  }

  async learn(samples: Int32Array): Promise<BatchResult> {
    checkBatch(this.problem, samples);
    for (const [index, node] of this.problem.model.nodes.entries()) {
      if (node.op !== 'batchnorm') continue;
      const shape = this.problem.model.shapes[index + 1]!;
      checkCount(node, (samples.length * elements(shape)) / shape[0]!);
    }
    const room = await this.roomFor(samples.length);
    const { gradient, moments, first } = room.network.outbox;
    const outbox = await this.run(room, samples, 'training');
    this.gradient.set(outbox.subarray(gradient - first, gradient - first + this.gradient.length));
    this.followBatch(outbox, moments, first, samples.length);
    return this.result(room, outbox, samples);
  }

  async measure(samples: Int32Array): Promise<BatchResult> {
    checkBatch(this.problem, samples);
    const room = await this.roomFor(1);
    let loss = 0;
    let correct = 0;
    for (let first = 0; first < samples.length; first += room.capacity) {
      const part = samples.subarray(first, first + room.capacity);
      const found = this.result(room, await this.run(room, part, 'evaluation'), part);
      loss += found.loss * part.length;
      correct += found.correct;
    }
    return { loss: loss / samples.length, correct };
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    void this.clear().catch(() => undefined);
    this.leave();
  }

  /** Runs a batch and gives what is read back. */
  private async run(room: Room, samples: Int32Array, mode: Mode): Promise<Float32Array> {
    const { network, arena, staging } = room;
    const { device } = this.device;
    const count = samples.length;
    const plan = await this.planFor(room, count, mode);
    const { data, loss } = this.problem;
    const width = elements(data.shape);
    const truths = loss === 'ce' ? 1 : this.outputs;
    const rows = new Float32Array(count * width);
    const truth = new Float32Array(count * truths);
    for (const [s, sample] of samples.entries()) {
      rows.set(data.inputs.subarray(sample * width, (sample + 1) * width), s * width);
      truth.set(this.truth.subarray(sample * truths, (sample + 1) * truths), s * truths);
    }
    const { first, gradient, logits } = network.outbox;
    const bytes = 4 * (logits + count * this.outputs - first);
    const begin = mode === 'training' ? first : logits;
    await this.device.scoped('a training step', () => {
      device.queue.writeBuffer(arena, 4 * network.weights, this.weights);
      if (this.statistics.length > 0)
        device.queue.writeBuffer(arena, 4 * network.statistics, this.statistics);
      device.queue.writeBuffer(arena, 4 * network.input, rows);
      device.queue.writeBuffer(arena, 4 * network.truth, truth);
      const encoder = device.createCommandEncoder();
      if (mode === 'training') encoder.clearBuffer(arena, 4 * gradient, 4 * this.gradient.length);
      const pass = encoder.beginComputePass();
      for (const { pipeline, group, workgroups } of plan.dispatches) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(...workgroups);
      }
      pass.end();
      encoder.copyBufferToBuffer(arena, 4 * begin, staging, 4 * (begin - first), bytes - 4 * (begin - first));
      device.queue.submit([encoder.finish()]);
    });
    await this.device.orLost(staging.mapAsync(GPUMapMode.READ, 0, bytes));
    const found = new Float32Array(staging.getMappedRange(0, bytes).slice(0));
    staging.unmap();
    return found;
  }

  /** Running statistics towards the batch's, as PyTorch moves them, in float64. */
  private followBatch(
    outbox: Float32Array,
    moments: Network['outbox']['moments'],
    first: number,
    samples: number,
  ): void {
    const { nodes, shapes } = this.problem.model;
    const offsets = new Map(this.places.map(({ name, offset }) => [name, offset]));
    for (const [index, node] of nodes.entries()) {
      if (node.op !== 'batchnorm') continue;
      const [channels] = shapes[index + 1] as [number];
      const count = (samples * elements(shapes[index + 1]!)) / channels;
      const momentum = node.momentum ?? defaultMomentum;
      const at = moments.get(node)! - first;
      const follow = (name: string, found: (c: number) => number): void => {
        const offset = offsets.get(name)!;
        for (let c = 0; c < channels; c++) {
          this.statistics[offset + c] = (1 - momentum) * this.statistics[offset + c]! + momentum * found(c);
        }
      };
      follow(node.mean, (c) => outbox[at + c]!);
      follow(node.variance, (c) => (outbox[at + channels + c]! * count) / (count - 1));
    }
  }

  private result({ network }: Room, outbox: Float32Array, samples: Int32Array): BatchResult {
    const { data, loss } = this.problem;
    const { first, logits } = network.outbox;
    const values = Float64Array.from(outbox.subarray(logits - first));
    let sum = 0;
    let correct = 0;
    for (const [s, sample] of samples.entries()) {
      const row = { values, start: s * this.outputs, count: this.outputs };
      sum += sampleLoss(loss, row, data, sample);
      correct += data.labels === null ? NaN : isCorrect(loss, row, data.labels[sample]!);
    }
    return { loss: sum / samples.length, correct };
  }

  private planFor(room: Room, samples: number, mode: Mode): Promise<Plan> {
    const key = `${mode} ${samples}`;
    let plan = room.plans.get(key);
    if (!plan) {
      room.plans.set(key, (plan = this.makePlan(room, samples, mode)));
      // Memory may be there another time.
      plan.catch(() => room.plans.delete(key));
    }
    return plan;
  }

  private async makePlan({ network, arena }: Room, samples: number, mode: Mode): Promise<Plan> {
    const calls = network.forward(samples, mode);
    if (mode === 'training' && network.byLogits !== null) {
      const fields = {
        samples,
        outputs: this.outputs,
        logits: network.outbox.logits,
        truth: network.truth,
        output: network.byLogits,
        factor: 1 / samples,
      };
      calls.push(lossGradient(fields, losses.indexOf(this.problem.loss)), ...network.backward(samples));
    }
    const { device, pipelines } = this.device;
    const most = device.limits.maxComputeWorkgroupsPerDimension;
    if (calls.some(({ workgroups }) => workgroups.some((count) => count > most))) {
      throw new EngineMemoryError(
        `WebGPU: a batch of ${samples} has more pixels than ${this.device.adapter} takes at once; use smaller batches or the WASM engine`,
      );
    }
    const view = new DataView(new ArrayBuffer(calls.length * alignment));
    for (const [i, { pack }] of calls.entries()) pack(view, i * alignment);
    const made = await this.device.orLost(
      Promise.all(calls.map(({ stage, constants, choices }) => pipelines.get(stage, constants, choices))),
    );
    return this.device.scoped('the plan of a training step', () => {
      const uniforms = device.createBuffer({
        size: view.byteLength,
        usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
      });
      device.queue.writeBuffer(uniforms, 0, view.buffer);
      const dispatches = calls.map(({ stage, size, workgroups }, i) => ({
        pipeline: made[i]!,
        group: device.createBindGroup({
          layout: pipelines.layout(stage),
          entries: [
            { binding: 0, resource: { buffer: uniforms, offset: i * alignment, size } },
            { binding: 1, resource: { buffer: arena } },
          ],
        }),
        workgroups,
      }));
      return { uniforms, dispatches };
    });
  }

  private async roomFor(samples: number): Promise<Room> {
    if (this.device.lostError) throw this.device.lostError;
    if (this.room !== null && this.room.capacity >= samples) return this.room;
    await this.clear();
    this.room = await this.makeRoom(samples);
    return this.room;
  }

  private async clear(): Promise<void> {
    const { room } = this;
    this.room = null;
    if (room === null) return;
    room.arena.destroy();
    room.staging.destroy();
    const plans = await Promise.allSettled(room.plans.values());
    for (const plan of plans) if (plan.status === 'fulfilled') plan.value.uniforms.destroy();
  }

  private async makeRoom(capacity: number): Promise<Room> {
    const { model, loss } = this.problem;
    const { device } = this.device;
    const lengths = { weights: this.weights.length, statistics: this.statistics.length };
    const truths = loss === 'ce' ? 1 : this.outputs;
    const network = layOutNetwork(model, capacity, this.places, lengths, truths);
    const most = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize);
    if (4 * network.size > most) {
      const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
      throw new EngineMemoryError(
        `WebGPU: a batch of ${capacity} needs ${mebibytes(4 * network.size)} in one buffer, of which ${this.device.adapter} allows ${mebibytes(most)}; use smaller batches or the WASM engine`,
      );
    }
    const { first, logits } = network.outbox;
    const [arena, staging] = await this.device.scoped('the memory of a training', () => [
      device.createBuffer({
        size: 4 * network.size,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      }),
      device.createBuffer({
        size: 4 * (logits + capacity * this.outputs - first),
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      }),
    ]);
    return { capacity, network, arena: arena!, staging: staging!, plans: new Map() };
  }
}
