/** From settings to the problems of both panels: networks, data made ready for them, and directions. */
import type { Direction } from '../engine/engine.js';
import { nextTask } from '../engine/pause.js';
import { datasetFromArrays } from '../io/dataset.js';
import { endingRefusal, isRegression } from '../io/loss.js';
import { directionFromTensors } from '../io/weights.js';
import { stratify } from '../landscape/subsets.js';
import type { Dataset } from '../model/data.js';
import { elements, type Model } from '../model/graph.js';
import { checkData } from '../model/losses.js';
import { field, type State } from '../state.js';
import type { DataEntry, Library, PlaneEntry } from './files/library.js';
import { makePlane, type PanelPlane } from './plane.js';
import { shownSides, type Side } from './sides.js';

export interface Assembled {
  readonly data: DataEntry;
  /** Null for a panel that is not shown. */
  readonly planes: Readonly<Record<Side, PanelPlane | null>>;
}

/** Rejects with one sentence when something is missing or does not fit; changes nothing. */
export async function assemble(state: State, library: Library): Promise<Assembled> {
  const shown = shownSides(state);
  const [data, ...models] = await Promise.all([
    library.dataOf(state.data),
    ...shown.map((side) => library.model(state[side])),
  ]);
  const file = library.plane(state.plane);
  const planes: Record<Side, PanelPlane | null> = { left: null, right: null };
  for (const [i, side] of shown.entries()) {
    const model = models[i]!;
    const hint = library.network(state[side])?.lossHint ?? null;
    const refusal = endingRefusal(model.name, hint, state.loss);
    if (refusal !== null) throw new Error(refusal);
    const set = makeDataset(model, data, state, library);
    // Each in a task of its own: the page has to answer meanwhile.
    await nextTask();
    const run = library.runOf(state[side]);
    if (run === null) planes[side] = makePlane(model, set, state, file === null ? {} : fitting(model, file));
    else {
      const { planeOf, projected } = await import('./runs/panel-run.js');
      const { step } = library.network(state[side])!.checkpoint!;
      const own = await planeOf(model, run, step, state);
      const plane =
        own === null
          ? makePlane(model, set, state, file === null ? {} : fitting(model, file))
          : // At a right angle already, in the weights: statistics that move along are no part of distances.
            { ...makePlane(model, set, { ...state, orthogonal: 'none' }, own), cosine: 0 };
      planes[side] = { ...plane, run: await projected(plane.problem, run, step, own?.explained ?? null) };
    }
    await nextTask();
  }
  return { data, planes };
}

/** The first samples of the settings, scaled, in the shape that the network takes, and in an order of which every beginning resembles the whole. */
function makeDataset(model: Model, data: DataEntry, state: State, library: Library): Dataset {
  const { samples, loss } = state;
  const shape = model.shapes[0]!;
  const outputs = elements(model.shapes.at(-1)!);
  const regression = isRegression(data.y, loss, outputs);
  const scaling = state.scaling === 'auto' ? data.scaling : state.scaling;
  const key = [data.id, samples, field('scaling').format(scaling), shape, outputs, regression].join(' ');
  const dataset = library.dataset(key, () =>
    stratify(
      datasetFromArrays(data.title, data.x, data.y, scaling, {
        shape,
        samples,
        regression,
        file: data.file,
        // A single output tells two classes apart.
        ...(regression ? {} : { classes: Math.max(2, outputs) }),
      }),
    ),
  );
  checkData(model, dataset, loss);
  return dataset;
}

/** The directions of a file as far as they are this network's; the other ones are drawn. */
function fitting(model: Model, file: PlaneEntry): { d1?: Direction; d2?: Direction } {
  const read = (tensors: PlaneEntry['d1']): Direction | undefined => {
    if (tensors === null) return undefined;
    const result = directionFromTensors(model, tensors);
    return 'direction' in result ? result.direction : undefined;
  };
  const [d1, d2] = [read(file.d1), read(file.d2)];
  return { ...(d1 && { d1 }), ...(d2 && { d2 }) };
}
