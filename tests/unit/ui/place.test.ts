import { describe, expect, it } from 'vitest';
import { writeNpz } from '../../../src/io/npz.js';
import { writeRun } from '../../../src/io/run.js';
import { writeSafetensors } from '../../../src/io/safetensors.js';
import { initialState, type Patch, type State, toQuery } from '../../../src/state.js';
import { assemble } from '../../../src/ui/assemble.js';
import { Library, type NetworkEntry } from '../../../src/ui/files/library.js';
import { place, type Place, type Placement } from '../../../src/ui/files/place.js';
import { readFiles } from '../../../src/ui/files/read.js';
import type { NamedBytes } from '../../../src/ui/files/recognise.js';
import { diskAssets, fixtureFile as fixture, fixtureTensors } from '../../helpers/files.js';

const newLibrary = () => new Library(diskAssets());

const start: State = { ...initialState, size: 5, samples: 50 };

async function drop(files: readonly NamedBytes[], context: Partial<Place> = {}): Promise<Placement> {
  const library = context.library ?? newLibrary();
  const place_ = { state: start, side: null, waiting: [], ...context, library };
  return place(await readFiles(files), [], place_);
}

async function patchOf(files: readonly NamedBytes[], context: Partial<Place> = {}): Promise<Patch> {
  const placement = await drop(files, context);
  expect(placement.kind).toBe('show');
  return (placement as Extract<Placement, { kind: 'show' }>).patch;
}

const digitsNets = ['mlp-tanh.onnx', 'mlp-plain-relu.onnx'] as const;

/** A checkpoint of bnmlp10-residual with one tensor left out and one of another shape. */
function damaged(): NamedBytes {
  const tensors = fixtureTensors('bnmlp10-residual.safetensors');
  tensors.delete('head.bias');
  const stem = tensors.get('stem.weight')!;
  tensors.set('stem.weight', { ...stem, shape: [64, 32] });
  return { name: 'epoch7.safetensors', bytes: writeSafetensors(tensors) };
}

describe('networks', () => {
  it('take a panel alone, with the data that are there', async () => {
    const patch = await patchOf([fixture(digitsNets[0])]);
    expect(patch).toMatchObject({ left: 'file:1', right: 'none', samples: 50, plane: 'random' });
    expect(patch.data).toBeUndefined();
  });

  it('take the side that is asked for beside a network that the data fit', async () => {
    const patch = await patchOf([fixture(digitsNets[0])], { side: 'right' });
    expect(patch).toMatchObject({ right: 'file:1' });
    expect(patch.left).toBeUndefined();
  });

  it('take left and right when two come together', async () => {
    expect(await patchOf(digitsNets.map((name) => fixture(name)))).toMatchObject({
      left: 'file:1',
      right: 'file:2',
    });
  });

  it('bring their data, of which a large network takes few samples', async () => {
    const files = [fixture('resnet20-fashion.onnx'), fixture('fashion-500.npz')];
    const library = newLibrary();
    const patch = await patchOf(files, { library });
    expect(patch).toMatchObject({
      left: 'file:1',
      right: 'none',
      data: 'file:2',
      samples: 100,
      scaling: 'auto',
    });
    const { planes } = await assemble({ ...start, ...patch }, library);
    // (1/255 − 0.2860)/0.3530 and the like.
    expect(Math.min(...planes.left!.problem.data.inputs)).toBeCloseTo(-0.286 / 0.353, 6);
  });

  it('wait for data when those that are there do not fit, and say which would', async () => {
    const library = newLibrary();
    const first = await drop([fixture('resnet20-fashion.onnx')], { library });
    expect(first).toMatchObject({ kind: 'wait', offers: ['fashion'] });
    const { networks } = first as { networks: readonly NetworkEntry[] };
    const patch = await patchOf([fixture('fashion-500.npz')], { library, waiting: networks });
    expect(patch).toMatchObject({ left: 'file:1', right: 'none', data: 'file:2' });
    expect(await drop([fixture('onnx/mlp.onnx')])).toMatchObject({ kind: 'wait', offers: [] });
  });

  it('suggest their loss by their end', async () => {
    const x = { dtype: '<f4', shape: [4, 6], data: new Float32Array(24) };
    const y = { dtype: '|u1', shape: [4], data: Uint8Array.of(0, 1, 0, 1) };
    const data: NamedBytes = {
      name: 'd.npz',
      bytes: writeNpz([
        ['x', x],
        ['y', y],
      ]),
    };
    const network = fixture('onnx/ends-sigmoid.onnx');
    const library = newLibrary();
    const placement = await drop([network, data], { library }).catch((error: Error) => error.message);
    expect(placement).toMatchObject({ patch: { loss: 'bce' } });
    // The mean squared error of what came before the sigmoid would be another number than the network's.
    const { patch } = placement as Extract<Placement, { kind: 'show' }>;
    await expect(assemble({ ...start, ...patch }, library)).resolves.toBeDefined();
    await expect(assemble({ ...start, ...patch, loss: 'mse' }, library)).rejects.toThrow(
      'ends-sigmoid was exported with a Sigmoid at its end, which is a part of binary cross-entropy; choose',
    );
  });

  it('are refused when their data do not fit, and nothing is kept', async () => {
    const library = newLibrary();
    const files = [fixture('resnet20-fashion.onnx'), fixture('digits.npz')];
    await expect(drop(files, { library })).rejects.toThrow(
      'digits.npz, array x: a sample has the shape [1, 8, 8] but the network takes [1, 28, 28]; choose other data.',
    );
    expect([library.networks, library.data]).toEqual([[], []]);
  });

  it('are opened two at a time at most', async () => {
    const three = [...digitsNets, 'mlp-residual-relu.onnx'].map((name) => fixture(name));
    await expect(drop(three)).rejects.toThrow('These are 3 networks; open one or two at a time.');
  });
});

