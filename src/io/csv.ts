/** Comma-separated values with a header (RFC 4180; semicolons and tabs serve as well). */
import { type Fail, failAt, quoted } from './errors.js';
import type { NpyArray } from './npy.js';

export interface CsvOptions {
  /**
   * Name of the column with the label; by default the only one that holds text, else the last one.
   */
  readonly label?: string;
  /** The label is a real number to be met, and no class. */
  readonly regression?: boolean;
}

export interface CsvData {
  /** [rows, columns], float32, every column but the label's. */
  readonly x: NpyArray;
  /** [rows]: numbers as they stand, or the index of a text label in `classes`. */
  readonly y: NpyArray;
  /** Names of the columns of `x`. */
  readonly columns: readonly string[];
  readonly label: string;
  /** Text labels in alphabetical order of code units; null when the labels are numbers. */
  readonly classes: readonly string[] | null;
}

/** Longer texts do not fit in one string on every browser. */
const MAX_TEXT_BYTES = 2 ** 28;
const SEPARATORS = [',', ';', '\t'];
/** A decimal number as programs write it; JavaScript's own idea of numbers has 0x10, '' and the like. */
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

const SPACE = 0x20;
const DIGIT_9 = 0x39;
const LETTER_A = 0x41;

interface Row {
  readonly line: number;
  readonly fields: readonly string[];
}

/** Features and labels of a table whose first row names the columns. Throws FileError. */
export function readCsv(bytes: Uint8Array, file: string, options: CsvOptions = {}): CsvData {
  const fail = failAt(file, '');
  const text = decodeText(bytes, fail);
  const rows = parse(text, file);
  const header = rows.next();
  if (header.done === true) return fail('it is empty; give a table with a header');
  const names = header.value.fields.map((name) => name.trim());
  const first = rows.next();
  if (first.done === true) return fail('it has no rows below its header; give a table with some');
  const wanted = options.label ?? textColumn(names, first.value.fields);
  const target = labelColumn(names, wanted, failAt(file, `line ${header.value.line}`));
  const width = names.length - 1;

  // A number takes two bytes with its separator, so a table never has more of them than this.
  const values = new Float32Array(bytes.length / 2 + 1);
  const labels: string[] = [];
  let place = 0;
  for (let row: IteratorResult<Row> = first; row.done !== true; row = rows.next()) {
    const { line, fields } = row.value;
    const failLine = failAt(file, `line ${line}`);
    if (fields.length !== names.length) {
      failLine(`it has ${fields.length} fields but the header has ${names.length}; add or remove separators`);
    }
    for (let column = 0; column < fields.length; column++) {
      if (column !== target) values[place++] = numberOf(fields[column]!, names[column]!, failLine);
    }
    const label = fields[target]!.trim();
    if (label === '') failLine('its label is empty; fill it in or remove the line');
    if (options.regression === true) numberOf(label, names[target]!, failLine);
    labels.push(label);
  }
  const numbers = labels.every((label) => NUMBER.test(label));
  const classes = numbers ? null : [...new Set(labels)].sort();
  const index = new Map(classes?.map((name, i) => [name, i]));
  const y = Float64Array.from(labels, (label) => (numbers ? Number(label) : index.get(label)!));
  return {
    x: { dtype: '<f4', shape: [labels.length, width], data: values.slice(0, place) },
    y: { dtype: '<f8', shape: [labels.length], data: y },
    columns: names.filter((_, column) => column !== target),
    label: names[target]!,
    classes,
  };
}

/** What is meant as a number, whether it is one or not, and what stands for one that is missing. */
const NO_WORD = /^([+-]?[.\d].*|[+-]?inf(inity)?||-|\?|na|n\/a|nan|null|none)$/i;

/** The one column whose first field is a word; undefined when there are none or several. */
function textColumn(names: readonly string[], fields: readonly string[]): string | undefined {
  const words = names.filter((_, column) => !NO_WORD.test((fields[column] ?? '').trim()));
  return words.length === 1 ? words[0] : undefined;
}

