/** Whatever files are opened together, under whatever names: they are read, or refused by a named error. */
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { expect, test } from 'vitest';
import { FileError } from '../../../src/io/errors.js';
import { writeNpy } from '../../../src/io/npy.js';
import { writeNpz } from '../../../src/io/npz.js';
import { writeSafetensors } from '../../../src/io/safetensors.js';
import { ModelError } from '../../../src/model/errors.js';
import { readFiles } from '../../../src/ui/files/read.js';
import type { NamedBytes } from '../../../src/ui/files/recognise.js';
import { fixtureFile } from '../../helpers/files.js';

const x = { dtype: '<f4', shape: [4, 6], data: Float32Array.from({ length: 24 }, (_, i) => i / 7) };
const y = { dtype: '|u1', shape: [4], data: Uint8Array.of(0, 1, 2, 0) };
const weights = (value: number) =>
  writeSafetensors([['w', { dtype: 'F32', shape: [2], data: new Float32Array(2).fill(value) }]]);
const step = (k: number) => [`${k}/w`, { dtype: 'F32', shape: [2], data: new Float32Array(2) }] as const;
const images = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4]);

const files: readonly NamedBytes[] = [
  fixtureFile('onnx/mlp.onnx'),
  fixtureFile('onnx/dynamo-resnet-a.onnx'),
  fixtureFile('onnx/dynamo-resnet-a.onnx.data'),
  { name: 'ck_1.safetensors', bytes: weights(1) },
  { name: 'ck_2.safetensors', bytes: weights(2) },
  { name: 'ck_10.safetensors', bytes: weights(3) },
  { name: 'run.safetensors', bytes: writeSafetensors([step(0), step(3)]) },
  { name: 'd.npz', bytes: writeNpz(Object.entries({ x, y })) },
  { name: 'x.npy', bytes: writeNpy(x) },
  { name: 'y.npy', bytes: writeNpy(y) },
  { name: 'i-idx3-ubyte.gz', bytes: gzipSync(images) },
  { name: 'l-idx1-ubyte', bytes: Uint8Array.from([0, 0, 8, 1, 0, 0, 0, 2, 5, 6]) },
  { name: 'data_batch_1.bin', bytes: new Uint8Array(2 * 3073) },
  { name: 't.csv', bytes: new TextEncoder().encode('a,b,kind\n1,2,cat\n3,4,dog\n') },
];

const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const endings = ['.onnx', '.safetensors', '.npz', '.npy', '.bin', '.csv', '.png', '.data', '.gz', ''];

type Change = (file: NamedBytes) => NamedBytes;

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Change>((file) => file) },
  fc
    .tuple(fc.string({ maxLength: 6 }), fc.constantFrom(...endings))
    .map((parts): Change => ({ bytes }) => ({ name: parts.join(''), bytes })),
  position.map((at): Change => ({ name, bytes }) => ({
    name,
    bytes: bytes.slice(0, Math.floor(at * bytes.length)),
  })),
  fc.tuple(position, fc.nat(255)).map(([at, value]): Change => ({ name, bytes }) => {
    const changed = bytes.slice();
    changed[Math.floor(at * changed.length)] = value;
    return { name, bytes: changed };
  }),
);

const file = fc.tuple(fc.constantFrom(...files), change).map(([given, apply]) => apply(given));

test('files of all formats together: what they hold, or one named error', { timeout: 60_000 }, async () => {
  let [opened, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 4 }), async (given) => {
      try {
        for (const item of await readFiles(given)) expect(item.origin.length).toBeGreaterThan(0);
        opened++;
      } catch (error) {
        if (!(error instanceof FileError || error instanceof ModelError)) throw error;
        expect(error.message).toMatch(/\S/);
        refused++;
      }
    }),
    { numRuns: 1500 },
  );
  // Neither is the rule, or the test tries nothing.
  expect(Math.min(opened, refused)).toBeGreaterThan(100);
});
