import { gzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { writeNpy } from '../../../src/io/npy.js';
import { writeNpz } from '../../../src/io/npz.js';
import { annotatePng } from '../../../src/io/png.js';
import { elements } from '../../../src/model/graph.js';
import type { OpenedData, OpenedNetwork } from '../../../src/ui/files/opened.js';
import { buffersOf, readFiles } from '../../../src/ui/files/read.js';
import { type NamedBytes, recognise } from '../../../src/ui/files/recognise.js';
import { sameScaling, scalingPresets } from '../../../src/ui/files/scalings.js';
import { fixtureFile as fixture } from '../../helpers/files.js';

const text = (name: string, content: string): NamedBytes => ({
  name,
  bytes: new TextEncoder().encode(content),
});
const file = (name: string, ...bytes: number[]): NamedBytes => ({ name, bytes: Uint8Array.from(bytes) });

/** IDX of bytes with these sizes. */
function idx(name: string, ...sizes: number[]): NamedBytes {
  const bytes = new Uint8Array(4 + 4 * sizes.length + elements(sizes));
  bytes.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, axis) => new DataView(bytes.buffer).setUint32(4 + 4 * axis, size));
  return { name, bytes };
}

const gzipped = ({ name, bytes }: NamedBytes): NamedBytes => ({ name: `${name}.gz`, bytes: gzipSync(bytes) });
const array = (data: Float32Array | Uint8Array, ...shape: number[]) => ({
  dtype: data instanceof Uint8Array ? '|u1' : '<f4',
  shape,
  data,
});
const npy = (name: string, data: Float32Array | Uint8Array, ...shape: number[]): NamedBytes => ({
  name,
  bytes: writeNpy(array(data, ...shape)),
});
const npz = (name: string, arrays: Record<string, ReturnType<typeof array>>): NamedBytes => ({
  name,
  bytes: writeNpz(Object.entries(arrays)),
});

const table = 'a,b,species\n1,2,setosa\n3,4,virginica\n5,6,setosa\n';

describe('files are recognised by what is in them', () => {
  it.each([
    ['onnx', [fixture('mlp-tanh.onnx')]],
    ['safetensors', [fixture('mlp-tanh.safetensors')]],
    ['safetensors', [fixture('mlp-tanh.safetensors', 'weights')]],
    ['npz', [fixture('digits.npz')]],
    ['npz', [fixture('digits.npz', 'digits')]],
    ['idx', [idx('train-images-idx3-ubyte', 2, 3, 3), idx('train-labels-idx1-ubyte', 2)]],
    ['idx', [gzipped(idx('labels', 2)), gzipped(idx('images', 2, 3, 3))]],
    ['cifar', [{ name: 'test_batch.bin', bytes: new Uint8Array(3073) }]],
    ['csv', [text('iris.csv', table)]],
    ['csv', [text('iris', table)]],
    ['npy', [npy('x.npy', new Float32Array(4), 2, 2), npy('y.npy', new Uint8Array(2), 2)]],
  ])('%s', (kind, files) => {
    expect(recognise(files).map((group) => group.kind)).toEqual([kind]);
  });

  it('gives a network the files dropped with it, in whatever order', () => {
    const files = ['dynamo-resnet-a.onnx.data', 'dynamo-resnet-a.onnx'].map((name) =>
      fixture(`onnx/${name}`),
    );
    expect(recognise(files)).toEqual([{ kind: 'onnx', file: files[1], beside: [files[0]] }]);
  });

  it('orders batches by the numbers in their names', () => {
    const names = ['data_batch_10.bin', 'data_batch_2.bin'];
    const [group] = recognise(names.map((name) => ({ name, bytes: new Uint8Array(3073) })));
    expect(group).toMatchObject({ batches: [{ name: names[1] }, { name: names[0] }] });
  });
});

