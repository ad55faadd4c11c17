import { describe, expect, it } from 'vitest';
import { multiplyAdds, nodeMultiplyAdds } from '../../../src/model/cost.js';
import { elements, type Model } from '../../../src/model/graph.js';
import { presetModel, presets } from '../../../src/model/presets.js';
import { modelTable } from '../../../src/model/table.js';
import { loadNetwork } from '../../helpers/fixtures.js';

const tensors = (model: Model) =>
  new Map([...model.parameters.values()].map(({ name, shape, data }) => [name, { shape, data }]));

describe('presets', () => {
  it.each(presets.map(({ name }) => name))('%s takes its tensors and gives ten logits', (name) => {
    const model = loadNetwork(name);
    expect(model.shapes.at(-1)).toEqual([10]);
    const statistics = [...model.parameters.values()].filter(({ kind }) => kind === 'statistic');
    expect(statistics.every((p) => /\.running_(mean|var)$/.test(p.name))).toBe(true);
    expect(model.nodes.some(({ op }) => op === 'add')).toBe(presets.find((p) => p.name === name)!.skips);
  });

  it('names every tensor that is missing or too many', () => {
    const given = tensors(loadNetwork('mlp-tanh'));
    const tensor = given.get('head.bias')!;
    given.delete('head.bias');
    given.delete('a.1.weight');
    given.set('extra', tensor);
    given.set('bn.num_batches_tracked', tensor);
    expect(() => presetModel('mlp-tanh', given)).toThrow(
      'the tensors are not those of mlp-tanh; missing: a.1.weight, head.bias; unknown: extra',
    );
    expect(() => presetModel('vgg', given)).toThrow('vgg is not one of the presets bnmlp20-plain, ');
  });

  it('passes over PyTorch’s batch counters', () => {
    const given = tensors(loadNetwork('mlp-tanh'));
    given.set('bn.num_batches_tracked', { shape: [1], data: new Float32Array(1) });
    expect(presetModel('mlp-tanh', given).parameters.has('bn.num_batches_tracked')).toBe(false);
  });
});

describe('cost', () => {
  it('counts the multiply-adds of bnmlp10: 11 dense pairs and 20 batchnorms of 32', () => {
    const dense = 64 * 32 + 20 * 32 * 32 + 32 * 10;
    expect(multiplyAdds(loadNetwork('bnmlp10-plain'))).toBe(dense + 20 * 32);
  });

  it('counts a convolution’s taps once per output element', () => {
    const model = loadNetwork('resnet20-fashion');
    const index = model.nodes.findIndex(({ name }) => name === 'blocks.3.conv1');
    expect(nodeMultiplyAdds(model, index)).toBe(32 * 14 * 14 * 16 * 3 * 3);
  });
});

describe('table', () => {
  it('lists what every node is, makes, holds and costs', () => {
    const model = loadNetwork('resnet20-fashion');
    const table = modelTable(model, (name) => model.parameters.get(name)!.shape.length > 1);
    expect(table.slice(0, 3)).toEqual([
      {
        op: 'conv2d 3×3',
        name: 'conv',
        shape: [16, 28, 28],
        parameters: 144,
        statistics: 0,
        multiplyAdds: 112896,
        movement: 'all',
      },
      {
        op: 'batchnorm',
        name: 'bn',
        shape: [16, 28, 28],
        parameters: 32,
        statistics: 32,
        multiplyAdds: 12544,
        movement: 'fixed',
      },
      {
        op: 'activation relu',
        name: 'relu',
        shape: [16, 28, 28],
        parameters: 0,
        statistics: 0,
        multiplyAdds: 0,
        movement: 'none',
      },
    ]);
    expect(table.find(({ name }) => name === 'blocks.3.short.0')!.op).toBe('conv2d 1×1 /2');
    expect(table.at(-1)!.movement).toBe('some');
    const all = [...model.parameters.values()].reduce((sum, { shape }) => sum + elements(shape), 0);
    expect(table.reduce((sum, row) => sum + row.parameters + row.statistics, 0)).toBe(all);
    expect(table.reduce((sum, row) => sum + row.multiplyAdds, 0)).toBe(multiplyAdds(model));
  });
});
