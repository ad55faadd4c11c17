import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/cli/options.js';
import { UsageError } from '../../../src/cli/typed.js';
import { coordinates, offsetsOf } from '../../../src/landscape/grid.js';

function evalOptions(...words: string[]) {
  const command = parseCommand(['eval', ...words]);
  if (command.kind !== 'eval') throw new Error(`parsed as ${command.kind}`);
  return command.options;
}

describe('eval', () => {
  test('a whole command with direction files', () => {
    const words =
      '--preset bnmlp10-residual --d1 x.safetensors --d2 y.safetensors --a=-1:1:21 --b=-0.5:0.5:11 ' +
      '--samples 1400 --engine webgpu --out grid.npz --loss mse';
    expect(evalOptions(...words.split(' '))).toEqual({
      network: { preset: 'bnmlp10-residual', model: [], weights: null, run: [], step: null },
      data: null,
      scaling: null,
      directions: { kind: 'files', d1: 'x.safetensors', d2: 'y.safetensors' },
      grid: { columns: { from: -1, to: 1, count: 21 }, rows: { from: -0.5, to: 0.5, count: 11 } },
      window: null,
      delta: false,
      derivatives: 0,
      samples: 1400,
      loss: 'mse',
      engine: 'webgpu',
      out: 'grid.npz',
    });
  });

  test('a window around a centre, with what is computed besides', () => {
    const words = '--preset p --around -0.31,0.2 --half-width 1e-6 --grid 17 --delta --curvature';
    const { window, grid, delta, derivatives } = evalOptions(...words.split(' '));
    expect(window).toEqual({ a: -0.31, b: 0.2, halfWidth: 1e-6, points: 17 });
    expect(grid!.columns).toMatchObject({ from: -0.31 - 1e-6, to: -0.31 + 1e-6, count: 17 });
    // Each is the centre and an offset, added and rounded once: the middle one is the centre to the bit.
    const offset = offsetsOf(1e-6, 17);
    expect(coordinates(grid!.columns)).toEqual(offset.map((x) => -0.31 + x));
    expect(coordinates(grid!.rows)[8]).toBe(0.2);
    expect({ delta, derivatives }).toEqual({ delta: true, derivatives: 2 });
    expect(evalOptions('--preset', 'p', '--gradient')).toMatchObject({ window: null, derivatives: 1 });
  });

  test.each([
    ['--delta', 'name the centre'],
    ['--around 0,0', 'give both'],
    ['--around 0 --half-width 1', 'has the form α,β'],
    ['--around 0,0 --half-width 0', 'must be above 0'],
    ['--around 0,0 --half-width 1 --grid 16', 'an odd number'],
    ['--around 0,0 --half-width 1 --a=0:1:3', 'use one of the two'],
  ])('refuses %s', (words, sentence) => {
    expect(() => evalOptions('--preset', 'p', ...words.split(' '))).toThrow(sentence);
  });

  test('planes of a run: the grid fits it unless one is given; a third step is the centre', () => {
    const of = (words: string) => evalOptions('--preset', 'p', '--run', 'r', ...words.split(' '));
    expect(of('--plane pca --step 7 --states')).toMatchObject({
      directions: { kind: 'pca', about: 'centre', states: true },
      grid: null,
      network: { run: ['r'], weights: null, step: 7 },
    });
    expect(of('--plane pca --about mean --a=-2:2:5').grid).toMatchObject({ columns: { count: 5 } });
    expect(of('--plane steps:0,50,100')).toMatchObject({
      directions: { kind: 'steps', steps: [0, 50], states: false },
      network: { step: 100 },
    });
    expect(of('--plane steps:0,50').network.step).toBe(null);
    expect(of('--run s --seed 3')).toMatchObject({
      directions: { kind: 'drawn', seed: 3 },
      grid: { rows: { count: 51 } },
      network: { run: ['r', 's'] },
    });
  });

  test.each([
    ['--plane pca', 'name its file with --run'],
    ['--run r --plane steps:1', 'can be random, pca, steps:I,J or steps:I,J,K'],
    ['--run r --plane pca:3', 'can be random, pca'],
    ['--run r --plane steps:1,x', 'where a number belongs'],
    ['--run r --plane pca --seed 3', '--seed has no place in --plane pca'],
    ['--run r --plane steps:1,2,3 --step 3', 'name two of them'],
    ['--run r --plane steps:1,2 --about mean', '--about belongs to --plane pca'],
    ['--run r --states', 'add --plane pca or --plane steps:I,J'],
    ['--run r --weights w', 'use one of the two'],
    ['--run r --plane random --d1 a --d2 b', 'use one of the two'],
  ])('refuses %s', (words, sentence) => {
    expect(() => evalOptions('--preset', 'p', ...words.split(' '))).toThrow(sentence);
  });

  test('drawn directions', () => {
    const { directions } = evalOptions('--preset', 'p', '--seed', '7', '--norm', 'layer', '--bias', 'scale');
    expect(directions).toEqual({ kind: 'drawn', seed: 7, normalise: 'layer', bias: 'scale' });
  });

  test('defaults are those of the page', () => {
    const options = evalOptions('--preset', 'p');
    expect(options.directions).toEqual({ kind: 'drawn', seed: 1, normalise: 'filter', bias: 'ignore' });
    expect(options.grid!.columns).toEqual({ from: -1, to: 1, count: 51 });
    expect(options).toMatchObject({ samples: null, loss: null, engine: 'wasm', out: null });
  });

  test('a range that begins with a minus, without the equals sign', () => {
    const { grid } = evalOptions('--preset', 'p', '--a', '-1:1:21', '--b', '-.5:.5:3');
    expect(grid).toEqual({
      columns: { from: -1, to: 1, count: 21 },
      rows: { from: -0.5, to: 0.5, count: 3 },
    });
  });

  test('a network of one’s own with scaled data', () => {
    const words =
      '--model M.onnx --model M.onnx.data --data D.npz --divide 255 --mean 0.49,0.48,0.45 --std .2,.2,.3';
    expect(evalOptions(...words.split(' '))).toMatchObject({
      network: { preset: null, model: ['M.onnx', 'M.onnx.data'] },
      data: 'D.npz',
      scaling: { divide: [255], mean: [0.49, 0.48, 0.45], std: [0.2, 0.2, 0.3] },
    });
  });
});

