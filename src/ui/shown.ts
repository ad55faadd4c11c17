/** Everything of the picture that follows from what is computed and set; made anew when either changes. */
import type { ColourScale, Figure, Panel } from '../plot/spec.js';
import { automaticTexts, describe, makeFigure, makeOverview, overviewState } from './figure-spec.js';
import type { Share } from './makers.js';
import { panelTitles } from './pairs.js';
import { isInteracting } from './interaction.js';
import { withOverlays } from './overlay.js';
import { makeScale, valuesOf } from './quantity.js';
import { type Sampling, samplingOf, unseenErrors } from './sampling.js';
import type { Session } from './session.js';
import { shownSides, sides, type Side } from './sides.js';

export interface Shown {
  readonly titles: Readonly<Record<Side, string>>;
  readonly figure: Figure;
  readonly descriptions: readonly string[];
  readonly cosines: readonly number[];
  readonly limits: { readonly vmin: string; readonly vmax: string };
  /** Whether any point is there. */
  readonly begun: boolean;
  readonly sampling: Sampling | null;
  /** Who computed what is shown, of a complete picture. */
  readonly makers: readonly Share[];
  readonly overviews: readonly (Panel | null)[];
  readonly overviewScale: ColourScale;
}

/** Also tells the session which points the picture can wait for. */
export function makeShown(session: Session): Shown {
  const { state, panels, status, library } = session;
  const titles = panelTitles(state, (id) => library.title(id));
  const shown = shownSides(state);
  const figure = {
    ...withOverlays(makeFigure(state, panels, titles), session),
    // What stands still unfinished shows where it was computed; while it runs that would only flicker.
    veil: status !== 'running',
  };
  session.manners = { interacting: isInteracting, waits: unseenErrors(state, figure, panels) };
  return {
    titles,
    figure,
    descriptions: shown.map((side) => describe(state, panels[side], titles[side], side)),
    cosines: sides.map((side) => panels[side].plane?.cosine ?? 0),
    limits: automaticTexts(figure),
    overviewScale: makeScale(overviewState(state)),
    overviews: shown.map((side) => makeOverview(state, panels[side], side)),
    makers:
      status === 'done'
        ? session.makers.of(shown.flatMap((side) => valuesOf(state, panels[side])?.own ?? []))
        : [],
    sampling: samplingOf(state, figure, panels),
    begun: sides.some((side) => {
      const window = valuesOf(state, panels[side]);
      return window !== null && [window.own, ...window.others].some(({ samples }) => samples.some(Boolean));
    }),
  };
}
