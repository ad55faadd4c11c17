/** What made a picture, written into the file that leaves the page. */
import { version } from '../../package.json';
import { isFromFile, toQuery } from '../state.js';
import { isRunPlane } from '../state-runs.js';
import type { FileSetting } from './files/restore.js';
import { makeGrid } from './plane.js';
import { quantityNames, valuesOf } from './quantity.js';
import type { PanelData, Session, Side } from './session.js';

/** Plain JSON: settings, networks and data with their hashes, plane, grid, engine and version. */
export function provenance(session: Session, shown: readonly Side[]): Record<string, unknown> {
  const { state, makers, panels, library, data } = session;
  const pointsWith = (panel: PanelData, holds: (samples: number) => boolean): number =>
    valuesOf(state, panel)?.own.samples.reduce((sum, samples) => sum + (holds(samples) ? 1 : 0), 0) ?? 0;
  const title = (id: string): string => library.title(id) ?? id;
  const fromFiles = (['data', 'left', 'right', 'plane'] as const).filter((key) => isFromFile(state[key]));
  return {
    software: 'Isoloss',
    version,
    query: toQuery(state),
    // What the query cannot name: a picture that is opened again finds these files by their content.
    files: fromFiles.map((key): FileSetting => {
      const step =
        key === 'left' || key === 'right' ? library.network(state[key])?.checkpoint?.step : undefined;
      return { key, origin: library.origin(state[key]), ...(step === undefined ? {} : { step }) };
    }),
    data: {
      name: title(state.data),
      samples: state.samples,
      scaling: state.scaling === 'auto' ? (data?.scaling ?? null) : state.scaling,
      origin: library.origin(state.data),
    },
    panels: shown.map((side) => ({
      network: title(state[side]),
      origin: library.origin(state[side]),
      cosine: panels[side].plane?.cosine ?? null,
      ...panels[side].plane?.run?.provenance,
      // Another one for each panel where they move alone.
      grid: makeGrid(state, side),
      // Of what is shown; those that are complete have all the samples, the others are estimates from a subset.
      pointsComputed: pointsWith(panels[side], (samples) => samples > 0),
      pointsComplete: pointsWith(panels[side], (samples) => samples === state.samples),
    })),
    plane: {
      kind: isFromFile(state.plane) ? 'file' : isRunPlane(state) ? 'run' : 'random',
      seed: state.seed,
      normalise: state.norm,
      bias: state.bias,
      orthogonal: state.orthogonal === 'gram-schmidt',
    },
    loss: state.loss,
    shown: state.show,
    quantity: quantityNames[state.show],
    // Several where one failed in mid-run and the next went on: of each its points in the panels above.
    engines: makers.of(shown.flatMap((side) => valuesOf(state, panels[side])?.own ?? [])),
  };
}