test('a step of a run', () => {
  expect(evalOptions('--preset', 'p', '--weights', 'run.safetensors', '--step', '30').network).toEqual({
    preset: 'p',
    model: [],
    weights: 'run.safetensors',
    run: [],
    step: 30,
  });
});

test('inspect takes its file as a word or as --model', () => {
  const network = { preset: null, model: ['M.onnx'], weights: null, run: [], step: null };
  expect(parseCommand(['inspect', 'M.onnx'])).toEqual({ kind: 'inspect', network });
  expect(parseCommand(['inspect', '--model', 'M.onnx'])).toEqual({ kind: 'inspect', network });
});

describe('train', () => {
  test('takes optimizer, options and order as they are typed', () => {
    const words =
      'train --model m.onnx --data d.npz --divide 16 --samples 1400 --loss ce --optimizer rmsprop --lr 1e-3 --alpha 0.9 ' +
      '--momentum 0.5 --weight-decay 0.1 --eps 1e-4 --batch 64 --order o.npy --steps 10 --every 5 --engine reference --out r';
    expect(parseCommand(words.split(' '))).toEqual({
      kind: 'train',
      options: {
        network: { preset: null, model: ['m.onnx'], weights: null, run: [], step: null },
        data: 'd.npz',
        scaling: { divide: [16], mean: [0], std: [1] },
        samples: 1400,
        loss: 'ce',
        optimizer: 'rmsprop',
        settings: { alpha: 0.9, momentum: 0.5, weightDecay: 0.1, epsilon: 1e-4 },
        learningRate: 1e-3,
        batch: 64,
        order: 'o.npy',
        seed: 1,
        steps: 10,
        every: 5,
        engine: 'reference',
        out: 'r',
      },
    });
  });

  test.each([
    ['gd', 1e-3],
    ['adagrad', 1e-2],
    ['adamw', 1e-3],
  ])('%s has PyTorch’s learning rate by default, and its own options', (optimizer, learningRate) => {
    expect(parseCommand(['train', '--preset', 'p', '--steps', '3', '--optimizer', optimizer])).toMatchObject({
      options: { optimizer, learningRate, settings: {}, batch: null, order: null, every: 1, out: null },
    });
  });
});

