import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Direction } from '../../../src/engine/engine.js';
import type { Engine } from '../../../src/engine/engine.js';
import { referenceEngine } from '../../../src/engine/reference.js';
import { readNpz } from '../../../src/io/npz.js';
import { readOnnx } from '../../../src/io/onnx/import.js';
import { runFromTensors } from '../../../src/io/run.js';
import { readSafetensors } from '../../../src/io/safetensors.js';
import { modelAt, type ModelRun, runOf } from '../../../src/io/weights.js';
import {
  type About,
  type Checkpoints,
  checkpointPlane,
  pcaPlane,
  TrajectoryError,
} from '../../../src/landscape/run-plane.js';
import {
  isMostlyOff,
  offPlaneShare,
  pathOffPlane,
  projectRun,
  reachOf,
  type Trajectory,
  trajectoryLosses,
} from '../../../src/landscape/trajectory.js';
import { buildModel } from '../../../src/model/build.js';
import type { Dataset } from '../../../src/model/data.js';
import type { Model } from '../../../src/model/graph.js';
import { expectClose } from '../../helpers/compare.js';

const exact = { relative: 1e-12, absolute: 1e-12 };

/** A network of n weights, and a run through these points. */
function pathThrough(points: readonly (readonly number[])[]): { model: Model; run: Checkpoints } {
  const size = points[0]!.length;
  const data = new Float32Array(size);
  const node = { op: 'dense', name: 'w', inputs: [0], weight: 'w', bias: null } as const;
  const model = buildModel('path', [size], [node], [{ name: 'w', shape: [1, size], data, kind: 'weight' }]);
  const parameters = new Map(points.map((point, k) => [k, new Map([['w', Float64Array.from(point)]])]));
  return { model, run: { steps: [...parameters.keys()], parameters } };
}

function direction(...entries: number[]): Direction {
  return new Map([['w', Float32Array.from(entries)]]);
}

const at = (run: Checkpoints, step: number) => run.parameters.get(step)!;

describe('projection by least squares, in closed form', () => {
  test('on directions that are neither orthogonal nor unit: coordinates, what is left, and its share', async () => {
    // 3·(1, 0, 0) + 2·(1, 2, 0) + 4 off the plane.
    const { model, run } = pathThrough([
      [1, 1, 1],
      [6, 5, 5],
      [1, 1, -2],
    ]);
    const trajectory = await projectRun(model, run, at(run, 0), direction(1, 0, 0), direction(1, 2, 0));
    expectClose(trajectory.a, [0, 3, 0], exact);
    expectClose(trajectory.b, [0, 2, 0], exact);
    expectClose(trajectory.offPlane, [0, 4, 3], exact);
    expectClose(trajectory.distance, [0, Math.sqrt(25 + 16 + 16), 3], exact);
    const shares = [0, 1, 2].map((k) => offPlaneShare(trajectory, k));
    expectClose(shares, [0, 4 / Math.sqrt(57), 1], exact);
    expectClose([pathOffPlane(trajectory)], [Math.sqrt(25 / 66)], exact);
    expect(isMostlyOff(trajectory)).toBe(false);
    expect(reachOf(trajectory)).toBeCloseTo(3.6, 12);
  });

  test('far from the plane a path is mostly off it', async () => {
    const { model, run } = pathThrough([
      [0, 0, 0],
      [1, 0, 1.01],
    ]);
    const trajectory = await projectRun(model, run, at(run, 0), direction(1, 0, 0), direction(0, 1, 0));
    expect(isMostlyOff(trajectory)).toBe(true);
  });

  test('parallel directions are refused', async () => {
    const { model, run } = pathThrough([
      [0, 0],
      [1, 0],
    ]);
    const projected = projectRun(model, run, at(run, 0), direction(1, 2), direction(-2, -4));
    await expect(projected).rejects.toThrow(TrajectoryError);
  });
});

