import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readNpz } from '../../../src/io/npz.js';
import { normals } from '../../../src/math/normal.js';
import { updateStatistics } from '../../../src/model/backward.js';
import { allocateValues, forward, type Mode, type Values } from '../../../src/model/forward.js';
import { elements } from '../../../src/model/graph.js';
import { lossGradient } from '../../../src/model/loss-derivatives.js';
import { sampleLoss } from '../../../src/model/losses.js';
import { allocateJets, tangents } from '../../../src/model/tangent.js';
import { expectClose } from '../../helpers/compare.js';
import { loadNetwork, referenceProblem } from '../../helpers/fixtures.js';
import { modelGradients } from '../../helpers/gradients.js';
import { loadOpCase, type OpCase, opCases, samples } from '../../helpers/op-cases.js';

const folder = new URL('../../fixtures/gradients/', import.meta.url);
const arrays = readNpz(new Uint8Array(readFileSync(new URL('gradients.npz', folder))), 'gradients.npz');
const torch = (name: string): Float64Array => Float64Array.from(arrays.get(name)!.data, Number);

/** Cases, and batch norms once more in training mode. */
const modes = [...opCases].flatMap(([name, { node }]) =>
  (node.op === 'batchnorm' ? (['evaluation', 'training'] as const) : (['evaluation'] as const)).map(
    (mode) => [name, mode] as const,
  ),
);

const cotangentOf = (logits: Float64Array): Float64Array => logits.map((_, i) => Math.cos(0.7 * i));

function gradientsOf({ model, parameter, input }: OpCase, mode: Mode) {
  return modelGradients(model, parameter, input, samples, cotangentOf, mode);
}

/** Σ cotangent · output. */
function objective({ model, input }: OpCase, parameter: (name: string) => Values, mode: Mode): number {
  const values = allocateValues(model, samples);
  values[0]!.set(input);
  const out = forward(model, parameter, values, samples, mode);
  return cotangentOf(out).reduce((sum, c, i) => sum + c * out[i]!, 0);
}

describe('gradients of every op against PyTorch’s autograd, 1e-12 of the largest', () => {
  it.each(modes)('%s in %s', (name, mode) => {
    const opCase = loadOpCase(name);
    const found = gradientsOf(opCase, mode);
    const key = mode === 'training' ? `${name}-training` : name;
    const check = (actual: Float64Array, of: string): void => {
      const expected = torch(`${key}.${of}`);
      const largest = Math.max(...expected.map(Math.abs));
      const tolerance = { relative: 0, absolute: 1e-12 * Math.max(1, largest) };
      expectClose(actual, expected, tolerance, `${key}.${of}`);
      // The twin: every element a little larger.
      expect(() =>
        expectClose(
          actual,
          expected.map((g) => g + 1e-9 * Math.max(1, largest)),
          tolerance,
        ),
      ).toThrow('differ');
    };
    // Several inputs are slices of one: their gradients are those of its parts.
    const { inputs } = opCases.get(name)!;
    if (inputs === 1) check(found.input, 'in0');
    else for (let k = 0; k < inputs; k++) check(part(opCase, found.input, k), `in${k}`);
    for (const [weight, gradient] of found.weights) check(gradient, weight);
  });
});

/** What of the joined input's gradient belongs to input `k`, by the slice node that reads it. */
function part({ model }: OpCase, joined: Float64Array, k: number): Float64Array {
  const values = allocateValues(model, samples);
  values[0]!.set(joined);
  // Slices come first and have no parameters; what follows them only has to run.
  forward(
    { ...model, nodes: model.nodes.slice(0, k + 1) },
    () => {
      throw new RangeError('slices alone');
    },
    values,
    samples,
  );
  return values[k + 1]!;
}

