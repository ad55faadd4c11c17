/** What the settings offer now: networks, data and directions that are there and go together. */
import { elements } from '../../model/graph.js';
import { presets } from '../../model/presets.js';
import type { State } from '../../state.js';
import { RUN_PLANES } from '../../state-runs.js';
import { bundledData, bundledOf } from '../bundled.js';
import type { Option } from '../field.js';
import type { Session } from '../session.js';
import { shownSides, type Side } from '../sides.js';
import type { Layers } from './layer-table.js';
import type { DataEntry, NetworkEntry } from './library.js';
import { type NetworkSums, sumsOf } from './network-sums.js';

export interface Content {
  /** Networks that take the data on show. */
  readonly networks: Readonly<Record<Side, readonly Option[]>>;
  /** Null while a network is loaded, and for a panel that is not shown. */
  readonly sums: Readonly<Record<Side, NetworkSums | null>>;
  readonly data: readonly Option[];
  readonly planes: readonly Option[];
  /** Whether every network on show is a step of a run. */
  readonly isAllRuns: boolean;
  /** Null until they are loaded. */
  readonly entry: DataEntry | null;
  /** How many samples there are; null while that is not known. */
  readonly samples: number | null;
}

/** Makes the content anew only when something it is made of has changed. */
export class ContentOf {
  #parts: readonly unknown[] = [];
  #content: Content | null = null;

  of(session: Session): Content {
    const { state, data, panels, library } = session;
    const parts = [state, data, panels.left.plane, panels.right.plane, library.version];
    if (this.#content === null || parts.some((part, i) => part !== this.#parts[i])) {
      this.#parts = parts;
      this.#content = make(session);
    }
    return this.#content;
  }
}

function make({ state, data, panels, library }: Session): Content {
  const bundled = bundledOf(state.data);
  // Of the data before, while others are loaded.
  const entry = data?.id === state.data ? data : null;
  const rows = entry?.x.shape[0] ?? bundled?.samples ?? null;
  const size = entry === null ? null : elements(entry.x.shape.slice(1));
  const takes = (input: readonly number[]): boolean => size === null || elements(input) === size;
  const known = [
    ...presets
      .filter((preset) => (bundled === undefined ? takes(preset.input) : preset.data === bundled.name))
      .map(({ name, title }) => ({ value: name, label: title })),
    ...library.networks
      .filter(({ model }) => takes(model.shapes[0]!))
      .map(({ id, title }) => ({ value: id, label: title })),
  ];
  const optionsFor = (side: Side): Option[] => {
    const present = state[side];
    const none = side === 'right' ? [{ value: 'none', label: 'None: one panel' }] : [];
    const missing = present !== 'none' && !known.some(({ value }) => value === present);
    const label = library.title(present) ?? present;
    return [...known, ...(missing ? [{ value: present, label }] : []), ...none];
  };
  const sums: Record<Side, NetworkSums | null> = { left: null, right: null };
  for (const side of shownSides(state)) {
    const plane = panels[side].plane;
    sums[side] = plane === null ? null : sumsOf(plane.problem.model);
  }
  const isRun = shownSides(state).map((side) => library.runOf(state[side]) !== null);
  return {
    isAllRuns: isRun.every(Boolean),
    networks: { left: optionsFor('left'), right: optionsFor('right') },
    sums,
    data: [
      ...Object.values(bundledData).map(({ name, title }) => ({ value: name, label: title })),
      ...library.data.map(({ id, title }) => ({ value: id, label: title })),
    ],
    planes: [
      { value: 'random', label: 'Random' },
      ...(isRun.some(Boolean) ? RUN_PLANES.map(([value, label]) => ({ value, label })) : []),
      ...library.planes.map(({ id, title }) => ({ value: id, label: title })),
    ],
    entry,
    samples: rows,
  };
}

/** A network that is in no panel yet, with the directions that the settings would draw. */
export function layersOfEntry({ title, model, notices }: NetworkEntry, { bias }: State): Layers {
  const moves = (name: string) => bias === 'scale' || model.parameters.get(name)!.shape.length > 1;
  return { title, model, notices, moves };
}

/** The network of a panel as a table; null while it is loaded. */
export function layersOf({ state, panels, library }: Session, side: Side, title: string): Layers | null {
  const { plane } = panels[side];
  if (plane === null) return null;
  const { model, d1, d2 } = plane.problem;
  const notices = library.network(state[side])?.notices ?? [];
  return { title, model, notices, moves: (parameter) => d1.has(parameter) || d2.has(parameter) };
}