test.each([['--help'], ['-h'], ['train', '--help'], ['help'], ['eval', '--help'], ['inspect', '-h']])(
  '%s %s asks for help',
  (...words) => {
    expect(parseCommand(words)).toEqual({ kind: 'help' });
  },
);

describe('a command typed wrong is told in one sentence', () => {
  test.each([
    ['', 'Say what to do: eval, train, inspect, bench or shaders (--help explains them).'],
    [
      'draw',
      "There is no command 'draw': use eval, train, inspect, bench or shaders (--help explains them).",
    ],
    ['eval', 'Name the network: --preset NAME or --model FILE.onnx.'],
    ['eval --preset p --step 3', '--step chooses from a run: name its file with --run or --weights.'],
    ['eval --preset p --model m.onnx', 'Name one network: either --preset or --model, not both.'],
    ['eval --model m.onnx', '--model needs --data, an .npz file with the arrays x and y.'],
    ['eval --preset p --points 3', "Unknown option '--points': see --help."],
    ['eval --preset p extra', "Unexpected argument 'extra': see --help."],
    ['eval --preset', "Option '--preset <value>' argument missing: see --help."],
    ['eval --preset p --a=1', "--a is '1', but has the form from:to:count, e.g. --a=-1:1:21."],
    ['eval --preset p --a=0:1:1.5', "--a has '1.5' where a whole number from 1 belongs."],
    ['eval --preset p --a=0:x:3', "--a has 'x' where a number belongs."],
    ['eval --preset p --a=0:Infinity:3', "--a has 'Infinity' where a number belongs."],
    ['eval --preset p --b=0:1:99999', '--b asks for 99999 points; 10001 is the most.'],
    ['eval --preset p --samples 0', "--samples has '0' where a whole number from 1 belongs."],
    ['eval --preset p --engine gpu', "--engine is 'gpu', but can be reference, wasm, webgpu."],
    ['eval --preset p --loss mae', "--loss is 'mae', but can be ce, mse, bce."],
    ['eval --preset p --norm l2', "--norm is 'l2', but can be filter, layer, weight, none."],
    ['eval --preset p --d1 f', '--d1 and --d2 belong together: give both or none.'],
    [
      'eval --preset p --d1 f --d2 g --seed 3',
      '--seed draws directions, but --d1 and --d2 give them: use one of the two.',
    ],
    ['eval --preset p --std 0', '--std divides, so it cannot be 0.'],
    ['eval --preset p --seed -1', "--seed has '-1' where a whole number from 0 belongs."],
    ['train --model m.onnx --steps 1', '--model needs --data, an .npz file with the arrays x and y.'],
    ['train --preset p', 'Say how many steps to take: --steps N.'],
    ['train --preset p --steps 1 --lr=-1', "--lr has '-1' where a number from 0 belongs."],
    [
      'train --preset p --steps 1 --optimizer lion',
      "--optimizer is 'lion', but can be gd, momentum, nesterov, adagrad, rmsprop, adam, adamw.",
    ],
    [
      'train --preset p --steps 1 --optimizer adam --momentum 0.9',
      'adam has no --momentum; momentum, nesterov, rmsprop have.',
    ],
    [
      'train --preset p --steps 1 --optimizer adam --beta2 1',
      "--beta2 has '1' where a number from 0 to below 1 belongs.",
    ],
    [
      'train --preset p --steps 1 --order o.npy --seed 2',
      '--seed shuffles and --order is an order already: give one of them.',
    ],
    ['train --preset p --steps 1 --engine gpu', "--engine is 'gpu', but can be reference, wasm, webgpu."],
  ])('%s', (words, sentence) => {
    const parse = () => parseCommand(words.split(' ').filter(Boolean));
    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(new UsageError(sentence));
  });
});
