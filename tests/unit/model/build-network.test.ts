import { describe, expect, it } from 'vitest';
import type { Architecture } from '../../../src/model/architecture.js';
import { buildNetwork, titleOf } from '../../../src/model/build-network.js';
import { elements, type Model } from '../../../src/model/graph.js';
import { type InitialisationName, initialisationNames } from '../../../src/model/initialisations.js';
import { loadNetwork } from '../../helpers/fixtures.js';

const mlp: Architecture = {
  kind: 'mlp',
  input: [64],
  outputs: 10,
  blocks: 3,
  layers: 2,
  width: 32,
  skips: true,
  batchnorm: true,
  activation: 'relu',
};
const conv: Architecture = { ...mlp, kind: 'conv', input: [1, 8, 8], blocks: 3, width: 4 };

const build = (architecture: Architecture, initialisation: InitialisationName = 'pytorch', seed = 1): Model =>
  buildNetwork({ architecture, initialisation, seed });
const weights = (model: Model): number =>
  [...model.parameters.values()]
    .filter(({ kind }) => kind === 'weight')
    .reduce((sum, { shape }) => sum + elements(shape), 0);

describe('an architecture', () => {
  it.each([
    ['bnmlp20-plain', { ...mlp, blocks: 20, skips: false }],
    ['bnmlp20-residual', { ...mlp, blocks: 20 }],
    ['resnet20-fashion', { ...conv, input: [1, 28, 28], blocks: 9, width: 16 }],
  ] as const)('has the nodes and the shapes of %s with its numbers', (name, architecture) => {
    const bundled = loadNetwork(name);
    const built = build(architecture);
    expect(built.nodes).toEqual(bundled.nodes);
    const shapes = ({ parameters }: Model) =>
      [...parameters].map(([key, p]) => `${key} ${p.shape.join()} ${p.kind}`).sort();
    expect(shapes(built)).toEqual(shapes(bundled));
  });

  it('has as many weights as arithmetic says', () => {
    expect(weights(build(mlp))).toBe(65 * 32 + 3 * (2 * 32 * 32 + 4 * 32) + 33 * 10);
    expect(weights(build({ ...mlp, batchnorm: false, layers: 3 }))).toBe(65 * 32 + 9 * 33 * 32 + 33 * 10);
    // Stages of 4, 8 and 16 channels; both widening blocks have a shortcut of 1×1.
    const taps = 9 * (1 * 4 + 2 * 4 * 4 + 4 * 8 + 8 * 8 + 8 * 16 + 16 * 16) + 4 * 8 + 8 * 16;
    const biases = 4 + 2 * 4 + 2 * 8 + 2 * 16 + 8 + 16;
    expect(weights(build({ ...conv, batchnorm: false }))).toBe(taps + biases + 17 * 10);
    expect(weights(build(conv))).toBe(taps + 2 * biases + 17 * 10);
  });

  it('gives its logits whatever the numbers, and never halves a pixel', () => {
    for (const blocks of [0, 1, 2, 4, 7]) {
      expect(build({ ...mlp, blocks, outputs: 3 }).shapes.at(-1)).toEqual([3]);
      expect(build({ ...conv, blocks, input: [3, 1, 5] }).shapes.at(-1)).toEqual([10]);
    }
    const sizes = build({ ...conv, input: [3, 7, 9] }).shapes.map((shape) => shape.join('×'));
    expect(sizes).toEqual(expect.arrayContaining(['4×7×9', '8×4×5', '16×2×3']));
  });

  it.each([
    ['mlp', mlp],
    ['conv', conv],
  ])('differs by its skips alone: all that a plain %s has begins alike in the residual one', (_, with_) => {
    const [residual, plain] = [build(with_), build({ ...with_, skips: false })];
    for (const [name, { data }] of plain.parameters)
      expect(residual.parameters.get(name)!.data).toEqual(data);
    const own = new Set(plain.nodes.map(({ name }) => name));
    const added = residual.nodes.filter(({ name }) => !own.has(name)).map(({ name }) => name);
    expect(added.every((name) => /\.(add|short\.[01])$/.test(name))).toBe(true);
    expect(added.filter((name) => name.endsWith('.add'))).toHaveLength(3);
    // Nothing else: the other nodes are the same but for what they read.
    const shared = residual.nodes.filter(({ name }) => own.has(name));
    const bare = (nodes: Model['nodes']) => nodes.map((node) => ({ ...node, inputs: [] }));
    expect(bare(shared)).toEqual(bare(plain.nodes));
  });

  it('is refused when it makes no network', () => {
    expect(() => build({ ...mlp, width: 0 })).toThrow('width is 0 and should be a whole number of 1 or more');
    expect(() => build({ ...mlp, blocks: 1.5 })).toThrow('blocks is 1.5');
    expect(() => build({ ...mlp, blocks: 1e6 })).toThrow('2000002 layers are more than 1000');
    expect(() => build({ ...mlp, input: [1, 8, 8] })).toThrow('does not have one axis of features');
    expect(() => build({ ...conv, input: [64] })).toThrow('does not have channels, height and width');
    expect(() => build(mlp, 'pytorch', -1)).toThrow('the seed -1 is no whole number');
  });

  it('has a title', () => {
    expect(titleOf(mlp)).toBe('3 blocks with skips, batch norm');
    expect(titleOf({ ...conv, blocks: 1, layers: 1, skips: false, batchnorm: false })).toBe(
      'Convolutions, 1 block of 1 without skips',
    );
  });
});

