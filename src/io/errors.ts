/**
 * A file that cannot be read. The message is one sentence that names the file, the place in it, what is
 * wrong with the value found, and the way out; it is shown to the user as it stands.
 */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly file: string;
  /** Where in the file, e.g. `tensor fc1.weight`, `line 12`; empty when it is the file as a whole. */
  readonly place: string;

  constructor(file: string, place: string, problem: string) {
    super(`${file}${place === '' ? '' : `, ${place}`}: ${problem}.`);
    this.file = file;
    this.place = place;
  }
}

/** Throws the FileError of one file at one place; what the parts of a reader pass on to each other. */
export type Fail = (problem: string) => never;

/** The `Fail` of this file and place. */
export function failAt(file: string, place: string): Fail {
  return (problem) => {
    throw new FileError(file, place, problem);
  };
}

/**
 * A value out of a file, made fit to stand in a sentence: text quoted, control characters escaped, at most
 * 60 long; what is no text and no number is named by its kind, never converted.
 */
export function quoted(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value);
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** A shape out of a file for a sentence, e.g. `[60000, 28, 28]`. */
export function shownShape(shape: readonly unknown[]): string {
  return `[${shape.map(quoted).join(', ')}]`;
}