describe('what is not read is refused in one sentence with a way out', () => {
  const checkpoint = zipSync({ 'archive/data.pkl': new Uint8Array(9), 'archive/version': new Uint8Array(2) });
  it.each([
    [
      file('photo.jpg', 0xff, 0xd8, 0xff, 0xe0),
      /^photo\.jpg: it is a JPEG picture; open a network \(\.onnx\)/,
    ],
    [file('net.onnx', 0xff, 0xd8, 0xff), /^net\.onnx: it is a JPEG picture and no network; open a/],
    [file('noise', 7, 1, 254, 3), /^noise: it is nothing that is known here; open a/],
    [file('empty.npz'), /^empty\.npz: it is empty; copy/],
    [file('data.npz', 1, 2, 3), /^data\.npz: it is no NPZ file, whatever its name says; copy/],
    [file('old.pkl', 0x80, 2), /^old\.pkl: it is a Python pickle.*numpy\.savez/],
    [
      { name: 'm.pt', bytes: checkpoint },
      /^m\.pt: it is a PyTorch checkpoint.*safetensors\.torch\.save_file/,
    ],
    [{ name: 'm.zip', bytes: checkpoint }, /^m\.zip: it is a PyTorch checkpoint/],
    [fixture('onnx/dynamo-resnet-a.onnx.data'), /open it together with its \.onnx file\.$/],
    [{ name: 'a.bin', bytes: new Uint8Array(3000) }, /^a\.bin: it is no CIFAR batch: its 3000 bytes/],
    [gzipped(text('a', 'plain text')), /^a\.gz: it is gzipped, and no IDX file inside; unpack it first\.$/],
    [idx('train-images-idx3-ubyte', 2, 3, 3), /there is one IDX file and should be two, images and labels/],
  ])('%#', (given, sentence) => {
    expect(() => recognise([given])).toThrow(sentence);
  });
});

const read = async (...files: NamedBytes[]) => readFiles(files);
const readData = async (...files: NamedBytes[]) => (await readFiles(files))[0] as OpenedData;

