/** Files that a person opens on the page: networks, data, weights, tables, and what is none of these. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Tensor, writeSafetensors } from '../../src/io/safetensors.js';
import { writeNpz } from '../../src/io/npz.js';
import { launchBrowser } from '../helpers/browser.js';
import { fixtureFile, fixtureTensors } from '../helpers/files.js';
import { loadGrid } from '../helpers/fixtures.js';
import { dropFiles, finished, notices, openPage, type PageOptions, readAfter } from '../helpers/page.js';
import { type Preview, servePreview } from '../helpers/server.js';

let preview: Preview;
let browser: Browser;
let page: Page;
let trouble: readonly string[] = [];
let requests: readonly string[] = [];

beforeAll(async () => {
  preview = await servePreview();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await preview?.close();
});
afterEach(async () => {
  await page?.close();
  expect(trouble).toEqual([]);
  expect(requests.filter((address) => !address.startsWith(preview.url))).toEqual([]);
});

/** The page with a picture that takes a moment. */
async function visit(query = '', options: PageOptions = {}): Promise<void> {
  // Of a setting that is given twice, the first counts.
  const address = `${preview.url}?${query}&size=3&samples=20&engine=wasm`;
  ({ page, trouble, requests } = await openPage(browser, address, options));
  await finished(page);
}

const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const buffer = (name: string, bytes: Uint8Array | string) => ({
  name,
  mimeType: 'application/octet-stream',
  buffer: Buffer.from(bytes),
});
type Given = string | ReturnType<typeof buffer>;

/** Through the button and the browser's own dialog. */
async function open(...files: Given[]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open files' }).click();
  const given = files.map((file) =>
    typeof file === 'string' ? buffer(file.split('/').at(-1)!, fixtureFile(file).bytes) : file,
  );
  await (await chooser).setFiles(given);
}

/** Reading takes a moment, on a busy machine several. */
const eventually = <T>(get: () => T) => expect.poll(get, { timeout: 20_000 });

const heading = (text: string | RegExp) => page.getByRole('img', { name: text }).first();
const query = () => new URL(page.url()).searchParams;

/** PyTorch's float64 loss of a trained network over the samples of its grid. */
function centreLoss(name: string): number {
  const { loss } = loadGrid(name, 'grid');
  return loss[(loss.length - 1) / 2]!;
}

