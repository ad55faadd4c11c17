import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNpz } from '../../src/io/npz.js';
import { writeRun } from '../../src/io/run.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.js';
import { isoloss } from '../helpers/command.js';
import { expectClose } from '../helpers/compare.js';
import { loadGrid } from '../helpers/fixtures.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FIXTURES = 'tests/fixtures';
const ORDER = `${FIXTURES}/training/order.npy`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'isoloss-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs eval with `--out`, expects success, and gives the summary and the grid. */
async function evaluate(...words: string[]) {
  const file = join(folder, `${words.join('').replaceAll(/\W+/g, '-').slice(-80)}.npz`);
  const { code, stdout, stderr } = await isoloss('eval', ...words, '--out', file);
  expect(code, stderr).toBe(0);
  expect(stdout.split('\n'), 'one line on standard output').toHaveLength(2);
  const grid = readNpz(new Uint8Array(readFileSync(file)), file);
  return { summary: JSON.parse(stdout) as Record<string, unknown>, grid };
}

/** What float32 engines keep to; the float64 reference keeps to much less. */
const FLOAT32 = { relative: 5e-6, absolute: 2e-8 };
const FLOAT64 = { relative: 1e-11, absolute: 1e-13 };

const NAME = 'bnmlp10-residual';
const PLANE = [
  '--preset',
  NAME,
  '--d1',
  `${FIXTURES}/${NAME}.d1.safetensors`,
  '--d2',
  `${FIXTURES}/${NAME}.d2.safetensors`,
];

describe('the small grid of PyTorch', () => {
  const expected = loadGrid(NAME, 'small');
  const axis = (coordinates: Float64Array) => `${coordinates[0]}:${coordinates.at(-1)}:${coordinates.length}`;
  const words = [
    ...PLANE,
    `--a=${axis(expected.a)}`,
    `--b=${axis(expected.b)}`,
    '--samples',
    String(expected.samples),
  ];

  test.each([
    ['reference', 'within 1e-11 relative + 1e-13', FLOAT64],
    ['wasm', 'within 5e-6 relative + 2e-8', FLOAT32],
    ['webgpu', 'within 5e-6 relative + 2e-8', FLOAT32],
  ] as const)('isoloss eval --engine %s: loss %s', async (engine, _, tolerance) => {
    const { summary, grid } = await evaluate(...words, '--engine', engine);

    const loss = grid.get('loss')!;
    expect(loss.dtype).toBe('<f8');
    expect(loss.shape).toEqual([expected.b.length, expected.a.length]);
    expectClose(grid.get('a')!.data as Float64Array, expected.a, { relative: 0, absolute: 1e-15 }, 'a');
    expectClose(grid.get('b')!.data as Float64Array, expected.b, { relative: 0, absolute: 1e-15 }, 'b');
    expectClose(loss.data as Float64Array, expected.loss, tolerance, 'loss');
    // One sample may change sides where two logits tie within rounding.
    const slack = engine === 'reference' ? 1e-12 : 1 / expected.samples + 1e-12;
    expectClose(
      grid.get('accuracy')!.data as Float64Array,
      expected.accuracy,
      { relative: 0, absolute: slack },
      'accuracy',
    );

    const points = expected.loss.length;
    expect(summary).toMatchObject({ engine, points, samples: expected.samples, model: NAME, loss: 'ce' });
    expect(summary['adapter']).toMatch(/\w/);
    expect(summary['seconds']).toBeGreaterThan(0);
    // 64·32 in, 20 layers of 32·32 with batch norm, 32·10 out.
    expect(summary['flop']).toBe(2 * (64 * 32 + 20 * (32 * 32 + 32) + 32 * 10) * expected.samples * points);

    const perturbed = expected.loss.map((value, i) =>
      i === 17 ? value * (1 + 3 * tolerance.relative) + 3 * tolerance.absolute : value,
    );
    expect(() => expectClose(loss.data as Float64Array, perturbed, tolerance)).toThrow(
      '1 of 49 elements differ',
    );
  });
});