describe('an initialisation', () => {
  const wide: Architecture = { ...mlp, input: [150], width: 300, blocks: 1, batchnorm: false };
  const [fanIn, fanOut] = [150, 300];
  /** Variance of U(±b) is b²/3. */
  const variances: Record<InitialisationName, number> = {
    pytorch: 1 / fanIn / 3,
    'kaiming-uniform': 2 / fanIn,
    'kaiming-normal': 2 / fanIn,
    'xavier-uniform': 2 / (fanIn + fanOut),
    'xavier-normal': 2 / (fanIn + fanOut),
    'lecun-normal': 1 / fanIn,
  };

  it.each(initialisationNames)('%s has the mean, the variance and the bounds of its formula', (name) => {
    const { data } = build(wide, name).parameters.get('stem.weight')!;
    const count = data.length;
    const mean = data.reduce((sum, x) => sum + x, 0) / count;
    const variance = data.reduce((sum, x) => sum + x * x, 0) / count;
    const sigma = Math.sqrt(variances[name]);
    // Four standard errors; the fourth moment of a normal distribution is 3σ⁴, so its variance has √(2/n).
    expect(Math.abs(mean)).toBeLessThan((4 * sigma) / Math.sqrt(count));
    expect(Math.abs(variance / variances[name] - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    const most = data.reduce((max, x) => Math.max(max, Math.abs(x)), 0) / sigma;
    if (/normal/.test(name)) expect(most).toBeGreaterThan(3.5);
    else expect(Math.abs(most - Math.sqrt(3))).toBeLessThan(0.001);
  });

  it('counts the kernel in both fans of a convolution', () => {
    const architecture: Architecture = { ...conv, width: 64, blocks: 1 };
    const { data } = build(architecture, 'xavier-normal').parameters.get('conv.weight')!;
    const variance = data.reduce((sum, x) => sum + x * x, 0) / data.length;
    expect(variance / (2 / (9 + 9 * 64))).toBeCloseTo(1, 0);
  });

  it('begins biases as it says and batchnorm as it is no change', () => {
    const bias = (name: InitialisationName) => build(wide, name).parameters.get('stem.bias')!.data;
    expect(bias('kaiming-normal').every((x) => x === 0)).toBe(true);
    expect(Math.max(...bias('pytorch').map(Math.abs))).toBeCloseTo(1 / Math.sqrt(fanIn), 2);
    const { parameters } = build(mlp);
    const values = (name: string) => new Set(parameters.get(`blocks.0.bn1.${name}`)!.data);
    expect([...values('weight'), ...values('bias')]).toEqual([1, 0]);
    expect([...values('running_mean'), ...values('running_var')]).toEqual([0, 1]);
  });

  it('depends on the seed and the name, all 53 bits of it, and on nothing else', () => {
    const stem = (seed: number, architecture = mlp) =>
      build(architecture, 'pytorch', seed).parameters.get('stem.weight')!.data;
    expect(stem(1)).toEqual(stem(1, { ...mlp, blocks: 0 }));
    expect(stem(1)).not.toEqual(stem(2));
    expect(stem(1)).not.toEqual(stem(1 + 2 ** 32));
    const fc = build(mlp).parameters;
    expect(fc.get('blocks.0.fc1.weight')!.data).not.toEqual(fc.get('blocks.0.fc2.weight')!.data);
  });
});