describe('a network', () => {
  test('with its data: PyTorch’s loss at the centre, a table, thumbnails, and a plain word beside the link', async () => {
    await visit();
    await open('resnet20-fashion.onnx', 'fashion-500.npz');
    await heading(/Loss landscape resnet20-fashion/).waitFor();
    expect(await finished(page, 120)).toMatch(/^9 points in/);
    const [shown] = await readAfter(page, 'Home');
    // The first 100 images, as the read-out's four digits tell them.
    expect(shown!.loss / centreLoss('resnet20-fashion')).toBeCloseTo(1, 3);
    await page.getByText('Your files are not in the link').waitFor();
    expect([query().get('left'), query().get('data'), query().get('right')]).toEqual([null, null, 'none']);

    await page.getByText('500 samples of 1 × 28 × 28, type uint8').waitFor();
    await page.getByRole('img', { name: /^Samples per class\. 0: \d+, 1: \d+/ }).waitFor();
    expect(await page.getByRole('img', { name: /^Sample \d, label \d$/ }).count()).toBe(9);
    expect(await page.getByLabel('Input scaling').locator('option:checked').innerText()).toBe(
      'Fashion-MNIST',
    );
    expect(await page.getByLabel('Divide by').inputValue()).toBe('255');

    await page.getByRole('button', { name: 'Layers, left network' }).click();
    const table = page.getByRole('dialog').getByRole('table');
    await table
      .getByRole('row', { name: /^conv2d 3×3 blocks\.0\.conv1 16 × 28 × 28 2,304 1,806,336 yes$/ })
      .waitFor();
    await table
      .getByRole('row', { name: /^batchnorm blocks\.0\.bn1 16 × 28 × 28 32 \+ 32 12,544 no$/ })
      .waitFor();
    await page.keyboard.press('Escape');

    // The state before comes back with one step.
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await heading(/Loss landscape without skips/).waitFor();
  });

  test('alone waits for data that fit, and takes bundled ones at a word', async () => {
    await visit();
    const before = await finished(page);
    await open('resnet20-fashion.onnx');
    await page.getByRole('heading', { name: 'resnet20-fashion needs data' }).waitFor();
    await page.getByText('A sample of shape [1, 28, 28] goes in, 10 numbers come out').waitFor();
    expect(await finished(page)).toBe(before);
    await page.getByRole('row', { name: /^dense fc 10 650 640 yes|^dense fc 10 650 640 in part/ }).waitFor();
    await page.getByRole('button', { name: 'Not now' }).click();
    await eventually(() => page.getByRole('heading', { name: /needs data/ }).count()).toBe(0);
    // What there is to say of it stands with it.
    await open('onnx/resnet-a-folded.onnx');
    await page.locator('isoloss-waiting').getByText('BatchNorm was folded into the weights').waitFor();
    expect(await notices(page)).toEqual([]);
    await open('resnet20-fashion.onnx');
    await page.getByRole('button', { name: 'Use Fashion-MNIST' }).click();
    await eventually(() => query().get('data')).toBe('fashion');
    await heading(/Loss landscape resnet20-fashion/).waitFor();
  });

  test('of two files, with BatchNorm folded: a notice with the two lines that keep it', async () => {
    await visit();
    const x = {
      dtype: '<f4',
      shape: [20, 1, 8, 8],
      data: new Float32Array(20 * 64).map((_, i) => Math.sin(i)),
    };
    const y = { dtype: '|u1', shape: [20], data: new Uint8Array(20).map((_, i) => i % 3) };
    await open(
      'onnx/dynamo-resnet-a-folded.onnx',
      'onnx/dynamo-resnet-a-folded.onnx.data',
      buffer(
        'd.npz',
        writeNpz([
          ['x', x],
          ['y', y],
        ]),
      ),
    );
    await page.getByText(/BatchNorm was folded into the weights/).waitFor();
    await page
      .getByText(/model\.eval\(\)/)
      .first()
      .waitFor();
    await heading(/Loss landscape dynamo-resnet-a-folded/).waitFor();
    await finished(page);
  });

  test('and another one, dropped together, take left and right', async () => {
    await visit();
    await dropFiles(page, ['mlp-plain-relu.onnx', 'mlp-residual-relu.onnx'].map(path));
    await heading(/Loss landscape mlp-plain-relu.*Loss landscape mlp-residual-relu/).waitFor();
    await finished(page);
    const shown = await readAfter(page, 'Home');
    expect(shown).toHaveLength(2);
  });

  test('dropped on the right panel leaves the left one alone', async () => {
    await visit();
    await dropFiles(page, [path('mlp-tanh.onnx')], 'Right panel');
    await heading(/Loss landscape 20 blocks without skips.*Loss landscape mlp-tanh/).waitFor();
    await finished(page);
  });
});