describe('data', () => {
  it('keep the networks that they fit', async () => {
    const patch = await patchOf([fixture('digits.npz')]);
    expect(patch).toMatchObject({ data: 'file:1', samples: 1000, loss: 'ce' });
    expect([patch.left, patch.right]).toEqual([undefined, undefined]);
  });

  it('are refused when they fit no network on show', async () => {
    await expect(drop([fixture('fashion-500.npz')])).rejects.toThrow(
      /^fashion-500\.npz, array x: a sample has/,
    );
  });

  it('are refused with labels that the network does not have', async () => {
    const x = { dtype: '|u1', shape: [3, 64], data: new Uint8Array(192) };
    const y = { dtype: '|u1', shape: [3], data: Uint8Array.of(1, 12, 2) };
    await expect(
      drop([
        {
          name: 'd.npz',
          bytes: writeNpz([
            ['x', x],
            ['y', y],
          ]),
        },
      ]),
    ).rejects.toThrow(
      'd.npz, array y: label 1 is 12 but the network has the classes 0 to 9; choose other data.',
    );
  });
});

describe('safetensors', () => {
  const state: State = { ...start, left: 'bnmlp10-plain', right: 'bnmlp10-residual' };

  it('replace the weights of the network that they are named after', async () => {
    const library = newLibrary();
    const patch = await patchOf([fixture('bnmlp10-plain.safetensors')], { state, library });
    expect(patch).toMatchObject({ left: 'file:1' });
    expect(patch.right).toBeUndefined();
    expect((await library.model('file:1')).nodes).toBe((await library.model('bnmlp10-plain')).nodes);
  });

  it('replace the weights on the side that is asked for', async () => {
    const checkpoint = fixture('bnmlp10-plain.safetensors', 'epoch3.safetensors');
    expect(await patchOf([checkpoint], { state, side: 'left' })).toMatchObject({ left: 'file:1' });
    expect(await patchOf([checkpoint], { state, side: 'right' })).toMatchObject({ right: 'file:1' });
  });

  it('are weights for a network that is opened with them', async () => {
    const files = [fixture('mlp-tanh.onnx'), fixture('mlp-tanh.safetensors')];
    expect(await patchOf(files)).toMatchObject({ left: 'file:2', right: 'none' });
  });

  it('are listed name by name when they do not fit', async () => {
    const library = newLibrary();
    await expect(drop([damaged()], { state, side: 'right', library })).rejects.toThrow(
      'epoch7.safetensors does not fit the network bnmlp10-residual:\n' +
        '• head.bias: missing in the file, the network has [10]\n' +
        '• stem.weight: the network has [32, 64], the file [64, 32]',
    );
    expect(library.networks).toEqual([]);
  });

  it('are told that BatchNorm was folded into the network where they have it', async () => {
    const [network, others] = [fixture('onnx/resnet-a-folded.onnx'), fixtureTensors('mlp-tanh.safetensors')];
    const weights = { name: 'epoch1.safetensors', bytes: writeSafetensors(others) };
    await expect(drop([network, weights])).rejects.toThrow(
      /^epoch1\.safetensors does not fit the network resnet-a-folded:[^]*\nBatchNorm was folded into the weights of resnet-a-folded; export it again with training=/,
    );
  });

  it('are directions by their name or for want of statistics', async () => {
    const library = newLibrary();
    const files = ['d1', 'd2'].map((name) => fixture(`bnmlp10-residual.${name}.safetensors`));
    const patch = await patchOf(files, { state, library });
    expect(patch).toMatchObject({ plane: 'file:1' });
    const { planes } = await assemble({ ...state, ...patch }, library);
    const d1 = fixtureTensors('bnmlp10-residual.d1.safetensors').get('stem.weight')!.data;
    expect(planes.right!.problem.d1.get('stem.weight')).toEqual(d1);
    expect(planes.right!.given).toBe(2);
    const unnamed = fixture('bnmlp10-residual.d1.safetensors', 'ray.safetensors');
    expect(await patchOf([unnamed], { state })).toMatchObject({ plane: 'file:1' });
  });

  it('leave directions random for a network that they do not fit, and say so', async () => {
    const placement = await drop([fixture('mlp-tanh.d1.safetensors')], {
      state: { ...start, left: 'mlp-tanh', right: 'bnmlp10-plain' },
    });
    expect(placement).toMatchObject({
      patch: { plane: 'file:1' },
      notes: ['mlp-tanh.d1.safetensors does not fit bnmlp10-plain, whose directions stay random.'],
    });
  });

  it('add a second direction to the first', async () => {
    const library = newLibrary();
    const one = await patchOf([fixture('mlp-tanh.d1.safetensors')], {
      library,
      state: { ...start, left: 'mlp-tanh', right: 'none' },
    });
    const state_ = { ...start, left: 'mlp-tanh', right: 'none', ...one };
    const two = await patchOf([fixture('mlp-tanh.d2.safetensors')], { library, state: state_ });
    const { planes } = await assemble({ ...state_, ...two }, library);
    expect(planes.left!.given).toBe(2);
  });
});

