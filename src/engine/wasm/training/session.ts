/**
 * Training in float32 on one thread: values, gradients and sums over a batch's samples live in the kernels' memory, in the
 * lanes that the evaluating engine uses too; weights stay in JavaScript's, as whoever trains moves them.
 */
import type { Mode } from '../../../model/forward.js';
import { elements } from '../../../model/graph.js';
import { checkData } from '../../../model/losses.js';
import type { EngineInfo } from '../../engine.js';
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
import { type Build, chooseBuild, instantiateTraining } from '../modules.js';
import { groupSamples, groupsOf, rowBytes } from '../pack.js';
import { lossTargets } from '../targets.js';
import type { Batch, Machine } from './layer.js';
import { Layout } from './layout.js';
import { layOutNetwork, type Network, type Vectors } from './network.js';

/** Address of the sums Σℓ, Σℓ² and right ones, float64; below it nothing lies. */
const sumsAt = 64;
/** Groups of samples that there is room for at first. */
const leastGroups = 8;

/** A network in a memory of its own, for batches of up to `groups` groups. */
interface Room {
  readonly groups: number;
  readonly memory: WebAssembly.Memory;
  readonly machine: Machine;
  readonly network: Network;
  readonly vectors: Vectors;
  /** Addresses of the data, its targets (0 for cross-entropy), and of the batch's samples, labels and targets. */
  readonly data: number;
  readonly targets: number;
  readonly samples: number;
  readonly labels: number;
  readonly batchTargets: number;
}

/** `relaxed` as `createWasmEngine` takes it. */
export function createWasmTraining(relaxed: boolean | 'auto' = 'auto'): TrainingEngine {
  return {
    name: 'wasm',
    async prepareTraining(problem) {
      checkData(problem.model, problem.data, problem.loss);
      return WasmTrainingSession.create(problem, chooseBuild(relaxed));
    },
  };
}

class WasmTrainingSession implements TrainingSession {
  readonly info: EngineInfo;
  readonly places: readonly Place[];
  readonly weights: Float32Array;
  readonly gradient: Float32Array;
  readonly statistics: Float32Array;
  private readonly outputs: number;
  private room: Room | null = null;

  private constructor(
    private readonly problem: TrainingProblem,
    private readonly build: Build,
  ) {
    this.info = { engine: 'wasm', adapter: build === 'relaxed' ? 'relaxed SIMD' : 'SIMD' };
    const { places, weights, statistics } = layOut(problem.model);
    this.places = places;
    this.weights = new Float32Array(weights);
    this.gradient = new Float32Array(weights);
    this.statistics = new Float32Array(statistics);
    this.outputs = elements(problem.model.shapes.at(-1)!);
    loadParameters(problem.model, this);
  }

  /** The data must have passed `checkData`. Throws `EngineMemoryError` when memory is not to be had. */
  static async create(problem: TrainingProblem, build: Build): Promise<WasmTrainingSession> {
    const session = new WasmTrainingSession(problem, build);
    session.room = await session.makeRoom(Math.min(leastGroups, groupsOf(problem.data.samples)));
    return session;
  }

  async learn(samples: Int32Array): Promise<BatchResult> {
    checkBatch(this.problem, samples);
    const room = await this.roomFor(groupsOf(samples.length));
    const { machine, network, vectors, labels, batchTargets } = room;
    const { floats, kernels } = machine;
    const batch = this.run(room, samples, 'training');
    const result = this.result(room, batch);
    floats.fill(0, vectors.gradient / 4, vectors.gradient / 4 + this.gradient.length);
    if (network.byLogits !== null) {
      const { loss } = this.problem;
      kernels[`${loss}_gradient`](
        network.logits,
        loss === 'ce' ? labels : batchTargets,
        network.byLogits,
        this.outputs,
        batch.groups,
        batch.samples,
        1 / batch.samples,
      );
      network.backward(machine, batch);
    }
    this.gradient.set(this.view(room, vectors.gradient, this.gradient.length));
    this.statistics.set(this.view(room, vectors.statistics, this.statistics.length));
    return result;
  }

