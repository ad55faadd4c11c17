/** The plane through a network, where a race began and where one of its runs ended. */
import type { Tensor } from '../../io/safetensors.js';
import { checkpointPlane } from '../../landscape/run-plane.js';
import { projectRun, reachOf } from '../../landscape/trajectory.js';
import type { Direction } from '../../engine/engine.js';
import { MOST_ZOOM } from '../../landscape/view.js';
import type { Model } from '../../model/graph.js';
import type { Place } from '../../state-fields.js';
import type { Way } from '../../train/network-race.js';

export interface RacePlane {
  readonly tensors: { readonly d1: ReadonlyMap<string, Tensor>; readonly d2: ReadonlyMap<string, Tensor> };
  /** The same start in the coordinates of this plane: on its first axis. */
  readonly start: Place;
  /** Half-width of the whole, which holds the network and both ends, and the window that shows the way between these. */
  readonly view: { readonly range: number; readonly zoom: number; readonly at: Place };
}

/** Rejects with TrajectoryError where the three lie on a line, as with a start at the network itself. */
export async function planeThrough(model: Model, { start, end }: Way): Promise<RacePlane> {
  const centre = new Map([...model.parameters.values()].map(({ name, data }) => [name, data]));
  const run = {
    steps: [0, 1],
    parameters: new Map([
      [0, start],
      [1, end],
    ]),
  };
  const { d1, d2 } = checkpointPlane(model, run, [0, 1], { centre, states: false });
  const ends = await projectRun(model, run, centre, d1, d2);
  const tensors = (direction: Direction): Map<string, Tensor> =>
    new Map(
      [...direction].map(([name, data]) => [
        name,
        { dtype: 'F32', shape: model.parameters.get(name)!.shape, data },
      ]),
    );
  const range = Number(reachOf(ends).toPrecision(2));
  const [a0, a1, b1] = [ends.a[0]!, ends.a[1]!, ends.b[1]!];
  const short = (value: number): number => Number(value.toPrecision(6));
  const span = Math.max(Math.abs(a1 - a0), Math.abs(b1));
  const zoom = Math.min(MOST_ZOOM, Math.max(0, Math.floor(Math.log2(range / span))));
  return {
    tensors: { d1: tensors(d1), d2: tensors(d2) },
    start: { a: short(a0), b: 0 },
    view: { range, zoom, at: { a: short((a0 + a1) / 2), b: short(b1 / 2) } },
  };
}