test('a window with --delta and --curvature: differences and derivatives of the reference, wasm within 1e-5 of the largest', async () => {
  const words = [...PLANE, '--around=0.31,-0.2', '--half-width', '1e-6', '--grid', '5', '--samples', '40'];
  const [reference, wasm, wider] = await Promise.all([
    evaluate(...words, '--delta', '--curvature', '--engine', 'reference'),
    evaluate(...words, '--delta', '--curvature', '--engine', 'wasm'),
    evaluate(...words.with(words.indexOf('1e-6'), '1.001e-6'), '--delta', '--engine', 'reference'),
  ]);
  const values = ({ grid }: typeof reference, name: string) => grid.get(name)!.data as Float64Array;
  const largest = (array: Float64Array) => Math.max(...array.map(Math.abs));
  for (const name of ['delta', 'da', 'db', 'daa', 'dab', 'dbb']) {
    const expected = values(reference, name);
    expect(reference.grid.get(name)!.shape).toEqual([5, 5]);
    expect(reference.grid.get(name)!.dtype).toBe('<f8');
    const tolerance = { relative: 0, absolute: 1e-5 * largest(expected) };
    expectClose(values(wasm, name), expected, tolerance, name);
  }
  expect(wider.grid.has('da')).toBe(false);

  // Δ against the subtracted losses, which have nine digits of it left, and against the gradient.
  const delta = values(reference, 'delta');
  const loss = values(reference, 'loss');
  const tolerance = { relative: 0, absolute: 1e-7 * largest(delta) };
  const subtracted = loss.map((value) => value - loss[12]!);
  expectClose(delta, subtracted, tolerance, 'delta');
  expect(() => expectClose(values(wider, 'delta'), subtracted, tolerance)).toThrow('differ');
  const [da, db] = [values(reference, 'da')[12]!, values(reference, 'db')[12]!];
  const linear = delta.map((_, i) => 5e-7 * (((i % 5) - 2) * da + (Math.floor(i / 5) - 2) * db));
  expectClose(delta, linear, { relative: 0, absolute: 1e-3 * largest(delta) }, 'gradient');
});

test('directions drawn from a seed: wasm within 5e-6 relative + 2e-8 of the reference', async () => {
  const words = [
    '--preset',
    'mlp-tanh',
    '--seed',
    '7',
    '--norm',
    'layer',
    '--bias',
    'scale',
    '--a=-1:1:5',
    '--b=-0.5:0.5:3',
    '--samples',
    '50',
  ];
  const [reference, wasm, other] = await Promise.all([
    evaluate(...words, '--engine', 'reference'),
    evaluate(...words, '--engine', 'wasm'),
    evaluate(...words.with(3, '8'), '--engine', 'wasm'),
  ]);
  const losses = [reference, wasm, other].map(({ grid }) => grid.get('loss')!.data as Float64Array);
  expect(reference.grid.get('loss')!.shape).toEqual([3, 5]);
  expectClose(losses[1]!, losses[0]!, FLOAT32);
  expect(() => expectClose(losses[2]!, losses[0]!, FLOAT32)).toThrow();
});

test('the end of a network suggests the loss, and forbids those that it is no part of', async () => {
  const file = `${FIXTURES}/onnx/ends-sigmoid`;
  const words = ['--model', `${file}.onnx`, '--data', `${file}.npz`, '--a=0:0:1', '--b=0:0:1'];
  const { summary } = await evaluate(...words);
  expect(summary).toMatchObject({ loss: 'bce', points: 1, samples: 3 });
  const { code, stderr } = await isoloss('eval', ...words, '--loss', 'mse');
  expect(code).toBe(2);
  expect(stderr).toContain(
    'ends-sigmoid was exported with a Sigmoid at its end, which is a part of binary cross-entropy',
  );
});

test('the weights are those of a run’s last step, or of the one that is asked for', async () => {
  const trained = readSafetensors(
    new Uint8Array(readFileSync(join(ROOT, FIXTURES, 'mlp-tanh.safetensors'))),
    '',
  );
  const file = join(folder, 'run.safetensors');
  const parameters = [...trained].map(([name, { shape }]) => ({ name, shape }));
  const data = (step: number, name: string) =>
    (trained.get(name)!.data as Float32Array).map((value) => (value * step) / 20);
  writeFileSync(file, Buffer.concat([...writeRun([10, 20], parameters, 'F64', data)]));
  const words = [
    '--preset',
    'mlp-tanh',
    '--samples',
    '100',
    '--a=0:0:1',
    '--b=0:0:1',
    '--engine',
    'reference',
  ];
  const [own, last, former] = [
    await evaluate(...words),
    await evaluate(...words, '--weights', file),
    await evaluate(...words, '--weights', file, '--step', '10'),
  ].map(({ grid }) => grid.get('loss')!.data[0]!) as [number, number, number];
  expect(last).toBe(own);
  expect(former).toBeGreaterThan(2 * own);
  const { code, stderr } = await isoloss('eval', ...words, '--weights', file, '--step', '3');
  expect([code, stderr]).toEqual([1, expect.stringContaining('it has no step 3; choose from 10, 20.')]);
});

