/** A picture exported from here → the settings that made it. */
import { fromQuery, initialState, type Patch } from '../../state.js';
import { settleBundled } from '../bundled.js';
import type { Library } from './library.js';
import type { Origin } from './opened.js';
import { ReadError } from './reader.js';

/** Values of settings that came out of files, as provenance lists them. */
export interface FileSetting {
  readonly key: 'data' | 'left' | 'right' | 'plane';
  readonly origin: readonly Origin[];
  /** Of a network that is a step of a run. */
  readonly step?: number;
}

/**
 * All settings of the picture. Throws ReadError when it does not tell them, or when it was made from files
 * that are not open: they are named.
 */
export function restored(
  file: string,
  provenance: unknown,
  library: Library,
): { patch: Patch; notes: string[] } {
  if (typeof provenance !== 'object' || provenance === null || !('query' in provenance)) {
    throw new ReadError(`${file} does not tell the settings that made it; open one exported from here.`);
  }
  const { query } = provenance;
  if (typeof query !== 'string' || query.length > 100_000) {
    throw new ReadError(
      `${file} tells its settings in a way that is not known; open one exported from here.`,
    );
  }
  const asked = fromQuery(query);
  const fromFiles = 'files' in provenance ? settings(provenance.files) : [];
  const missing = new Set<string>();
  const patch: { -readonly [K in keyof Patch]: Patch[K] } = {};
  for (const { key, origin, step } of fromFiles) {
    const id = library.find(origin);
    if (id === null) origin.forEach((part) => missing.add(part.file));
    else patch[key] = step === undefined ? id : (library.stepOf(id, step) ?? id);
  }
  if (missing.size > 0) {
    throw new ReadError(
      `${file} was made from ${[...missing].join(', ')}, which a picture does not contain; open that first, then the picture.`,
    );
  }
  const { state, problems } = settleBundled({ ...initialState, ...asked.state, ...patch });
  return { patch: state, notes: [...asked.problems, ...problems] };
}

/** What provenance says of files; whatever is formed otherwise is passed over. */
function settings(given: unknown): FileSetting[] {
  if (!Array.isArray(given)) return [];
  return given.filter((entry: unknown): entry is FileSetting => {
    if (typeof entry !== 'object' || entry === null || !('key' in entry) || !('origin' in entry))
      return false;
    const { key, origin } = entry;
    const isKey = key === 'data' || key === 'left' || key === 'right' || key === 'plane';
    return isKey && Array.isArray(origin) && origin.every(isOrigin);
  });
}

function isOrigin(value: unknown): value is Origin {
  return (
    typeof value === 'object' &&
    value !== null &&
    'file' in value &&
    typeof value.file === 'string' &&
    'sha256' in value &&
    typeof value.sha256 === 'string'
  );
}
