/**
 * Activations that the exporters spell out in arithmetic: GELU as x/2·(1 + erf(x/√2)), its tanh form as
 * x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) and SiLU as x·sigmoid(x), the factors in any order.
 */
import type { ActivationName } from '../../model/graph.js';
import type { Value } from './network.js';

/** outer · fn(inner · (of + offset)) */
export interface Spelled {
  readonly fn: ActivationName;
  readonly of: Value;
  readonly offset: number;
  readonly inner: number;
  readonly outer: number;
}

/** of + offset */
interface Factor {
  readonly of: Value;
  readonly offset: number;
}

/** coefficient · Π factors */
interface Product {
  readonly coefficient: number;
  readonly factors: readonly Factor[];
}

const GELU_SLOPE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** The activation that a value is, or null when it is none. */
export function spelledActivation(value: Value): Spelled | null {
  const { coefficient, factors } = factorise(value);
  if (factors.length !== 2) return null;
  const [a, b] = factors as [Factor, Factor];
  return match(coefficient, a, b) ?? match(coefficient, b, a);
}

/** coefficient · x · gate, gate = fn(…) + offset. */
function match(coefficient: number, x: Factor, gate: Factor): Spelled | null {
  const { form, index } = gate.of;
  if (index !== null || form.kind !== 'function') return null;
  const activation = (fn: ActivationName, scale: number, outer: number): Spelled => {
    const inner = near(scale, 1) ? 1 : scale;
    const quotient = outer / inner;
    return { fn, of: x.of, offset: x.offset, inner, outer: near(quotient, 1) ? 1 : quotient };
  };
  if (form.fn === 'tanh') {
    const terms = x.offset === 0 && near(gate.offset, 1) ? polynomial(form.of, x.of) : null;
    if (terms === null) return null;
    const scale = terms[1] / GELU_SLOPE;
    const isGelu = terms[0] === 0 && terms[2] === 0 && near(terms[3], GELU_SLOPE * GELU_CUBIC * scale ** 3);
    return isGelu ? activation('gelu_tanh', scale, 2 * coefficient) : null;
  }
  const argument = linear(form.of);
  const same = argument.of === x.of && near(argument.offset, argument.factor * x.offset);
  if (!same || argument.factor === 0) return null;
  if (form.fn === 'sigmoid') {
    return gate.offset === 0 ? activation('silu', argument.factor, coefficient) : null;
  }
  return near(gate.offset, 1) ? activation('gelu', argument.factor * Math.SQRT2, 2 * coefficient) : null;
}

/** A value that is a node already is never taken apart. */
function factorise(value: Value): Product {
  const { form, index } = value;
  if (index === null && form.kind === 'product') {
    const left = factorise(form.left);
    const right = factorise(form.right);
    return {
      coefficient: left.coefficient * right.coefficient,
      factors: [...left.factors, ...right.factors],
    };
  }
  if (index === null && form.kind === 'affine' && form.factor !== 0) {
    if (form.offset !== 0) {
      return { coefficient: form.factor, factors: [{ of: form.of, offset: form.offset / form.factor }] };
    }
    const inner = factorise(form.of);
    return { coefficient: form.factor * inner.coefficient, factors: inner.factors };
  }
  return { coefficient: 1, factors: [{ of: value, offset: 0 }] };
}

function linear(value: Value): { of: Value; factor: number; offset: number } {
  const { form, index } = value;
  return index === null && form.kind === 'affine' ? form : { of: value, factor: 1, offset: 0 };
}

type Cubic = [number, number, number, number];

/** A value as a polynomial in x of degree 3 at most, or null. */
function polynomial(value: Value, x: Value): Cubic | null {
  if (value === x) return [0, 1, 0, 0];
  const { form, index } = value;
  if (index !== null) return null;
  if (form.kind === 'affine') {
    const of = polynomial(form.of, x);
    if (of === null) return null;
    const [zero, one, two, three] = of.map((term) => term * form.factor) as Cubic;
    return [zero + form.offset, one, two, three];
  }
  if (form.kind !== 'sum' && form.kind !== 'product') return null;
  const left = polynomial(form.left, x);
  const right = polynomial(form.right, x);
  if (left === null || right === null) return null;
  if (form.kind === 'sum') return left.map((term, power) => term + right[power]!) as Cubic;
  const product: Cubic = [0, 0, 0, 0];
  for (const [i, a] of left.entries()) {
    for (const [j, b] of right.entries()) {
      if (a * b === 0) continue;
      if (i + j > 3) return null;
      product[i + j]! += a * b;
    }
  }
  return product;
}

/** Equal up to the rounding of constants to float32 or to the five digits in which people write them. */
function near(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-5 * Math.abs(expected);
}
