/** How panels are painted: as maps, or as surfaces by code that is fetched when it is first asked for. */
import type { PanelPainter } from '../plot/panel.js';
import type { State } from '../state.js';

let surfaces: typeof import('../plot/surface.js') | null = null;

/** Fetches what a state's painter needs; true when there was something to wait for. */
export async function loadPainter({ view }: State): Promise<boolean> {
  if (view === 'map' || surfaces !== null) return false;
  surfaces = await import('../plot/surface.js');
  return true;
}

/** The painter of a state's view, undefined for maps; until it is loaded, maps are drawn. */
export function painterOf({ view, azimuth, elevation }: State, valueName: string): PanelPainter | undefined {
  if (view === 'map') return undefined;
  const radians = Math.PI / 180;
  const angles = { azimuth: azimuth * radians, elevation: elevation * radians };
  return surfaces?.surfacePainter(angles, valueName);
}