describe('a run', () => {
  /** Checkpoints of mlp-tanh, each weight scaled. */
  const checkpoint = (factor: number) =>
    new Map(
      [...fixtureTensors('mlp-tanh.safetensors')].map(([name, tensor]) => [
        name,
        { ...tensor, data: (tensor.data as Float32Array).map((value) => factor * value) },
      ]),
    );
  const files = [10, 9, 100].map((step) => ({
    name: `epoch_${step}.safetensors`,
    bytes: writeSafetensors(checkpoint(step / 100)),
  }));
  const start_: State = { ...start, left: 'mlp-tanh', right: 'none' };

  it('is a series of checkpoints, whose last one is shown', async () => {
    const library = newLibrary();
    const placed = await drop(files, { library, state: start_ });
    expect(placed).toMatchObject({ kind: 'show', patch: { left: 'file:2' } });
    expect(placed.notes).toEqual([
      'epoch_9.safetensors … epoch_100.safetensors: a run of 3 snapshots, steps 9 to 100, of mlp-tanh. Shown is step 100.',
    ]);
    const run = library.runOf('file:2')!.run;
    expect(run.steps).toEqual([9, 10, 100]);
    const shown = library.network('file:2')!.model.parameters.get('head.weight')!.data;
    expect(shown).toEqual(checkpoint(1).get('head.weight')!.data);
    expect(run.parameters.get(9)!.get('head.weight')).toEqual(checkpoint(0.09).get('head.weight')!.data);
  });

  it('is one file with all steps, beside its network and its data', async () => {
    const library = newLibrary();
    const network = await library.model('mlp-tanh');
    const parameters = [...network.parameters.values()];
    const pieces = writeRun([0, 7], parameters, 'F64', (step, name) =>
      network.parameters.get(name)!.data.map((value) => value * (1 + step)),
    );
    const file = { name: 'run.safetensors', bytes: new Uint8Array(Buffer.concat([...pieces])) };
    const placed = await drop([fixture('mlp-tanh.onnx'), file, fixture('digits.npz')], { library });
    expect(placed).toMatchObject({ kind: 'show', patch: { right: 'none', data: 'file:2' } });
    const { left } = (placed as Extract<Placement, { kind: 'show' }>).patch;
    expect(library.network(left!)).toMatchObject({ title: 'mlp-tanh, step 7', checkpoint: { step: 7 } });
    expect(library.runOf(left!)!.run.parameters.get(7)!.get('head.bias')).toBeInstanceOf(Float64Array);
    expect(library.runOf('mlp-tanh')).toBe(null);
  });

  it('of steps on a line has no plane of its own; one of others is shown on its components, all of it', async () => {
    const library = newLibrary();
    const straight = await drop(files, { library, state: start_ });
    expect((straight as Extract<Placement, { kind: 'show' }>).patch).toMatchObject({ plane: 'random' });

    const bent = files.map(({ name }, k) => {
      const tensors = checkpoint(1 + k);
      const bias = tensors.get('head.bias')!;
      tensors.set('head.bias', { ...bias, data: bias.data.map((value) => value + 10 * k * k) });
      return { name, bytes: writeSafetensors(tensors) };
    });
    const { patch } = (await drop(bent, { library, state: { ...start_, zoom: 3 } })) as Extract<
      Placement,
      { kind: 'show' }
    >;
    expect(patch).toMatchObject({ plane: 'pca', zoom: 0 });
    const shown = { ...start_, ...patch };
    const { planes } = await assemble(shown, library);
    const { run, cosine, given } = planes.left!;
    expect(given).toBe(2);
    expect(cosine).toBeCloseTo(0, 6);
    const { a, b } = run!.trajectory;
    const reach = Math.max(...[...a, ...b].map(Math.abs));
    expect(shown.range / reach).toBeGreaterThan(1.1);
    expect(shown.range / reach).toBeLessThan(1.3);
    expect(run!.explained![0] + run!.explained![1]).toBeCloseTo(1, 6);
    expect(run!.caption).toMatch(
      /^run to step 100, 3 snapshots, 0\.\d % off the plane\ncomponents explain .* about step 100$/,
    );

    // Another step as the centre: the path is the same one, seen from there.
    const other = library.atStep(library.network(patch.left!)!, 9);
    expect(other.title).toBe('mlp-tanh, step 9');
    expect(library.stepOf(patch.left!, 9)).toBe(other.id);
    expect(library.stepOf(patch.left!, 8)).toBe(null);
    const moved = (await assemble({ ...shown, left: other.id }, library)).planes.left!.run!;
    const length = ({ trajectory }: typeof moved, i: number, j: number) =>
      Math.hypot(trajectory.a[i]! - trajectory.a[j]!, trajectory.b[i]! - trajectory.b[j]!);
    expect([...moved.trajectory.distance].indexOf(0)).toBe(0);
    expect(length(moved, 0, 2)).toBeCloseTo(length(run!, 0, 2), 3);
    const through = await assemble({ ...shown, plane: 'steps', through: [100, 7] }, library);
    expect(through.planes.left!.run!.explained).toBe(null);
    expect(through.planes.left!.run!.trajectory.offPlane[1]! < 1e-3).toBe(true);
  });

  it('is listed name by name when it does not fit, and nothing is kept', async () => {
    const library = newLibrary();
    const other = { ...start_, left: 'mlp-plain-relu' };
    await expect(drop(files, { library, state: other })).rejects.toThrow(
      /^epoch_9\.safetensors does not fit the network mlp-plain-relu:\n• a\.2\.weight: /,
    );
    expect(library.networks).toEqual([]);
  });
});