  async measure(samples: Int32Array): Promise<BatchResult> {
    checkBatch(this.problem, samples);
    const room = await this.roomFor(1);
    const most = room.groups * groupSamples;
    let loss = 0;
    let correct = 0;
    for (let first = 0; first < samples.length; first += most) {
      const batch = this.run(room, samples.subarray(first, first + most), 'evaluation');
      const part = this.result(room, batch);
      loss += part.loss * batch.samples;
      correct += part.correct;
    }
    return { loss: loss / samples.length, correct };
  }

  dispose(): void {
    this.room = null;
  }

  /** Forwards; the logits are in the room. */
  private run(room: Room, samples: Int32Array, mode: Mode): Batch {
    const { machine, memory, network, vectors } = room;
    const { kernels, floats } = machine;
    const { data, loss } = this.problem;
    const batch = { samples: samples.length, groups: groupsOf(samples.length) };
    const lanes = batch.groups * groupSamples;
    const indices = new Int32Array(memory.buffer, room.samples, lanes);
    indices.set(samples);
    // Lanes without a sample repeat the last one, so that nothing but numbers is in them.
    indices.fill(samples.at(-1)!, samples.length);
    kernels.gather(room.data, room.samples, network.input, elements(data.shape), batch.groups);
    if (data.labels !== null) {
      const labels = new Int32Array(memory.buffer, room.labels, lanes);
      for (let s = 0; s < lanes; s++) labels[s] = data.labels[indices[s]!]!;
    }
    if (loss !== 'ce') {
      kernels.gather(room.targets, room.samples, room.batchTargets, this.outputs, batch.groups);
    }
    floats.set(this.weights, vectors.weights / 4);
    floats.set(this.statistics, vectors.statistics / 4);
    network.forward(machine, batch, mode);
    return batch;
  }

  /** Of the logits in the room. */
  private result({ machine, memory, network, labels, batchTargets }: Room, batch: Batch): BatchResult {
    const { kernels } = machine;
    const { data, loss } = this.problem;
    const { samples, groups } = batch;
    const { outputs } = this;
    const sums = new Float64Array(memory.buffer, sumsAt, 3).fill(0);
    const stride = outputs * rowBytes;
    const z = network.logits;
    if (loss === 'ce') kernels.ce(z, labels, outputs, groups, stride, 0, samples, sumsAt);
    else {
      const known = data.labels === null ? 0 : labels;
      kernels[loss](z, batchTargets, known, outputs, groups, stride, 0, samples, sumsAt);
    }
    return { loss: sums[0]! / samples, correct: data.labels === null ? NaN : sums[2]! };
  }

  private view({ memory }: Room, at: number, length: number): Float32Array {
    return new Float32Array(memory.buffer, at, length);
  }

  private async roomFor(groups: number): Promise<Room> {
    if (this.room === null || this.room.groups < groups) {
      // The former one's memory may go before the new one's is taken.
      this.room = null;
      this.room = await this.makeRoom(groups);
    }
    return this.room;
  }

  private async makeRoom(groups: number): Promise<Room> {
    const { model, data, loss } = this.problem;
    const layout = new Layout();
    const lanes = groups * groupSamples;
    const vectors = {
      weights: layout.take(this.weights.byteLength),
      statistics: layout.take(this.statistics.byteLength),
      gradient: layout.take(this.gradient.byteLength),
    };
    const samples = layout.take(4 * lanes);
    const labels = layout.take(4 * lanes);
    const batchTargets = loss === 'ce' ? 0 : layout.take(4 * lanes * this.outputs);
    const network = layOutNetwork(model, groups, layout, this.places, vectors);
    const rows = layout.take(data.inputs.byteLength);
    const targets = loss === 'ce' ? 0 : layout.take(4 * data.samples * this.outputs);
    const { kernels, memory } = await instantiateTraining(this.build, layout.bytes);
    layout.write(memory.buffer);
    const floats = new Float32Array(memory.buffer);
    floats.set(data.inputs, rows / 4);
    if (loss !== 'ce') floats.set(lossTargets(data, this.outputs), targets / 4);
    const machine = { kernels, floats };
    return {
      groups,
      memory,
      machine,
      network,
      vectors,
      data: rows,
      targets,
      samples,
      labels,
      batchTargets,
    };
  }
}
