import { expect, it } from 'vitest';
import type { Evaluator, Points, SampleRange } from '../../../src/engine/engine.js';
import { evenHalfWidth } from '../../../src/landscape/noise-floor.js';
import { initialState, type State } from '../../../src/state.js';
import { measureFloors } from '../../../src/ui/noise.js';
import type { PanelPlane } from '../../../src/ui/plane.js';
import { nothing, Windows } from '../../../src/ui/windows.js';
import { referenceProblem } from '../../helpers/fixtures.js';
import { wasmBuilds } from '../../helpers/wasm-builds.js';

const SAMPLES = 60;
const problem = referenceProblem('bnmlp20-plain', SAMPLES);
const plane: PanelPlane = { problem, cosine: 0, given: 2, run: null };

/** The floor of a view, and the largest |α| and |β| of the points that it took. */
async function floorOf(view: Partial<State>) {
  const evaluator = await wasmBuilds.get('SIMD')!.prepare(problem);
  const state: State = { ...initialState, right: initialState.left, samples: SAMPLES, ...view };
  const windows = new Windows();
  const panel = windows.panelOf(plane, 'plane', state, 'left', false);
  let reach = 0;
  const evaluate = (points: Points, samples: SampleRange) => {
    for (const axis of [points.a, points.b]) reach = Math.max(reach, ...axis.map(Math.abs));
    return evaluator.evaluate(points, samples);
  };
  const watched = Object.create(evaluator, { evaluate: { value: evaluate } }) as Evaluator;
  const panels = { left: panel, right: nothing };
  const evaluators = new Map([[panel.sums!, watched]]);
  const signal = new AbortController().signal;
  for (const close of [true, false]) await measureFloors(panels, evaluators, state, close, windows, signal);
  evaluator.dispose();
  return { floor: windows.floors.get(panel.sums!)!, reach };
}

it('a view that is wide in the parameters’ own length is looked at in its middle, however often its range was halved', async () => {
  const wide = await floorOf({ range: 10, zoom: 3 });
  expect(wide.reach).toBeLessThan(1.01 * evenHalfWidth(problem));
  // Corners at ±1.25 have losses of 10⁵ and more, and rounding to match.
  expect(wide.floor.noise).toBeLessThan(1e-4);
  expect(wide.floor.pass).toBe('plain');
});

it('a close view is looked at as a whole', async () => {
  const close = await floorOf({ range: 1, zoom: 3 });
  expect(close.reach).toBeGreaterThan(0.125);
  const far = await floorOf({ range: 1, zoom: 20 });
  expect(far.floor.pass).toBe('delta');
});
