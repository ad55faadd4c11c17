/** Reads files in a worker of its own, within bounds: whatever a file makes the reader do, the page goes on. */
import { MAX_BYTES } from '../../io/limits.js';
import type { Opened } from './opened.js';
import type { ReadOptions } from './read.js';
import type { ReadAnswer, ReadRequest } from './reader-worker.js';

/** Longest time a reader may take. Seconds. */
const MOST_SECONDS = 60;
/** More checkpoints than a run is saved at, and more files than any data set comes in. */
const MOST_FILES = 1000;

/** Files could not be read; the message is a sentence for the user. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
}

/** A worker that runs reader-worker.ts. */
export function spawnReader(): Worker {
  return new Worker(new URL('./reader-worker.ts', import.meta.url), { type: 'module' });
}

/** What the files hold. Rejects with ReadError, or with the signal's reason when aborted. */
export function openFiles(
  files: readonly File[],
  options: ReadOptions = {},
  signal?: AbortSignal,
  spawn: () => Worker = spawnReader,
  seconds = MOST_SECONDS,
): Promise<readonly Opened[]> {
  const names = files.length > 3 ? `${files.length} files` : files.map(({ name }) => name).join(', ');
  if (files.length > MOST_FILES) {
    return Promise.reject(
      new ReadError(`These are ${files.length} files, and at most ${MOST_FILES} are opened at once.`),
    );
  }
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MAX_BYTES) {
    const limit = MAX_BYTES / 2 ** 20;
    return Promise.reject(
      new ReadError(
        `${names}: ${Math.ceil(bytes / 2 ** 20)} MiB are more than the ${limit} MiB that are read; save fewer samples.`,
      ),
    );
  }
  return new Promise((resolve, reject) => {
    const worker = spawn();
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      worker.terminate();
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const refuse = (sentence: string): void => finish(() => reject(new ReadError(sentence)));
    const abort = (): void => finish(() => reject(signal!.reason));
    const timer = setTimeout(
      () => refuse(`${names}: reading took longer than ${seconds} s and was stopped; open a smaller file.`),
      seconds * 1000,
    );
    signal?.addEventListener('abort', abort);
    if (signal?.aborted) return abort();
    worker.addEventListener('message', ({ data }: MessageEvent<ReadAnswer>) => {
      if (data.kind === 'opened') finish(() => resolve(data.opened));
      else refuse(data.sentence);
    });
    // A worker that runs out of memory is ended by the browser.
    worker.addEventListener('error', ({ message }) =>
      refuse(`${names}: the reader stopped (${message || 'out of memory'}); open a smaller file.`),
    );
    worker.addEventListener('messageerror', () =>
      refuse(`${names}: what was read could not be handed over; open a smaller file.`),
    );
    worker.postMessage({ files, options } satisfies ReadRequest);
  });
}
