/** How panels are painted: as maps, or as surfaces by code that is fetched when it is first asked for. */
import type { PanelPainter } from '../plot/panel.js';
import { fields, type Patch, type State } from '../state.js';
import { isNumeric } from './quantity.js';

let surfaces: typeof import('../plot/surface.js') | null = null;

/** Whether panels are surfaces; kinds that have no order have no height either, and stay maps. */
export function isSurface(state: State): boolean {
  return state.view === 'surface' && isNumeric(state);
}

/** Fetches what a state's painter needs; true when there was something to wait for. */
export async function loadPainter(state: State): Promise<boolean> {
  if (!isSurface(state) || surfaces !== null) return false;
  surfaces = await import('../plot/surface.js');
  return true;
}

/** The painter of a state's view, undefined for maps; until it is loaded, maps are drawn. */
export function painterOf(state: State, valueName: string): PanelPainter | undefined {
  if (!isSurface(state)) return undefined;
  const { azimuth, elevation } = state;
  const radians = Math.PI / 180;
  const angles = { azimuth: azimuth * radians, elevation: elevation * radians };
  return surfaces?.surfacePainter(angles, valueName);
}

/** The camera after a turn by so many degrees, to the right and up; it stops at the floor and at the zenith. */
export function turned({ azimuth, elevation }: State, right: number, up: number): Patch {
  const around = Math.round(azimuth + right) + 180;
  const { min, max } = fields.elevation;
  return {
    azimuth: around - 360 * Math.floor(around / 360) - 180,
    elevation: Math.min(max, Math.max(min, Math.round(elevation + up))),
  };
}
