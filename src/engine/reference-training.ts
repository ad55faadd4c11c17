/** Training as the reference does it: plain TypeScript in float64, weights starting as the float32 numbers they are. */
import { backward, updateStatistics } from '../model/backward.js';
import { allocateValues, forward, type Mode, type Values } from '../model/forward.js';
import { elements } from '../model/graph.js';
import { lossGradient } from '../model/loss-derivatives.js';
import { checkData, isCorrect, sampleLoss } from '../model/losses.js';
import {
  type BatchResult,
  checkBatch,
  layOut,
  loadParameters,
  type Place,
  type TrainingEngine,
  type TrainingProblem,
  type TrainingSession,
} from './training.js';

export const referenceTraining: TrainingEngine = {
  name: 'reference',
  async prepareTraining(problem: TrainingProblem): Promise<TrainingSession> {
    checkData(problem.model, problem.data, problem.loss);
    return new ReferenceSession(problem);
  },
};

class ReferenceSession implements TrainingSession {
  readonly info = { engine: 'reference', adapter: 'float64 TypeScript' } as const;
  readonly places: readonly Place[];
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  readonly statistics: Float64Array;
  private readonly parameters = new Map<string, Values>();
  private readonly gradients = new Map<string, Float64Array>();
  /** Room for the largest batch so far. */
  private room = 0;
  private values: Float64Array[] = [];
  private byValue: Float64Array[] = [];

  constructor(private readonly problem: TrainingProblem) {
    const { places, weights, statistics } = layOut(problem.model);
    this.places = places;
    this.weights = new Float64Array(weights);
    this.gradient = new Float64Array(weights);
    this.statistics = new Float64Array(statistics);
    loadParameters(problem.model, this);
    for (const { name, shape, kind, offset, length } of places) {
      const all = kind === 'weight' ? this.weights : this.statistics;
      this.parameters.set(name, { shape, data: all.subarray(offset, offset + length) });
      if (kind === 'weight') this.gradients.set(name, this.gradient.subarray(offset, offset + length));
    }
  }

  async learn(samples: Int32Array): Promise<BatchResult> {
    const { model, data, loss } = this.problem;
    const logits = this.run(samples, 'training');
    const count = samples.length;
    const outputs = logits.length / count;
    const byLogits = this.byValue.at(-1)!;
    for (const [s, sample] of samples.entries()) {
      const row = { values: logits, start: s * outputs, count: outputs };
      lossGradient(loss, row, data, sample, 1 / count, byLogits);
    }
    this.gradient.fill(0);
    const gradientOf = (name: string): Float64Array | null => this.gradients.get(name) ?? null;
    backward(model, this.parameter, this.values, this.byValue, count, 'training', gradientOf);
    updateStatistics(model, this.parameter, this.values, count);
    return this.result(logits, samples);
  }

  async measure(samples: Int32Array): Promise<BatchResult> {
    return this.result(this.run(samples, 'evaluation'), samples);
  }

  dispose(): void {
    this.values = [];
    this.byValue = [];
    this.room = 0;
  }

  private readonly parameter = (name: string): Values => this.parameters.get(name)!;

  /** Logits of a batch. */
  private run(samples: Int32Array, mode: Mode): Float64Array {
    const { model, data } = this.problem;
    checkBatch(this.problem, samples);
    if (samples.length > this.room) {
      this.room = samples.length;
      this.values = allocateValues(model, this.room);
      this.byValue = allocateValues(model, this.room);
    }
    const width = elements(data.shape);
    for (const [s, sample] of samples.entries()) {
      this.values[0]!.set(data.inputs.subarray(sample * width, (sample + 1) * width), s * width);
    }
    return forward(model, this.parameter, this.values, samples.length, mode);
  }

  private result(logits: Float64Array, samples: Int32Array): BatchResult {
    const { data, loss } = this.problem;
    const count = logits.length / samples.length;
    let sum = 0;
    let correct = 0;
    for (const [s, sample] of samples.entries()) {
      const row = { values: logits, start: s * count, count };
      sum += sampleLoss(loss, row, data, sample);
      correct += data.labels === null ? NaN : isCorrect(loss, row, data.labels[sample]!);
    }
    return { loss: sum / samples.length, correct };
  }
}