test('isoloss train keeps a run: torch.optim’s Adam after ten steps within 1e-10, read again by eval', async () => {
  const folderOf = `${FIXTURES}/training`;
  const file = join(folder, 'trained.safetensors');
  const words = ['--model', `${folderOf}/conv.onnx`, '--data', `${FIXTURES}/digits.npz`, '--divide', '16'];
  const how = ['--optimizer', 'adam', '--lr', '1e-3', '--batch', '32', '--order', ORDER];
  const ends = ['--steps', '10', '--engine', 'reference', '--out', file];
  const { code, stdout, stderr } = await isoloss('train', ...words, '--samples', '1400', ...how, ...ends);
  expect(code, stderr).toBe(0);
  const summary = JSON.parse(stdout) as { end: { loss: number } };
  expect(summary).toMatchObject({ engine: 'reference', optimizer: 'adam', steps: 10, samples: 1400 });

  const run = readSafetensors(new Uint8Array(readFileSync(file)), file);
  const runs = JSON.parse(readFileSync(join(ROOT, folderOf, 'runs.json'), 'utf8')) as {
    network: string;
    optimizer: string;
    end: Record<string, number[]>;
  }[];
  const { end } = runs.find(({ network, optimizer }) => network === 'conv' && optimizer === 'adam')!;
  const names = Object.keys(end);
  expect(new Set(run.keys())).toEqual(
    new Set([...Array(11).keys()].flatMap((step) => names.map((name) => `${step}/${name}`))),
  );
  const tolerance = { relative: 1e-10, absolute: 1e-10 };
  const norms = (step: number) =>
    names.map((name) => {
      const { dtype, data } = run.get(`${step}/${name}`)!;
      expect(dtype).toBe('F64');
      return Math.hypot(...Array.from(data as Float64Array));
    });
  const expected = names.map((name) => end[name]!.at(-1)!);
  expectClose(norms(10), expected, tolerance, 'norms');
  expect(() => expectClose(norms(9), expected, tolerance)).toThrow('differ');

  const point = ['--samples', '1400', '--a=0:0:1', '--b=0:0:1', '--engine', 'reference'];
  const { grid } = await evaluate(...words, '--weights', file, ...point);
  // eval takes the weights in float32.
  expectClose(
    grid.get('loss')!.data as Float64Array,
    [summary.end.loss],
    { relative: 1e-6, absolute: 0 },
    'loss',
  );
});