describe('planes of a run, in closed form', () => {
  const ellipse = (count: number) =>
    Array.from({ length: count }, (_, k) => {
      const t = (2 * Math.PI * k) / count;
      return [3 * Math.cos(t) + 1, 0.5, 2 * Math.sin(t) - 1, 0];
    });

  test.each([12, 200])('an ellipse of %d steps has its axes as components', async (count) => {
    const { model, run } = pathThrough(ellipse(count));
    const plane = await pcaPlane(model, run, 'mean', { centre: at(run, 0), states: false });
    expectClose(plane.explained!, [9 / 13, 4 / 13], exact);
    expectClose(plane.d1.get('w')!.map(Math.abs), [1, 0, 0, 0], { relative: 0, absolute: 1e-7 });
    expectClose(plane.d2.get('w')!.map(Math.abs), [0, 0, 1, 0], { relative: 0, absolute: 1e-7 });
  });

  test('about the centre, a far mean is a component of its own', async () => {
    const { model, run } = pathThrough([
      [0, 0, 0],
      [10, 1, 0],
      [10, -1, 0],
    ]);
    const plane = await pcaPlane(model, run, 'centre', { centre: at(run, 0), states: false });
    expectClose(plane.explained!, [200 / 202, 2 / 202], exact);
    const mean = await pcaPlane(model, run, 'mean', { centre: at(run, 0), states: false });
    expectClose(mean.explained!, [200 / 3 / (200 / 3 + 2), 2 / (200 / 3 + 2)], exact);
  });

  test('through steps: the first along d1, the second in the plane, at their distances', async () => {
    const { model, run } = pathThrough([
      [3, 0, 4, 0],
      [3, 2, 4, 0],
      [0, 0, 0, 0],
    ]);
    const centre = at(run, 2);
    const plane = checkpointPlane(model, run, [0, 1], { centre, states: false });
    const { a, b, offPlane } = await projectRun(model, run, centre, plane.d1, plane.d2);
    expectClose(a, [5, 5, 0], { relative: 1e-7, absolute: 1e-7 });
    expectClose(b, [0, 2, 0], { relative: 1e-7, absolute: 1e-7 });
    expectClose(offPlane, [0, 0, 0], { relative: 0, absolute: 1e-6 });
  });

  test('lines and steps that are not there are refused', async () => {
    const { model, run } = pathThrough([
      [0, 0],
      [1, 2],
      [2, 4],
    ]);
    const options = { centre: at(run, 0), states: false };
    await expect(pcaPlane(model, run, 'centre', options)).rejects.toThrow('the run lies on a straight line');
    expect(() => checkpointPlane(model, run, [1, 2], options)).toThrow('lie on a straight line');
    expect(() => checkpointPlane(model, run, [0, 2], options)).toThrow('step 0 is the centre itself');
    expect(() => checkpointPlane(model, run, [2, 0], options)).toThrow('step 0 is the centre itself');
    expect(() => checkpointPlane(model, run, [1, 7], options)).toThrow('the run has no step 7');
  });
});

