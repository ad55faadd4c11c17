/** What the reading worker runs: one request, one answer. It is ended after that, and its memory with it. */
import { FileError } from '../../io/errors.js';
import { ModelError } from '../../model/errors.js';
import type { Opened } from './opened.js';
import { buffersOf, readFiles, type ReadOptions } from './read.js';

export interface ReadRequest {
  readonly files: readonly File[];
  readonly options: ReadOptions;
}

export type ReadAnswer =
  | { readonly kind: 'opened'; readonly opened: readonly Opened[] }
  /** A sentence for the user. */
  | { readonly kind: 'refused'; readonly sentence: string };

addEventListener('message', ({ data }: MessageEvent<ReadRequest>) => void answer(data));

async function answer({ files, options }: ReadRequest): Promise<void> {
  try {
    const opened = await readFiles(await Promise.all(files.map(load)), options);
    postMessage({ kind: 'opened', opened } satisfies ReadAnswer, { transfer: buffersOf(opened) });
  } catch (error) {
    const names = files.map(({ name }) => name).join(', ');
    postMessage({ kind: 'refused', sentence: sentenceOf(error, names) } satisfies ReadAnswer);
  }
}

async function load(file: File): Promise<{ name: string; bytes: Uint8Array }> {
  try {
    return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
  } catch {
    throw new FileError(
      file.name,
      '',
      'the browser may not read it, or it changed on the disk; choose it again',
    );
  }
}

function sentenceOf(error: unknown, names: string): string {
  if (error instanceof FileError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  // A network whose parts do not fit names its own place, and not the file.
  if (error instanceof ModelError) return `${names}: ${message}.`;
  return error instanceof RangeError
    ? `${names}: it does not fit in memory; open a smaller file.`
    : `${names}: it could not be read (${message}); save or export it again.`;
}