describe('files are read', () => {
  it('a network with its data file, and its hashes', async () => {
    const names = ['dynamo-resnet-a.onnx', 'dynamo-resnet-a.onnx.data'];
    const [network] = await read(...names.map((name) => fixture(`onnx/${name}`)));
    expect(network!.kind).toBe('network');
    expect(network!.origin.map((origin) => origin.file)).toEqual(names);
    expect(network!.origin[0]!.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect((network as OpenedNetwork).model.name).toBe('dynamo-resnet-a');
  });

  it('a network, its data and its weights at once', async () => {
    const names = ['mlp-tanh.onnx', 'digits.npz', 'mlp-tanh.safetensors'];
    const opened = await read(...names.map((name) => fixture(name)));
    expect(opened.map((item) => item.kind).sort()).toEqual(['data', 'network', 'tensors']);
  });

  it('data of every format', async () => {
    expect((await readData(fixture('digits.npz'))).x.shape).toEqual([1797, 1, 8, 8]);
    const pair = await readData(gzipped(idx('l', 2)), gzipped(idx('i', 2, 3, 3)));
    expect([pair.x.shape, pair.y.shape]).toEqual([[2, 1, 3, 3], [2]]);
    const batch = await readData({ name: 'test_batch.bin', bytes: new Uint8Array(2 * 3073) });
    expect(batch.x.shape).toEqual([2, 3, 32, 32]);
    const arrays = [npy('b.npy', new Uint8Array(2), 2), npy('a.npy', new Float32Array(4), 2, 2)] as const;
    expect((await readData(...arrays)).x.shape).toEqual([2, 2]);
    const { x, y, classes, table: info } = await readData(text('iris.csv', table));
    expect([x.shape, [...y.data], classes]).toEqual([
      [3, 2],
      [0, 1, 0],
      ['setosa', 'virginica'],
    ]);
    expect(info).toEqual({ columns: ['a', 'b', 'species'], label: 'species' });
    const [chosen] = await readFiles([text('t.csv', 'y,a\n0,5\n1,6\n')], { label: 'y' });
    expect((chosen as OpenedData).table!.label).toBe('y');
  });

  it('arrays under the names that libraries use', async () => {
    const images = array(new Uint8Array(12).fill(200), 3, 2, 2);
    const data = await readData(npz('m.npz', { x_train: images, y_train: array(new Uint8Array(3), 3) }));
    expect(data.x.shape).toEqual([3, 2, 2]);
  });

  it('what made a picture', async () => {
    const blank = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const texts = [['isoloss', '{"query":"seed=3"}']] as const;
    const bytes = annotatePng(new Uint8Array(blank), { pixelsPerMetre: 5000, texts });
    const [picture] = await read({ name: 'p.png', bytes });
    expect(picture).toMatchObject({ kind: 'picture', provenance: { query: 'seed=3' } });
    await expect(read({ name: 'p.png', bytes: new Uint8Array(blank) })).rejects.toThrow(/^p\.png/);
  });

  it('with a sentence for what is wrong in them', async () => {
    const nan = npz('d.npz', {
      x: array(Float32Array.of(1, 2, NaN, 4), 2, 2),
      y: array(new Uint8Array(2), 2),
    });
    await expect(read(nan)).rejects.toThrow('d.npz, array x: sample 1 has NaN at place 0; remove or replace');
    const grid = npz('g.npz', { a: array(new Float32Array(3), 3), loss: array(new Float32Array(9), 3, 3) });
    await expect(read(grid)).rejects.toThrow(
      /^g\.npz: it holds "a" \[3\], "loss" \[3, 3\], and no samples x/,
    );
    const few = npz('f.npz', { x: array(new Float32Array(4), 2, 2), y: array(new Uint8Array(3), 3) });
    await expect(read(few)).rejects.toThrow(/f\.npz, array y: its shape is \[3\] but x holds 2 samples/);
    await expect(read(npz('x.npz', { x: array(new Float32Array(4), 2, 2) }))).rejects.toThrow(/no labels/);
    await expect(read(npy('x.npy', new Float32Array(4), 2, 2))).rejects.toThrow(/^x\.npy: it has no labels/);
    const cut = fixture('mlp-tanh.onnx');
    await expect(read({ ...cut, bytes: cut.bytes.slice(0, 5000) })).rejects.toThrow(/^mlp-tanh\.onnx/);
  });

  it('into buffers that can be handed over, each once', async () => {
    const opened = await read(fixture('onnx/merged.onnx'), fixture('digits.npz'));
    const buffers = buffersOf(opened);
    expect(new Set(buffers).size).toBe(buffers.length);
    const copy = structuredClone(opened, { transfer: buffers });
    expect((copy.find((item) => item.kind === 'data') as OpenedData).x.data.length).toBe(1797 * 64);
  });
});

describe('the scaling that data seem to want', () => {
  const scaling = async (name: string, largest: number, ...shape: number[]) => {
    const x = array(new Uint8Array(elements(shape)).fill(largest), ...shape);
    const data = await readData(npz(name, { x, y: array(new Uint8Array(shape[0]!), shape[0]!) }));
    return scalingPresets.find((preset) => sameScaling(preset.scaling, data.scaling))?.label;
  };
  it.each([
    ['fashion-500.npz', 255, [2, 1, 3, 3], 'Fashion-MNIST'],
    ['mnist.npz', 255, [2, 1, 3, 3], 'MNIST'],
    ['cifar10.npz', 255, [2, 3, 3, 3], 'CIFAR-10'],
    ['cifar100.npz', 255, [2, 3, 3, 3], '÷ 255'],
    ['any.npz', 200, [2, 1, 3, 3], '÷ 255'],
    ['digits.npz', 16, [2, 1, 8, 8], '÷ 16'],
    ['bits.npz', 1, [2, 9], 'None'],
  ] as const)('%s with values up to %d', async (name, largest, shape, label) => {
    expect(await scaling(name, largest, ...shape)).toBe(label);
  });
});