/** By PyTorch and numpy; see make.py. */
describe('a run of PyTorch’s Adam', () => {
  interface OnPlane {
    readonly a: number[];
    readonly b: number[];
    readonly offPlane: number[];
    readonly planeLoss: number[];
  }
  interface Expected extends Record<About, OnPlane & { explained: number[] }> {
    readonly steps: number[];
    readonly names: string[];
    readonly drawn: number[][];
    readonly distance: number[];
    readonly loss: number[];
    readonly random: OnPlane;
    readonly through: OnPlane & { steps: [number, number] };
  }
  const folder = new URL('../../fixtures/trajectories/', import.meta.url);
  const bytes = (file: string) => new Uint8Array(readFileSync(new URL(file, folder)));
  const expected = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as Expected;
  const { model: network } = readOnnx([{ name: 'net.onnx', bytes: bytes('net.onnx') }]);
  let run: ModelRun;
  let model: Model;
  let data: Dataset;

  beforeAll(() => {
    const read = runOf(
      network,
      runFromTensors({ file: '', tensors: readSafetensors(bytes('run.safetensors'), '') }),
    );
    if (!('run' in read)) throw new Error('the run does not fit');
    run = read.run;
    model = modelAt(network, run, run.steps.at(-1)!);
    const arrays = readNpz(bytes('data.npz'), '');
    const labels = Int32Array.from(arrays.get('y')!.data, Number);
    const inputs = Float32Array.from(arrays.get('x')!.data, Number);
    data = { name: 'data', samples: labels.length, shape: [5], inputs, labels, targets: null };
  });

  const centre = () => run.parameters.get(run.steps.at(-1)!)!;

  async function losses(trajectory: Trajectory, d1: Direction, d2: Direction) {
    const problem = { model, d1, d2, data, loss: 'ce' } as const;
    const evaluator = await referenceEngine.prepare(problem);
    const source = {
      engine: referenceEngine,
      evaluator,
      problem,
      modelAt: (k: number) => modelAt(model, run, k),
    };
    return trajectoryLosses(trajectory, source);
  }

  test('of steps that are known already are not computed again', async () => {
    const { d1, d2 } = await pcaPlane(model, run, 'centre', { centre: centre(), states: false });
    const trajectory = await projectRun(model, run, centre(), d1, d2);
    const whole = await losses(trajectory, d1, d2);
    let prepared = 0;
    const engine: Engine = {
      ...referenceEngine,
      prepare: (problem, signal) => {
        prepared++;
        return referenceEngine.prepare(problem, signal);
      },
    };
    const problem = { model, d1, d2, data, loss: 'ce' } as const;
    const evaluator = await referenceEngine.prepare(problem);
    const source = { engine, evaluator, problem, modelAt: (k: number) => modelAt(model, run, k) };
    const known = { ...whole, loss: whole.loss.map((loss, k) => (k === 1 ? NaN : loss)) };
    const shown: number[] = [];
    const again = await trajectoryLosses(
      trajectory,
      source,
      undefined,
      ({ loss }) => shown.push(loss.filter(Number.isNaN).length),
      known,
    );
    expect(again).toEqual(whole);
    expect([prepared, shown]).toEqual([1, [0]]);
  });

  test('on two drawn directions as numpy.linalg.lstsq projects it, within 1e-11; losses as PyTorch’s, within 1e-11', async () => {
    const [d1, d2] = expected.drawn.map((numbers) => {
      let from = 0;
      const parts = expected.names.map((name) => {
        const { length } = network.parameters.get(name)!.data;
        return [name, Float32Array.from(numbers.slice(from, (from += length)))] as const;
      });
      return new Map(parts);
    }) as unknown as [Direction, Direction];
    const trajectory = await projectRun(model, run, centre(), d1, d2);
    const tolerance = { relative: 1e-11, absolute: 1e-13 };
    expect(trajectory.steps).toEqual(expected.steps);
    const { random } = expected;
    expectClose(trajectory.a, random.a, tolerance, 'a');
    expectClose(trajectory.b, random.b, tolerance, 'b');
    expectClose(trajectory.offPlane, random.offPlane, tolerance, 'off the plane');
    expectClose(trajectory.distance, expected.distance, tolerance, 'distance');
    const { loss, planeLoss } = await losses(trajectory, d1, d2);
    expectClose(loss, expected.loss, tolerance, 'true loss');
    expectClose(planeLoss, random.planeLoss, tolerance, 'loss of the plane');
    expect(() => expectClose(planeLoss, expected.loss, { relative: 1e-3, absolute: 0 })).toThrow('differ');
  });

  test.each(['centre', 'mean'] as const)(
    'components about the %s as numpy.linalg.svd finds them: explained within 1e-10, coordinates within 1e-6',
    async (about) => {
      const { d1, d2, explained } = await pcaPlane(model, run, about, { centre: centre(), states: false });
      expectClose(explained!, expected[about].explained, { relative: 1e-10, absolute: 0 }, 'explained');
      const trajectory = await projectRun(model, run, centre(), d1, d2);
      const tolerance = { relative: 0, absolute: 1e-6 };
      for (const key of ['a', 'b', 'offPlane'] as const) {
        expectClose(trajectory[key], expected[about][key], tolerance, key);
      }
      const { planeLoss } = await losses(trajectory, d1, d2);
      expectClose(planeLoss, expected[about].planeLoss, tolerance, 'loss of the plane');
    },
  );

  test('the plane about the centre explains what is not off it', async () => {
    const { d1, d2, explained } = await pcaPlane(model, run, 'centre', { centre: centre(), states: false });
    const share = pathOffPlane(await projectRun(model, run, centre(), d1, d2));
    expect(1 - share ** 2).toBeCloseTo(explained![0] + explained![1], 6);
  });

  test('through two steps and the centre: coordinates within 1e-6, and with the statistics their true losses', async () => {
    const { steps, ...onPlane } = expected.through;
    const plane = checkpointPlane(model, run, steps, { centre: centre(), states: false });
    const trajectory = await projectRun(model, run, centre(), plane.d1, plane.d2);
    const tolerance = { relative: 0, absolute: 1e-6 };
    for (const key of ['a', 'b', 'offPlane'] as const)
      expectClose(trajectory[key], onPlane[key], tolerance, key);
    const still = await losses(trajectory, plane.d1, plane.d2);
    expectClose(still.planeLoss, onPlane.planeLoss, tolerance, 'loss of the plane');

    const along = checkpointPlane(model, run, steps, { centre: centre(), states: true });
    const moved = await losses(
      await projectRun(model, run, centre(), along.d1, along.d2),
      along.d1,
      along.d2,
    );
    for (const step of [...steps, run.steps.at(-1)!]) {
      const k = run.steps.indexOf(step);
      expect(moved.planeLoss[k]).toBeCloseTo(expected.loss[k]!, 6);
      if (step === 0) expect(Math.abs(still.planeLoss[k]! - expected.loss[k]!)).toBeGreaterThan(1e-3);
    }
  });
});
