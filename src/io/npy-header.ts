import { type Fail, quoted } from './errors.js';
import { MAX_RANK } from './limits.js';

export interface NpyDictionary {
  /** NumPy's type string, e.g. `<f4`. */
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
}

/** One token: a quoted string without escapes, a number (Python 2 wrote `3L`), a word, or punctuation. */
const TOKEN = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(\d+)L?|(True|False)|([{}()[\],:]))/y;

type Token = { readonly kind: 'text' | 'number' | 'truth' | 'mark'; readonly text: string };

/**
 * The dictionary of an .npy header: exactly the keys `descr`, `fortran_order` and `shape`, in any order, with
 * a string, a truth value and a tuple of numbers. Anything else a Python literal could be is refused.
 */
export function parseNpyDictionary(text: string, fail: Fail): NpyDictionary {
  let position = 0;
  const refuse = (): never =>
    fail(
      `its header is not understood at ${quoted(text.slice(position, position + 20))}; save a plain array with numpy.save`,
    );
  const next = (): Token => {
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(text);
    if (match === null) return refuse();
    position = TOKEN.lastIndex;
    const [, single, double, number, truth, mark] = match;
    const string = single ?? double;
    if (string !== undefined) return { kind: 'text', text: string };
    if (number !== undefined) return { kind: 'number', text: number };
    if (truth !== undefined) return { kind: 'truth', text: truth };
    return { kind: 'mark', text: mark! };
  };
  const expect = (mark: string): void => {
    const before = position;
    const token = next();
    if (token.kind !== 'mark' || token.text !== mark) {
      position = before;
      refuse();
    }
  };
  const peek = (): Token => {
    const before = position;
    const token = next();
    position = before;
    return token;
  };

  const tuple = (): number[] => {
    const sizes: number[] = [];
    expect('(');
    while (peek().text !== ')') {
      if (peek().kind !== 'number') refuse();
      sizes.push(Number(next().text));
      if (sizes.length > MAX_RANK) fail(`it has more than ${MAX_RANK} axes; reshape it before saving`);
      if (peek().text !== ')') expect(',');
    }
    expect(')');
    return sizes;
  };

  let descr: string | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;
  expect('{');
  while (peek().text !== '}') {
    const key = next();
    expect(':');
    const value = peek();
    if (key.text === 'descr' && descr === undefined) {
      if (value.kind !== 'text') {
        fail("it has fields of several types; save one of them, e.g. numpy.save('x.npy', array['x'])");
      }
      descr = next().text;
    } else if (key.text === 'fortran_order' && fortranOrder === undefined) {
      if (value.kind !== 'truth') refuse();
      fortranOrder = next().text === 'True';
    } else if (key.text === 'shape' && shape === undefined) {
      shape = tuple();
    } else {
      fail(`its header has the unexpected key ${quoted(key.text)}; save it with numpy.save`);
    }
    if (peek().text !== '}') expect(',');
  }
  expect('}');
  if (text.slice(position).trim() !== '') refuse();
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return fail('its header lacks descr, fortran_order or shape; save it with numpy.save');
  }
  return { descr, fortranOrder, shape };
}