describe('gradients of every op against finite differences, 1e-7, and against forward mode, 1e-12', () => {
  it.each(modes)('%s in %s', (name, mode) => {
    const given = loadOpCase(name);
    // Away from the kinks at 0.
    const opCase = { ...given, input: given.input.map((x) => (Math.abs(x) < 0.01 ? 0.05 : x)) };
    const found = gradientsOf(opCase, mode);
    const scale = Math.max(
      1,
      ...[found.input, ...found.weights.values()].flatMap((g) => [...g].map(Math.abs)),
    );
    const h = 1e-3;
    const slope = (at: (t: number) => number): number =>
      (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    const some = (length: number): number[] => [
      ...new Set([0, 1, 2, 3, 4, 5].map((i) => Math.floor((i * length) / 6))),
    ];
    for (const i of some(opCase.input.length)) {
      const expected = slope((t) => {
        const input = opCase.input.slice();
        input[i]! += t;
        return objective({ ...opCase, input }, opCase.parameter, mode);
      });
      expect(Math.abs(found.input[i]! - expected), `input ${i}`).toBeLessThan(1e-7 * scale);
    }
    for (const [weight, gradient] of found.weights) {
      for (const i of some(gradient.length)) {
        const expected = slope((t) => {
          const { shape, data } = opCase.parameter(weight);
          const moved = data.slice();
          moved[i]! += t;
          return objective(
            opCase,
            (key) => (key === weight ? { shape, data: moved } : opCase.parameter(key)),
            mode,
          );
        });
        expect(Math.abs(gradient[i]! - expected), `${weight} ${i}`).toBeLessThan(1e-7 * scale);
      }
    }
    if (mode === 'evaluation') expectAdjoint(opCase, found.input, found.weights);
  });
});

/** ⟨cotangent, J·v⟩ = ⟨Jᵀ·cotangent, v⟩ for a random v of inputs and weights together. */
function expectAdjoint(
  { model, parameter, input }: OpCase,
  byInput: Float64Array,
  weights: ReadonlyMap<string, Float64Array>,
): void {
  let stream = 0;
  const draw = (length: number): Float64Array => Float64Array.from(normals([3, 0], [++stream, 0, 0], length));
  const along = draw(input.length);
  const directions = new Map([...weights].map(([key, { length }]) => [key, draw(length)]));
  const values = allocateValues(model, samples);
  values[0]!.set(input);
  const out = forward(model, parameter, values, samples);
  const jets = allocateJets(model, samples, 1);
  jets[0]![0]!.set(along);
  const [jet] = tangents(
    model,
    parameter,
    (key) => [directions.get(key) ?? null, null],
    values,
    jets,
    samples,
  );
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const forwards = dot(cotangentOf(out), jet!);
  const backwards = [...directions].reduce(
    (sum, [key, d]) => sum + dot(weights.get(key)!, d),
    dot(byInput, along),
  );
  const size = Math.sqrt(dot(jet!, jet!)) * Math.sqrt(out.length);
  expect(Math.abs(forwards - backwards)).toBeLessThan(1e-12 * (1 + size));
  expect(Math.abs(forwards - 1.001 * backwards - 1e-6)).toBeGreaterThan(1e-12 * (1 + size));
}

describe('running statistics after a step in training mode', () => {
  it.each(['batchnorm-features', 'batchnorm-channels'])('%s: PyTorch’s to 1e-14', (name) => {
    const opCase = loadOpCase(name);
    const kept = new Map(
      [...opCase.model.parameters.keys()].map((key) => {
        const { shape, data } = opCase.parameter(key);
        return [key, { shape, data: data.slice() }] as const;
      }),
    );
    const { values } = gradientsOf(opCase, 'training');
    updateStatistics(opCase.model, (key) => kept.get(key)!, values, samples);
    for (const statistic of ['p2', 'p3']) {
      const expected = torch(`${name}-training.${statistic}`);
      expectClose(kept.get(statistic)!.data, expected, { relative: 1e-14, absolute: 1e-15 }, statistic);
      expect(() =>
        expectClose(opCase.parameter(statistic).data, expected, { relative: 1e-14, absolute: 1e-15 }),
      ).toThrow('differ');
    }
  });

  it('needs more than one number a channel, as in PyTorch', () => {
    const { model, parameter, input } = loadOpCase('batchnorm-features');
    const one = input.slice(0, elements(model.shapes[0]!));
    expect(() => modelGradients(model, parameter, one, 1, cotangentOf, 'training')).toThrow(
      'a batch of one sample has no variance',
    );
  });
});

describe('gradients of the losses against PyTorch’s, 1e-14', () => {
  it.each(['ce', 'mse', 'bce'] as const)('%s', (loss) => {
    const logits = torch('loss.logits');
    const classes = loss === 'ce';
    const data = {
      name: 'three',
      samples: 3,
      shape: [5],
      inputs: new Float32Array(15),
      labels: classes ? Int32Array.from(torch('loss.labels')) : null,
      targets: classes ? null : Float32Array.from(torch('loss.targets')),
    };
    const out = new Float64Array(15);
    for (let s = 0; s < 3; s++)
      lossGradient(loss, { values: logits, start: 5 * s, count: 5 }, data, s, 1 / 3, out);
    const expected = torch(`loss.${loss}`);
    // Targets are float32 here, and double in PyTorch.
    const tolerance = { relative: 1e-13, absolute: classes ? 1e-16 : 1e-8 };
    expectClose(out, expected, tolerance, loss);
    expect(() =>
      expectClose(
        out.map((g) => 1.0001 * g),
        expected,
        tolerance,
      ),
    ).toThrow('differ');
    // Finite differences of the loss itself.
    const h = 1e-4;
    const at = (t: number): number => {
      const moved = logits.slice();
      moved[7]! += t;
      return sampleLoss(loss, { values: moved, start: 5, count: 5 }, data, 1) / 3;
    };
    expect(Math.abs((at(h) - at(-h)) / (2 * h) - out[7]!)).toBeLessThan(1e-7);
  });
});

/** Samples, and the parameters in the order of the rows. */
const networks = JSON.parse(readFileSync(new URL('networks.json', folder), 'utf8')) as {
  samples: Record<string, number>;
  names: Record<string, string[]>;
};

describe('gradients of the reference networks and their running statistics against PyTorch, 1e-10 of the norm', () => {
  it.each(
    Object.entries(networks.samples).flatMap(([name, count]) => {
      return [[name, 'evaluation', count] as const, [name, 'training', count] as const];
    }),
  )('%s in %s on %d samples', (name, mode, count) => {
    const model = loadNetwork(name);
    const { data } = referenceProblem(name, count);
    const parameters = new Map(
      [...model.parameters].map(([key, p]) => [key, { shape: p.shape, data: Float64Array.from(p.data) }]),
    );
    const parameter = (key: string): Values => parameters.get(key)!;
    let loss = 0;
    const { weights, values } = modelGradients(
      model,
      parameter,
      Float64Array.from(data.inputs),
      count,
      (logits) => {
        const outputs = logits.length / count;
        const out = new Float64Array(logits.length);
        for (let s = 0; s < count; s++) {
          const row = { values: logits, start: s * outputs, count: outputs };
          loss += sampleLoss('ce', row, data, s) / count;
          lossGradient('ce', row, data, s, 1 / count, out);
        }
        return out;
      },
      mode,
    );
    expectClose([loss], torch(`${name}.${mode}.loss`), { relative: 1e-10, absolute: 1e-15 }, 'loss');
    if (mode === 'training') updateStatistics(model, parameter, values, count);
    const rows = torch(`${name}.${mode}`);
    for (const [row, key] of networks.names[name]!.entries()) {
      const g = weights.get(key) ?? parameters.get(key)!.data;
      const norm = Math.hypot(...g);
      const actual = [
        g[0]!,
        g[Math.floor(g.length / 3)]!,
        g[Math.floor(g.length / 2)]!,
        g.at(-1)!,
        g.reduce((sum, value) => sum + value, 0),
        norm,
      ];
      const expected = rows.subarray(6 * row, 6 * row + 6);
      // Below 1e-9 nothing is left of some gradients but rounding.
      const tolerance = { relative: 0, absolute: 1e-10 * Math.max(norm, 1e-4) };
      expectClose(actual, expected, tolerance, `${name} ${mode} ${key}`);
      if (norm > 1e-6)
        expect(() =>
          expectClose(
            actual.map((v) => v * (1 + 1e-3)),
            expected,
            tolerance,
          ),
        ).toThrow('differ');
    }
    expect([...weights.keys()].every((key) => networks.names[name]!.includes(key))).toBe(true);
  });
});