describe('a run of PyTorch on planes of its own and on drawn ones', () => {
  const at = `${FIXTURES}/trajectories`;
  const words = ['--model', `${at}/net.onnx`, '--data', `${at}/data.npz`, '--engine', 'reference'];
  const run = ['--run', `${at}/run.safetensors`];
  const expected = JSON.parse(readFileSync(join(ROOT, at, 'expected.json'), 'utf8')) as {
    steps: number[];
    distance: number[];
    loss: number[];
    centre: { explained: number[]; a: number[]; b: number[]; offPlane: number[]; planeLoss: number[] };
  };
  const near = { relative: 1e-6, absolute: 1e-6 };

  test('--plane pca: path, losses and explained variance as numpy’s and PyTorch’s within 1e-6, on a grid that holds the path', async () => {
    const { summary, grid } = await evaluate(...words, ...run, '--plane', 'pca');
    const { centre } = expected;
    const values = (name: string) => grid.get(name)!.data as Float64Array;
    for (const [name, numbers] of Object.entries({
      run_steps: expected.steps,
      run_a: centre.a,
      run_b: centre.b,
      run_off_plane: centre.offPlane,
      run_distance: expected.distance,
      run_loss: expected.loss,
      run_plane_loss: centre.planeLoss,
      explained: centre.explained,
    })) {
      expect(grid.get(name)!.dtype).toBe('<f8');
      expectClose(values(name), numbers, near, name);
    }
    expect(() => expectClose(values('run_loss'), centre.planeLoss, near)).toThrow('differ');
    expectClose(summary['explained'] as number[], centre.explained, near);
    const squares = (list: readonly number[]) => list.reduce((sum, x) => sum + x * x, 0);
    const off = Math.sqrt(squares(centre.offPlane) / squares(expected.distance));
    expectClose([summary['offPlane'] as number], [off], near);
    const most = Math.max(...values('run_a').map(Math.abs), ...values('run_b').map(Math.abs));
    expect(values('a')).toHaveLength(51);
    expect(values('a').at(-1)! / most).toBeCloseTo(1.2, 12);
    expect(values('loss')[1300], 'the centre is the last step').toBeCloseTo(expected.loss.at(-1)!, 12);
  });

  test('a series of files is the run of their steps, and a file of none is told so', async () => {
    const tensors = readSafetensors(new Uint8Array(readFileSync(join(ROOT, at, 'run.safetensors'))), '');
    const files = [0, 10, 24].map((step) => {
      const file = join(folder, `epoch-${step}.safetensors`);
      const own = [...tensors].filter(([name]) => name.startsWith(`${step}/`));
      writeFileSync(
        file,
        writeSafetensors(own.map(([name, tensor]) => [name.slice(name.indexOf('/') + 1), tensor])),
      );
      return file;
    });
    const point = ['--a=0:0:1', '--b=0:0:1'];
    const series = files.flatMap((file) => ['--run', file]);
    const { grid } = await evaluate(...words, ...series, ...point, '--plane', 'steps:0,10');
    const values = (name: string) => grid.get(name)!.data as Float64Array;
    expect([...values('run_steps')]).toEqual([0, 10, 24]);
    expect(Math.max(...values('run_off_plane'))).toBeLessThan(1e-6);
    const alone = await isoloss('eval', ...words, '--run', files[0]!);
    expect([alone.code, alone.stderr]).toEqual([
      1,
      expect.stringContaining('it is no run: its tensors are not'),
    ]);
  });

  test('a drawn plane holds little of a run, and that is said; a plane through steps holds those', async () => {
    const point = ['--a=0:0:1', '--b=0:0:1'];
    const { code, stdout, stderr } = await isoloss('eval', ...words, ...run, ...point);
    expect(code, stderr).toBe(0);
    expect((JSON.parse(stdout) as { offPlane: number }).offPlane).toBeGreaterThan(0.8);
    expect(stderr).toMatch(/most of the run is off this plane: its steps are \d\d\.\d % of their distance/);

    const through = await evaluate(...words, ...run, '--plane', 'steps:0,10,20', '--states', ...point);
    const values = (name: string) => through.grid.get(name)!.data as Float64Array;
    expect(through.grid.has('explained')).toBe(false);
    for (const step of [0, 10, 20]) {
      const k = expected.steps.indexOf(step);
      expect(values('run_off_plane')[k]).toBeLessThan(1e-6);
      expect(values('run_plane_loss')[k]).toBeCloseTo(expected.loss[k]!, 6);
    }
    expect(values('run_off_plane')[expected.steps.indexOf(6)]).toBeGreaterThan(1e-2);
    expect(values('loss')[0]).toBeCloseTo(expected.loss[expected.steps.indexOf(20)]!, 12);
  });
});

test('isoloss inspect prints the network as a table', async () => {
  const { code, stdout } = await isoloss('inspect', '--preset', 'bnmlp10-residual');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^dense +stem +\[32\] +2,080 +2,048 /m);
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^sum .* 23,488$/);
});

describe('what goes wrong is told on standard error, in one sentence', () => {
  test.each([
    [
      ['eval', '--preset', 'bnmlp10-residual', '--engine', 'gpu'],
      2,
      "--engine is 'gpu', but can be reference, wasm, webgpu.",
    ],
    [
      ['eval', '--preset', 'mlp-tanh', '--out', 'no/such/folder/grid.npz'],
      1,
      'the folder no/such/folder; make it',
    ],
    [
      ['train', '--preset', 'mlp-tanh', '--samples', '9', '--steps', '1', '--batch', '2', '--order', ORDER],
      1,
      'but samples are 0 to 8',
    ],
    [['eval', '--preset', 'mlp-tanh', '--out', '.'], 1, '.: is a folder; name a file in it'],
    [['eval', '--preset', 'nonsense'], 2, "There is no preset 'nonsense': use bnmlp20-plain"],
    [
      ['eval', '--preset', 'mlp-tanh', '--samples', '99999'],
      1,
      'it holds 1797 samples, so 99999 cannot be taken',
    ],
    [
      ['eval', '--preset', 'mlp-tanh', '--d1', 'none.safetensors', '--d2', 'none.safetensors'],
      1,
      'none.safetensors: there is no such file; check the path.',
    ],
    [
      [
        'eval',
        '--preset',
        'mlp-tanh',
        '--d1',
        `${FIXTURES}/${NAME}.d1.safetensors`,
        '--d2',
        `${FIXTURES}/${NAME}.d2.safetensors`,
      ],
      1,
      'it is not for mlp-tanh: ',
    ],
  ])('%j', async (words, expectedCode, sentence) => {
    const { code, stdout, stderr } = await isoloss(...words);
    expect(code).toBe(expectedCode);
    expect(stdout).toBe('');
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('--help goes to standard output', async () => {
    const { code, stdout } = await isoloss('--help');
    expect(code).toBe(0);
    expect(stdout).toContain('--preset NAME');
  });
});