describe('what cannot be used leaves the page as it was', () => {
  const wrong: [string, Given[], RegExp][] = [
    [
      'random bytes',
      [
        buffer(
          'noise.dat',
          Uint8Array.from({ length: 999 }, (_, i) => (i * 37) % 251),
        ),
      ],
      /^noise\.dat: it is nothing that is known here; open a network/,
    ],
    [
      'a JPEG',
      [buffer('cat.jpg', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2))],
      /^cat\.jpg: it is a JPEG picture; open a/,
    ],
    [
      'a truncated network',
      [buffer('cut.onnx', fixtureFile('mlp-tanh.onnx').bytes.slice(0, 9000))],
      /^cut\.onnx/,
    ],
    [
      'an operator that is not known',
      ['onnx/refused-layernorm.onnx'],
      /^refused-layernorm\.onnx, .*(known are|not known)/,
    ],
    [
      'data without its network',
      ['onnx/dynamo-resnet-a.onnx.data'],
      /open it together with its \.onnx file\.$/,
    ],
    [
      'data that fit no network',
      ['fashion-500.npz'],
      /^fashion-500\.npz, array x: a sample has the shape \[1, 28, 28\]/,
    ],
    [
      'labels out of range',
      [digits(12)],
      /^digits\.npz, array y: label 0 is 12 but the network has the classes 0 to 9/,
    ],
    ['NaN', [digits(1, NaN)], /^digits\.npz, array x: sample 0 has NaN at place 0/],
  ];

  test.each(wrong)('%s', async (_, files, sentence) => {
    await visit();
    const before = await finished(page);
    const address = page.url();
    await open(...files);
    await eventually(() => notices(page)).toEqual([expect.stringMatching(sentence)]);
    expect([await finished(page), page.url()]).toEqual([before, address]);
    // The next attempt takes the sentence away.
    await open('digits.npz');
    await page.getByText('1,797 samples of 1 × 8 × 8, type uint8').waitFor();
    expect(await notices(page)).toEqual([]);
  });

  function digits(label: number, value = 1): Given {
    const x = { dtype: '<f4', shape: [5, 64], data: new Float32Array(320).fill(value) };
    return buffer(
      'digits.npz',
      writeNpz([
        ['x', x],
        ['y', { dtype: '|u1', shape: [5], data: new Uint8Array(5).fill(label) }],
      ]),
    );
  }
});

describe('weights and directions', () => {
  test('that do not fit are listed name by name', async () => {
    await visit('left=bnmlp10-plain&right=bnmlp10-residual');
    const tensors = new Map<string, Tensor>(fixtureTensors('bnmlp10-plain.safetensors'));
    tensors.delete('head.bias');
    tensors.set('extra.weight', tensors.get('stem.bias')!);
    await open(buffer('epoch3.safetensors', writeSafetensors(tensors)));
    await expect
      .poll(() => notices(page))
      .toEqual([
        'epoch3.safetensors does not fit the network bnmlp10-plain:\n' +
          '• head.bias: missing in the file, the network has [10]\n' +
          '• extra.weight: not in the network, the file has [32]',
      ]);
  });

  test('span PyTorch’s plane when they are its directions', async () => {
    const { a, loss } = loadGrid('mlp-tanh', 'grid');
    await visit('left=mlp-tanh&right=none&samples=1400');
    await open('mlp-tanh.d1.safetensors', 'mlp-tanh.d2.safetensors');
    await page.getByRole('combobox', { name: 'Directions' }).waitFor();
    await finished(page);
    const [corner] = await readAfter(page, 'Home', 'ArrowLeft', 'ArrowDown');
    expect([a[0], a.at(-1)]).toEqual([-1, 1]);
    expect(corner!.loss / loss[0]!).toBeCloseTo(1, 3);
  });
});

describe('a table', () => {
  const rows = Array.from({ length: 30 }, (_, i) => {
    const features = Array.from({ length: 64 }, (_, j) => ((i * j) % 7) / 7);
    return [i % 2, ...features, i % 10].join(',');
  });
  const header = ['odd', ...Array.from({ length: 64 }, (_, j) => `f${j}`), 'digit'].join(',');

  test('has its labels in the last column or in a chosen one', async () => {
    await visit('left=mlp-tanh&right=none');
    const network = buffer(
      't.csv',
      [header.replace('odd,', ''), ...rows.map((row) => row.slice(2))].join('\n'),
    );
    await open(network);
    await page.getByText('30 samples of 64, type float32').waitFor();
    const labels = page.getByLabel('Labels in');
    expect(await labels.inputValue()).toBe('digit');
    await labels.selectOption('f0');
    // f0 is 0 everywhere, and the digits are a feature now.
    await page.getByRole('img', { name: 'Samples per class. 0: 30' }).waitFor();
    expect(await page.getByLabel('Labels in').inputValue()).toBe('f0');
    await finished(page);
  });

  test('with a column too many says so', async () => {
    await visit('left=mlp-tanh&right=none');
    await open(buffer('t.csv', [header, ...rows].join('\n')));
    await expect
      .poll(() => notices(page))
      .toEqual([
        't.csv, array x: a sample has the shape [65] but the network takes [64]; choose other data.',
      ]);
  });
});

