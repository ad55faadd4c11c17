/** Words of a command line → numbers and names, or one sentence on what is wrong with them. */

/** The command was typed wrong: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Texts {
  readonly [flag: string]: string | boolean | string[] | undefined;
}

export function number(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new UsageError(`--${flag} has '${text}' where a number belongs.`);
  }
  return value;
}

export function whole(flag: string, text: string, least: number): number {
  const value = number(flag, text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new UsageError(`--${flag} has '${text}' where a whole number from ${least} belongs.`);
  }
  return value;
}

export function oneOf<const T extends string>(
  flag: string,
  text: string | boolean | string[],
  names: readonly T[],
): T {
  const name = names.find((candidate) => candidate === text);
  if (name === undefined)
    throw new UsageError(`--${flag} is '${String(text)}', but can be ${names.join(', ')}.`);
  return name;
}

/** `--a -1:1:21` as people type it: parseArgs would take the value for a flag. */
export function joinNegatives(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const previous = joined.at(-1);
    if (/^-[\d.]/.test(word) && previous !== undefined && /^--[a-z-]+$/.test(previous)) {
      joined[joined.length - 1] = `${previous}=${word}`;
    } else {
      joined.push(word);
    }
  }
  return joined;
}

/** parseArgs throws TypeErrors with a code for whatever it does not understand. */
export function guarded<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) {
      throw new UsageError(`${error.message.split('. ')[0]!.replace(/\.$/, '')}: see --help.`);
    }
    throw error;
  }
}