describe('a picture', () => {
  const texts = (provenance: unknown) =>
    [{ kind: 'picture', origin: [{ file: 'p.png', sha256: '' }], provenance }] as const;
  const restore = (provenance: unknown, library = newLibrary()) =>
    place(texts(provenance), [], { state: start, library, side: null, waiting: [] });

  it('brings its settings', async () => {
    const state: State = { ...initialState, seed: 9, range: 0.5, left: 'mlp-tanh' };
    expect(await restore({ query: toQuery(state) })).toMatchObject({ patch: state, notes: [] });
  });

  it('names the files that it was made from and finds those that are open', async () => {
    const library = newLibrary();
    await drop([fixture('mlp-tanh.onnx')], { library });
    const [entry] = library.networks;
    const files = [{ key: 'left', origin: entry!.origin }];
    expect(await restore({ query: 'right=none&seed=3', files }, library)).toMatchObject({
      patch: { left: entry!.id, right: 'none', seed: 3 },
    });
    await expect(restore({ query: 'right=none', files })).rejects.toThrow(
      'p.png was made from mlp-tanh.onnx, which a picture does not contain; open that first, then the picture.',
    );
  });

  it('of a run finds the step that was its centre, and the plane', async () => {
    const library = newLibrary();
    const network = await library.model('mlp-tanh');
    const pieces = writeRun([0, 5, 7], [...network.parameters.values()], 'F32', (step, name) =>
      network.parameters.get(name)!.data.map((value, i) => value * (1 + step) + (i === 0 ? step * step : 0)),
    );
    const file = { name: 'run.safetensors', bytes: new Uint8Array(Buffer.concat([...pieces])) };
    const { left } = await patchOf([file], { library, state: { ...start, left: 'mlp-tanh', right: 'none' } });
    const { origin } = library.network(left!)!;
    const query = 'right=none&plane=steps&through=0,7&range=3';
    const made = await restore({ query, files: [{ key: 'left', origin, step: 5 }] }, library);
    const { patch, notes } = made as Extract<Placement, { kind: 'show' }>;
    expect(notes).toEqual([]);
    expect(patch).toMatchObject({ plane: 'steps', through: [0, 7], range: 3, right: 'none' });
    expect(library.network(patch.left!)!.checkpoint).toMatchObject({ step: 5 });
    const other = await restore({ query, files: [{ key: 'left', origin, step: 'x' }] }, library);
    expect(library.runOf((other as Extract<Placement, { kind: 'show' }>).patch.left!)).not.toBe(null);
  });

  it.each([null, 7, {}, { query: 5 }])('refuses %j as its provenance', async (provenance) => {
    await expect(restore(provenance)).rejects.toThrow(/^p\.png (does not tell|tells)/);
  });
});