function labelColumn(names: readonly string[], wanted: string | undefined, fail: Fail): number {
  if (names.length < 2) {
    fail('it names one column, but a feature and a label are needed; separate columns by commas');
  }
  if (names.every((name) => NUMBER.test(name)))
    fail('it holds numbers only; name the columns in a first line');
  const target = wanted === undefined ? names.length - 1 : names.indexOf(wanted);
  if (target < 0) {
    fail(
      `there is no column ${quoted(wanted)} among ${names.slice(0, 20).map(quoted).join(', ')}; choose one`,
    );
  }
  return target;
}

function numberOf(field: string, column: string, fail: Fail): number {
  // Most fields are plain digits; what Number takes besides has a space first or a letter second.
  const first = field.charCodeAt(0);
  if (first > SPACE && first <= DIGIT_9 && !(field.charCodeAt(1) >= LETTER_A)) {
    const value = Number(field);
    if (!Number.isNaN(value)) return value;
  }
  const text = field.trim();
  if (!NUMBER.test(text)) {
    fail(`${quoted(text)} in the column ${quoted(column)} is no number; correct it or remove the column`);
  }
  return Number(text);
}

function decodeText(bytes: Uint8Array, fail: Fail): string {
  if (bytes.length > MAX_TEXT_BYTES) {
    fail(`it has more than ${MAX_TEXT_BYTES / 2 ** 20} MiB; save it with numpy.savez instead`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return fail('it is no text in UTF-8; save it as CSV with that encoding');
  }
}

/** Rows of fields; empty lines are left out. A quoted field may hold separators, line breaks and "" for ". */
function* parse(text: string, file: string): Generator<Row, void> {
  const separator = separatorOf(text);
  const lineEnd = /\r\n|\r|\n|$/g;
  let position = 0;
  let line = 1;
  while (position < text.length) {
    lineEnd.lastIndex = position;
    const end = lineEnd.exec(text)!;
    const plain = text.slice(position, end.index);
    let fields: string[];
    let height = 1;
    if (plain.includes('"')) {
      const row = quotedRow(text, position, separator, failAt(file, `line ${line}`));
      ({ fields, height, position } = row);
    } else {
      fields = plain.split(separator);
      position = end.index + end[0].length;
    }
    if (fields.length > 1 || fields[0]!.trim() !== '') yield { line, fields };
    line += height;
  }
}

/** The row that begins at `start` and has quotes in its first line; lines it takes; where the next begins. */
function quotedRow(text: string, start: number, separator: string, fail: Fail) {
  const unquoted = new RegExp(`[^${separator}\\r\\n]*`, 'y');
  const lineEnd = /\r\n|\r|\n|$/y;
  const fields: string[] = [];
  let height = 1;
  let position = start;
  for (;;) {
    // Blanks around quotes are no part of a field.
    const opening = blanks(text, position);
    if (text[opening] === '"') {
      position = opening;
      const end = closingQuote(text, position, fail);
      const field = text.slice(position + 1, end).replaceAll('""', '"');
      height += field.split('\n').length - 1;
      fields.push(field);
      position = blanks(text, end + 1);
    } else {
      unquoted.lastIndex = position;
      const field = unquoted.exec(text)![0];
      fields.push(field);
      position += field.length;
    }
    if (text[position] === separator) {
      position++;
      continue;
    }
    lineEnd.lastIndex = position;
    const end = lineEnd.exec(text);
    if (end !== null) return { fields, height, position: position + end[0].length };
    fail(
      `${quoted(text.slice(position, position + 10))} follows a closing quote; put the whole field in quotes`,
    );
  }
}

/** The first position from here on that is no space. */
function blanks(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}

/** Position of the quote that ends the field beginning with the quote at `start`. */
function closingQuote(text: string, start: number, fail: Fail): number {
  let end = start + 1;
  for (;;) {
    end = text.indexOf('"', end);
    if (end < 0) return fail('a quoted field is never closed; add the missing quote');
    if (text[end + 1] !== '"') return end;
    end += 2;
  }
}

/** How much of a text is looked at to find its separator. */
const HEAD_LENGTH = 100_000;

/** The separator that the first line, quoted names aside, has most of. */
function separatorOf(text: string): string {
  const [first] = text
    .slice(0, HEAD_LENGTH)
    .replaceAll(/"[^"]*"/g, '')
    .split(/[\r\n]/, 1);
  const counts = SEPARATORS.map((separator) => first!.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}
