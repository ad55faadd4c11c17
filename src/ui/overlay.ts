/** What is drawn over maps, by code that is fetched when it is first asked for. */
import type { Figure } from '../plot/spec.js';
import { late } from './late.js';
import { isSurface } from './painter.js';
import { wantsSlopes } from './passes.js';
import type { Session } from './session.js';
import { shownSides, type Side } from './sides.js';

let code: typeof import('./downhill.js') | null = null;

async function load(): Promise<void> {
  code = await import('./downhill.js');
}

/** The figure with what lies over its maps; without it until the code is there, which the session then tells. */
export function withOverlays(figure: Figure, session: Session, shown?: readonly Side[]): Figure {
  const { state, panels } = session;
  if (!wantsSlopes(state) || isSurface(state)) return figure;
  if (code === null) {
    late(session, load(), async () => void session.dispatchEvent(new Event('update')));
    return figure;
  }
  const found = code.overlaysOf(state, panels);
  const sides = shown ?? shownSides(state);
  return {
    ...figure,
    panels: figure.panels.map((panel, i) => ({
      ...panel,
      // What is of the run stays on top.
      overlays: [...(found[sides[i]!] ?? []), ...(panel.overlays ?? [])],
    })),
  };
}
