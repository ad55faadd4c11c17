/** Ops of the centre that move little: on float64 rows of eight lanes, in JavaScript. */
import type { Shape } from '../../model/graph.js';
import { activations } from '../../model/activations.js';
import type { Of } from './machine.js';
import { groupSamples } from './pack.js';
import { copyTables, meanTable, poolTable, repeatedRows } from './tables.js';

/** One part of a jet: `groups` times `rows` rows of eight. */
export type Part = Float64Array;
/** [v, a, b]. */
export type WideJet = readonly [Part, Part, Part];

type Rows = (inputs: readonly WideJet[], output: WideJet, groups: number) => void;

/** v → f(v), a → f′(v)·a, b → f′(v)·b. */
export function wideActivation({ node: { fn, slope } }: Of<'activation'>): Rows {
  const { value, derivative } = activations[fn];
  return ([input], [v, a, b]) => {
    const [x, xa, xb] = input!;
    for (let i = 0; i < v.length; i++) {
      const z = x[i]!;
      const first = derivative(z, slope);
      v[i] = value(z, slope);
      a[i] = first * xa[i]!;
      b[i] = first * xb[i]!;
    }
  };
}

/** Averages and means. */
export function wideReduce({ node }: Of<'reduce'>, input: Shape, output: Shape): Rows {
  const { starts, taps, factors } =
    node.op === 'mean' ? meanTable(node, input) : poolTable(node, input, output);
  const count = starts.length - 1;
  // Divisors, exact where factors are rounded.
  const divisors = Float64Array.from(factors, (factor) => Math.round(1 / factor));
  return ([from], to, groups) => {
    const stride = from![0].length / groups;
    for (const [part, out] of to.entries()) {
      const x = from![part]!;
      for (let i = 0; i < count * groups * groupSamples; i++) {
        const lane = i % groupSamples;
        const row = ((i - lane) / groupSamples) % count;
        const origin = Math.floor(i / (count * groupSamples)) * stride + lane;
        let sum = 0;
        for (let j = starts[row]!; j < starts[row + 1]!; j++) sum += x[origin + taps[j]! * groupSamples]!;
        out[i] = sum / divisors[row]!;
      }
    }
  };
}

/** Products of two values. */
export function wideMultiply(left: Shape, right: Shape, output: Shape): Rows {
  const tables = [repeatedRows(left, output), repeatedRows(right, output)] as const;
  const count = tables[0].length;
  return ([x, y], [v, a, b], groups) => {
    const [xs, ys] = [x![0].length / groups, y![0].length / groups];
    for (let i = 0; i < v.length; i++) {
      const lane = i % groupSamples;
      const row = ((i - lane) / groupSamples) % count;
      const group = Math.floor(i / (count * groupSamples));
      const p = group * xs + tables[0][row]! * groupSamples + lane;
      const q = group * ys + tables[1][row]! * groupSamples + lane;
      v[i] = x![0][p]! * y![0][q]!;
      a[i] = x![1][p]! * y![0][q]! + x![0][p]! * y![1][q]!;
      b[i] = x![2][p]! * y![0][q]! + x![0][p]! * y![2][q]!;
    }
  };
}

/** Concatenation, slices and padding, whose constant belongs to the value alone. */
export function wideCopy({ node }: Of<'copy'>, inputs: readonly Shape[], output: Shape): Rows {
  const tables = copyTables(node, inputs, output);
  return (from, to, groups) => {
    for (const [part, out] of to.entries()) {
      if (node.op === 'pad') out.fill(part === 0 ? node.value : 0);
      const stride = out.length / groups;
      for (const [k, table] of tables.entries()) {
        const x = from[k]![part]!;
        const own = x.length / groups;
        for (let g = 0; g < groups; g++) {
          for (let i = 0; i < table.from.length; i++) {
            const source = g * own + table.from[i]! * groupSamples;
            out.set(x.subarray(source, source + groupSamples), g * stride + table.to[i]! * groupSamples);
          }
        }
      }
    }
  };
}