describe('an exported picture', () => {
  test('brings its settings back, and its network when that is open', async () => {
    await visit('seed=7&map=magma&right=none');
    await open('mlp-tanh.onnx');
    await heading(/Loss landscape mlp-tanh/).waitFor();
    await finished(page);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save PNG' }).click(),
    ]);
    const picture = buffer('picture.png', readFileSync(await download.path()));
    await page.getByRole('button', { name: 'All settings to their defaults' }).click();
    await eventually(() => query().get('seed')).toBe(null);
    await open(picture);
    await heading(/Loss landscape mlp-tanh/).waitFor();
    expect([query().get('seed'), query().get('map'), query().get('size')]).toEqual(['7', 'magma', '3']);

    await page.close();
    await visit();
    await open(picture);
    await eventually(() => notices(page)).toEqual([
      'picture.png was made from mlp-tanh.onnx, which a picture does not contain; open that first, then the picture.',
    ]);
    expect(query().get('seed')).toBe(null);
  });
});

describe('input scaling', () => {
  test('is changed by preset and by hand, and taken back', async () => {
    await visit('right=none');
    await open('digits.npz');
    await page.getByText('1,797 samples').waitFor();
    expect(await page.getByLabel('Input scaling').locator('option:checked').innerText()).toBe('÷ 16');
    await page.getByLabel('Input scaling').selectOption('÷ 255');
    await eventually(() => query().get('scaling')).toBe('255;0;1');
    // Changes of one setting that follow at once are one step.
    await page.waitForTimeout(1000);
    const mean = page.getByLabel('then mean');
    await mean.fill('0.5');
    await mean.press('Enter');
    await eventually(() => query().get('scaling')).toBe('255;0.5;1');
    await mean.fill('1, 2, 3');
    await mean.press('Enter');
    await expect
      .poll(() => notices(page))
      .toEqual([expect.stringMatching(/3 values of mean are given for 1 channels; give 1 or 1/)]);
    expect(query().get('scaling')).toBe('255;0.5;1');
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await eventually(() => query().get('scaling')).toBe('255;0;1');
  });
});

describe('a long run', () => {
  test('asks first, and runs smaller or anyway', async () => {
    await visit('data=fashion&left=resnet20-fashion&right=none');
    const points = page.getByLabel('Points', { exact: true });
    await points.fill('401');
    await points.press('Enter');
    await page.getByRole('heading', { name: /^This picture takes about \d+ (min|h)/ }).waitFor();
    const cost = (await page.locator('isoloss-cost p').innerText()).replaceAll(/\s+/g, ' ');
    expect(cost).toMatch(/^401 × 401 points × 20 samples are 201 TFLOP and [\d.]+ MB of memory on WASM \(/);
    await page.getByText(/^Not begun: about/).waitFor();
    await page.getByRole('button', { name: 'Run anyway' }).click();
    await page.getByText(/% computed, rest interpolated/).waitFor();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await points.fill('301');
    await points.press('Enter');
    await page.getByRole('button', { name: /^\d+ × \d+ points.*: \d+ s$/ }).click();
    await eventually(() => Number(query().get('size'))).toBeLessThan(301);
  });
});
