import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSafetensors } from '../../src/io/safetensors.js';
import { isoloss } from '../helpers/command.js';
import { expectClose } from '../helpers/compare.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoloss-train-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('isoloss train in WASM, the default: the same seed gives the same bits in float32, near the reference', async () => {
  const words = ['train', '--preset', 'bnmlp10-residual', '--samples', '300', '--optimizer', 'nesterov'];
  const how = ['--lr', '1e-2', '--batch', '50', '--seed', '5', '--steps', '4', '--every', '4'];
  const file = (name: string): string => join(folder, `${name}.safetensors`);
  const trained = await Promise.all(
    [['a'], ['b', '--engine', 'wasm'], ['c', '--engine', 'reference']].map(([name, ...engine]) =>
      isoloss(...words, ...how, ...engine, '--out', file(name!)),
    ),
  );
  const summaries = trained.map(({ code, stdout, stderr }) => {
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as { engine: string; adapter: string; end: { loss: number } };
  });
  expect(summaries.map(({ engine }) => engine)).toEqual(['wasm', 'wasm', 'reference']);
  expect(summaries[0]!.adapter).toMatch(/SIMD$/);
  expect(readFileSync(file('b')).equals(readFileSync(file('a')))).toBe(true);
  const [fast, exact] = [file('a'), file('c')].map((path) =>
    readSafetensors(new Uint8Array(readFileSync(path)), path),
  );
  const name = '4/blocks.3.fc1.weight';
  const [found, truth] = [fast!.get(name)!.data, exact!.get(name)!.data];
  expect(found).toBeInstanceOf(Float32Array);
  expect(truth).toBeInstanceOf(Float64Array);
  expectClose(Array.from(found, Number), Array.from(truth, Number), { relative: 0, absolute: 1e-5 }, name);
  expect(summaries[0]!.end.loss).toBeCloseTo(summaries[2]!.end.loss, 5);
});

test('isoloss train on WebGPU ends where the reference does', async () => {
  const words = [
    'train',
    '--preset',
    'mlp-tanh',
    '--samples',
    '60',
    '--optimizer',
    'momentum',
    '--batch',
    '24',
  ];
  const ends = await Promise.all(
    ['webgpu', 'reference'].map(async (engine) => {
      const file = join(folder, `${engine}.safetensors`);
      const how = ['--steps', '3', '--every', '3', '--engine', engine, '--out', file];
      const { code, stdout, stderr } = await isoloss(...words, ...how);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ engine, steps: 3 });
      const { data } = readSafetensors(new Uint8Array(readFileSync(file)), file).get('3/stem.weight')!;
      return Array.from(data, Number);
    }),
  );
  expectClose(ends[0]!, ends[1]!, { relative: 0, absolute: 1e-6 }, 'stem.weight');
  expect(() =>
    expectClose(ends[0]!.slice(1), ends[1]!.slice(0, -1), { relative: 0, absolute: 1e-6 }),
  ).toThrow('differ');
});
