/** What commands share in telling and keeping their results. */
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FileError } from '../io/errors.js';

/** Throws FileError for a folder, and for a file in a folder that takes none: before a long computation, not after it. */
export async function checkWritable(file: string): Promise<void> {
  const there = await stat(file).catch(() => null);
  if (there?.isDirectory()) throw new FileError(file, '', 'is a folder; name a file in it, such as grid.npz');
  try {
    await access(dirname(file), constants.W_OK);
  } catch {
    throw new FileError(
      file,
      '',
      `nothing can be written to the folder ${dirname(file)}; make it, or name another`,
    );
  }
}

/** For people, beside the result. */
export function note(sentence: string): void {
  process.stderr.write(`isoloss: ${sentence}\n`);
}
