/**
 * Formulas of two variables as people type them: `(w1*w2 - 1)^2`. Parsed by recursive descent, never
 * evaluated as code.
 *
 *     sum     = product { (+|-) product }
 *     product = signed { (*|/) signed }
 *     signed  = (+|-) signed | power
 *     power   = atom [ (^|**) signed ]            −x^2 is −(x²), and ^ groups to the right
 *     atom    = number | name | name ( sum ) | ( sum )
 */
import { LONGEST_FORMULA } from './limits.js';
import { evaluator, type FunctionName, functionNames, JET, type Node, operandsOf } from './tape.js';

/** What is wrong, and where: `position` counts characters from 0. */
export class FormulaError extends Error {
  override readonly name = 'FormulaError';
  constructor(
    message: string,
    readonly position: number,
  ) {
    super(`${message} (at character ${position + 1})`);
  }
}

/** Brackets, signs and powers within each other. */
const DEEPEST = 40;

const variables: ReadonlyMap<string, 0 | 1> = new Map([
  ['w1', 0],
  ['w2', 1],
  ['x', 0],
  ['y', 1],
]);
const constants: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['π', Math.PI],
  ['e', Math.E],
]);
const functions: ReadonlyMap<string, FunctionName> = new Map([
  ...functionNames.map((name) => [name, name] as const),
  ['ln', 'log'],
]);

type TokenKind = 'number' | 'name' | 'sign' | 'end';

interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
}

const TOKEN =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([\p{L}_][\p{L}\p{N}_]*)|(\*\*|[-+*/^()]))/uy;

/** Other ways to write a sign, each one character long, so that positions stay. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/[−–]/g, '-'],
  [/[·×]/g, '*'],
  [/÷/g, '/'],
];

/** The nodes of a formula, the last one being the whole. Throws FormulaError. */
export function parseFormula(text: string): readonly Node[] {
  if (text.length > LONGEST_FORMULA) {
    throw new FormulaError(`A formula has at most ${LONGEST_FORMULA} characters`, LONGEST_FORMULA);
  }
  return new Parser(tokens(text)).parse();
}

function tokens(text: string): Token[] {
  const plain = spellings.reduce((so, [from, to]) => so.replace(from, to), text);
  const found: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(plain);
    if (match === null) {
      const position = from + /^\s*/.exec(plain.slice(from))![0].length;
      if (position < plain.length) {
        throw new FormulaError(
          `"${String.fromCodePoint(text.codePointAt(position)!)}" does not belong in a formula`,
          position,
        );
      }
      found.push({ kind: 'end', text: '', position });
      return found;
    }
    const [whole, number, name, sign] = match;
    const word = number ?? name ?? sign!;
    const kind = number !== undefined ? 'number' : name !== undefined ? 'name' : 'sign';
    found.push({ kind, text: word, position: from + whole.length - word.length });
  }
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #nodes: Node[] = [];
  #at = 0;
  #depth = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  parse(): readonly Node[] {
    this.#sum();
    const rest = this.#next;
    if (rest.kind !== 'end') throw this.#unexpected(rest);
    return this.#nodes;
  }

  get #next(): Token {
    return this.#tokens[this.#at]!;
  }

  #take(...signs: string[]): string | null {
    const { kind, text } = this.#next;
    if (kind !== 'sign' || !signs.includes(text)) return null;
    this.#at++;
    return text;
  }

  /**
   * Adds a node, or its value in place of its operands when they are constants: x^(4/2) then has the exponent 2, and
   * needs no logarithm of x.
   */
  #add(node: Node): number {
    const operands = operandsOf(node);
    const isConstant = operands.length > 0 && operands.every((i) => this.#nodes[i]!.kind === 'constant');
    if (!isConstant) return this.#nodes.push(node) - 1;
    const jet = new Float64Array(JET);
    evaluator([...this.#nodes, node])(0, 0, jet);
    // Each constant is one node by now, so these are the last ones.
    this.#nodes.length -= operands.length;
    return this.#nodes.push({ kind: 'constant', value: jet[0]! }) - 1;
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > DEEPEST) {
      throw new FormulaError(
        `More than ${DEEPEST} brackets, signs or powers within each other`,
        this.#next.position,
      );
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  #sum(): number {
    let a = this.#product();
    for (let sign = this.#take('+', '-'); sign !== null; sign = this.#take('+', '-')) {
      a = this.#add({ kind: sign === '+' ? 'add' : 'subtract', a, b: this.#product() });
    }
    return a;
  }

  #product(): number {
    let a = this.#signed();
    for (let sign = this.#take('*', '/'); sign !== null; sign = this.#take('*', '/')) {
      a = this.#add({ kind: sign === '*' ? 'multiply' : 'divide', a, b: this.#signed() });
    }
    return a;
  }

  #signed(): number {
    const sign = this.#take('+', '-');
    if (sign === null) return this.#power();
    const a = this.#deeper(() => this.#signed());
    return sign === '+' ? a : this.#add({ kind: 'negate', a });
  }

  #power(): number {
    const a = this.#atom();
    if (this.#take('^', '**') === null) return a;
    return this.#add({ kind: 'power', a, b: this.#deeper(() => this.#signed()) });
  }

  #atom(): number {
    const token = this.#next;
    if (token.kind === 'number') {
      this.#at++;
      const value = Number(token.text);
      if (!Number.isFinite(value)) throw new FormulaError(`${token.text} is too large`, token.position);
      return this.#add({ kind: 'constant', value });
    }
    if (token.kind === 'name') {
      this.#at++;
      return this.#named(token);
    }
    if (this.#take('(') === null) throw this.#unexpected(token);
    return this.#bracket(token);
  }

  #named(token: Token): number {
    const { text } = token;
    const variable = variables.get(text);
    if (variable !== undefined) return this.#add({ kind: 'variable', index: variable });
    const constant = constants.get(text);
    if (constant !== undefined) return this.#add({ kind: 'constant', value: constant });
    const name = functions.get(text);
    if (name === undefined) {
      throw new FormulaError(
        `"${text.slice(0, 20)}" is unknown: the variables are w1 and w2, the functions ${[...functions.keys()].join(', ')}`,
        token.position,
      );
    }
    const bracket = this.#next;
    if (this.#take('(') === null)
      throw new FormulaError(`${name} needs brackets: ${name}(…)`, bracket.position);
    return this.#add({ kind: 'call', name, a: this.#bracket(bracket) });
  }

  #bracket(opened: Token): number {
    const a = this.#deeper(() => this.#sum());
    if (this.#take(')') !== null) return a;
    const token = this.#next;
    throw token.kind === 'end'
      ? new FormulaError('This bracket is never closed', opened.position)
      : this.#unexpected(token);
  }

  #unexpected({ kind, text, position }: Token): FormulaError {
    const before = this.#tokens[this.#at - 1];
    const isValue = before !== undefined && (before.kind !== 'sign' || before.text === ')');
    if (kind === 'end')
      return new FormulaError('The formula ends where a number, w1 or w2 belongs', position);
    if (isValue && (kind !== 'sign' || text === '(')) {
      return new FormulaError(
        `A sign is missing before "${text.slice(0, 20)}": write products with *`,
        position,
      );
    }
    return new FormulaError(`"${text.slice(0, 20)}" is not expected here`, position);
  }
}
