/** Runs of the page as files: saved, read again, and handed to the landscape. */
import type { Kept } from '../../train/messages.js';
import { readSaved, type SavedRun, SavedRunError, writeSaved } from '../../train/saved.js';
import { fromQuery, type Patch } from '../../state.js';
import { formatTrain, parseTrain } from '../../state-train.js';
import { openFiles, ReadError } from '../files/reader.js';
import type { Run } from './runs.js';

/** The run as a file. `settings` is the page's query string, `replanned` the step from which on they hold, or null. */
export async function fileOf(
  { remote, ready, trainee }: Run,
  settings: string,
  replanned: number | null,
): Promise<File> {
  const kept = await remote.keep();
  const saved = { beginning: trainee.beginning, settings, replanned, kept };
  const pieces = [...writeSaved(saved, ready!.places)];
  const name = `${trainee.title.replaceAll(' ', '-')}-step-${kept.resumption.step}.safetensors`;
  return new File(pieces as BlobPart[], name, { type: 'application/octet-stream' });
}

/** Offers it as a download. */
export function download(file: File): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  // The download has its own hold on the content once it has begun.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export interface Loaded {
  /** The settings that the runs were saved with. */
  readonly patch: Patch;
  /** What each network goes on with, by what `beginningKey` says of it. */
  readonly kept: ReadonlyMap<string, Kept>;
  readonly engine: 'float64' | 'float32';
  /** The step from which on other settings than the first ones held, or null. */
  readonly replanned: number | null;
}

/** Tells networks before their first step apart. */
export function beginningKey(beginning: SavedRun['beginning']): string {
  return JSON.stringify(beginning);
}

/** Reads one run, or two that are trained side by side. Rejects with a sentence. */
export async function load(files: readonly File[]): Promise<Loaded> {
  const opened = await openFiles(files);
  const saved = opened.map((item, i) => {
    const name = item.origin[0]?.file ?? files[i]!.name;
    if (item.kind !== 'run') throw new ReadError(`${name} is no run; choose a .safetensors file saved here.`);
    try {
      return readSaved(item.run, item.metadata);
    } catch (error) {
      if (!(error instanceof SavedRunError) && !(error instanceof RangeError)) throw error;
      throw new ReadError(`${name}: ${error.message}.`);
    }
  });
  const [first, second, ...others] = saved;
  if (first === undefined || others.length > 0) throw new ReadError('Open one run, or two at a time.');
  const hasSkips = (run: SavedRun): boolean => run.beginning.architecture.skips;
  if (second !== undefined && (second.settings !== first.settings || hasSkips(first) === hasSkips(second))) {
    throw new ReadError('These two runs were not trained side by side; open one at a time.');
  }
  const skips = second !== undefined ? 'both' : hasSkips(first) ? 'on' : 'off';
  const { state } = fromQuery(first.settings);
  const train = formatTrain({ ...parseTrain(state.train).state, skips });
  const { data, samples, scaling, loss } = state;
  return {
    patch: { data, samples, scaling, loss, train },
    kept: new Map(saved.map((run) => [beginningKey(run.beginning), run.kept])),
    engine: first.kept.resumption.weights instanceof Float64Array ? 'float64' : 'float32',
    replanned: first.replanned,
  };
}
