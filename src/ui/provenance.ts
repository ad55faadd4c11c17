/** What made a picture, written into the file that leaves the page. */
import { version } from '../../package.json';
import { toQuery } from '../state.js';
import { makeGrid } from './plane.js';
import type { Session, Side } from './session.js';

/** Plain JSON: settings, networks and data with their hashes, plane, grid, engine and version. */
export function provenance(session: Session, shown: readonly Side[]): Record<string, unknown> {
  const { state, hashes, info, panels } = session;
  return {
    software: 'Isoloss',
    version,
    query: toQuery(state),
    data: { name: 'digits', samples: state.samples, sha256: hashes.get('data/digits.npz') ?? null },
    panels: shown.map((side) => ({
      network: state[side],
      sha256: hashes.get(`networks/${state[side]}.safetensors`) ?? null,
      cosine: panels[side].plane?.cosine ?? null,
      pointsComputed:
        panels[side].sums?.samples.reduce((sum, samples) => sum + (samples > 0 ? 1 : 0), 0) ?? 0,
    })),
    plane: {
      kind: 'random',
      seed: state.seed,
      normalise: state.norm,
      bias: state.bias,
      orthogonal: state.orthogonal === 'gram-schmidt',
    },
    grid: makeGrid(state),
    loss: state.loss,
    shown: state.show,
    engine: info,
  };
}
