/**
 * A formula of two variables as a list of nodes, each of earlier ones, with its exact first and second
 * derivatives: every node carries its value and the derivatives by the chain rule, in float64.
 */
import { logistic, logisticDerivative, logisticSecondDerivative, softplus } from '../../math/special.js';

/** A function of one argument: value, first and second derivative at u, written to `out`. */
type Unary = (u: number, out: Float64Array) => void;

export const functionNames = [
  'exp',
  'log',
  'sqrt',
  'abs',
  'sin',
  'cos',
  'tan',
  'sinh',
  'cosh',
  'tanh',
  'atan',
  'sigmoid',
  'softplus',
] as const;
export type FunctionName = (typeof functionNames)[number];

/** One node; `a`, `b` and `u`, `v` are numbers of earlier nodes. */
export type Node =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'variable'; readonly index: 0 | 1 }
  | {
      readonly kind: 'add' | 'subtract' | 'multiply' | 'divide' | 'power';
      readonly a: number;
      readonly b: number;
    }
  | { readonly kind: 'negate'; readonly a: number }
  | { readonly kind: 'call'; readonly name: FunctionName; readonly a: number };

/** The numbers of the nodes that this one is computed from. */
export function operandsOf(node: Node): readonly number[] {
  if ('b' in node) return [node.a, node.b];
  return 'a' in node ? [node.a] : [];
}

/** Numbers per node: value, ∂₁, ∂₂, ∂₁₁, ∂₁₂, ∂₂₂. */
export const JET = 6;

const functions: Readonly<Record<FunctionName, Unary>> = {
  exp: (u, out) => out.fill(Math.exp(u)),
  log: (u, out) => set(out, Math.log(u), 1 / u, -1 / (u * u)),
  sqrt: (u, out) => {
    const root = Math.sqrt(u);
    set(out, root, 0.5 / root, -0.25 / (root * u));
  },
  abs: (u, out) => set(out, Math.abs(u), Math.sign(u), 0),
  sin: (u, out) => set(out, Math.sin(u), Math.cos(u), -Math.sin(u)),
  cos: (u, out) => set(out, Math.cos(u), -Math.sin(u), -Math.cos(u)),
  tan: (u, out) => {
    const t = Math.tan(u);
    set(out, t, 1 + t * t, 2 * t * (1 + t * t));
  },
  sinh: (u, out) => set(out, Math.sinh(u), Math.cosh(u), Math.sinh(u)),
  cosh: (u, out) => set(out, Math.cosh(u), Math.sinh(u), Math.cosh(u)),
  tanh: (u, out) => {
    const t = Math.tanh(u);
    // 1 − t² loses its digits where t is near 1.
    const slope = 1 / Math.cosh(u) ** 2;
    set(out, t, slope, -2 * t * slope);
  },
  atan: (u, out) => {
    const slope = 1 / (1 + u * u);
    set(out, Math.atan(u), slope, -2 * u * slope * slope);
  },
  sigmoid: (u, out) => set(out, logistic(u), logisticDerivative(u), logisticSecondDerivative(u)),
  softplus: (u, out) => set(out, softplus(u), logistic(u), logisticDerivative(u)),
};

function set(out: Float64Array, value: number, first: number, second: number): void {
  out[0] = value;
  out[1] = first;
  out[2] = second;
}

/**
 * A function that writes the last node's value, gradient and Hessian at (x, y) to `out`, six numbers. It
 * keeps its working memory; what is not a number stays so.
 */
export function evaluator(nodes: readonly Node[]): (x: number, y: number, out: Float64Array) => void {
  const jets = new Float64Array(JET * nodes.length);
  const f = new Float64Array(3);
  const steps = nodes.map((node, i) => step(node, nodes, jets, JET * i, f));
  const last = JET * (nodes.length - 1);
  return (x, y, out) => {
    for (const run of steps) run(x, y);
    for (let k = 0; k < JET; k++) out[k] = jets[last + k]!;
  };
}

type Step = (x: number, y: number) => void;

function step(node: Node, nodes: readonly Node[], j: Float64Array, o: number, f: Float64Array): Step {
  switch (node.kind) {
    case 'constant':
      j[o] = node.value;
      return () => {};
    case 'variable':
      j[o + 1 + node.index] = 1;
      return node.index === 0 ? (x) => (j[o] = x) : (_, y) => (j[o] = y);
    case 'negate': {
      const a = JET * node.a;
      return () => {
        for (let k = 0; k < JET; k++) j[o + k] = -j[a + k]!;
      };
    }
    case 'add':
    case 'subtract': {
      const [a, b, sign] = [JET * node.a, JET * node.b, node.kind === 'add' ? 1 : -1];
      return () => {
        for (let k = 0; k < JET; k++) j[o + k] = j[a + k]! + sign * j[b + k]!;
      };
    }
    case 'multiply':
      return () => multiply(j, o, JET * node.a, JET * node.b);
    case 'divide':
      return () => divide(j, o, JET * node.a, JET * node.b);
    case 'call': {
      const apply = functions[node.name];
      return () => {
        apply(j[JET * node.a]!, f);
        chain(j, o, JET * node.a, f);
      };
    }
    case 'power': {
      const exponent = nodes[node.b]!;
      return exponent.kind === 'constant'
        ? () => {
            power(j[JET * node.a]!, exponent.value, f);
            chain(j, o, JET * node.a, f);
          }
        : () => powerOfBoth(j, o, JET * node.a, JET * node.b);
    }
  }
}

/** f(u) by the chain rule, `f` being value and derivatives at u. */
function chain(j: Float64Array, o: number, u: number, f: Float64Array): void {
  const [ux, uy] = [j[u + 1]!, j[u + 2]!];
  const [first, second] = [f[1]!, f[2]!];
  j[o] = f[0]!;
  j[o + 1] = first * ux;
  j[o + 2] = first * uy;
  j[o + 3] = first * j[u + 3]! + second * ux * ux;
  j[o + 4] = first * j[u + 4]! + second * ux * uy;
  j[o + 5] = first * j[u + 5]! + second * uy * uy;
}

function multiply(j: Float64Array, o: number, a: number, b: number): void {
  const [av, ax, ay, bv, bx, by] = [j[a]!, j[a + 1]!, j[a + 2]!, j[b]!, j[b + 1]!, j[b + 2]!];
  j[o] = av * bv;
  j[o + 1] = ax * bv + av * bx;
  j[o + 2] = ay * bv + av * by;
  j[o + 3] = j[a + 3]! * bv + 2 * ax * bx + av * j[b + 3]!;
  j[o + 4] = j[a + 4]! * bv + ax * by + ay * bx + av * j[b + 4]!;
  j[o + 5] = j[a + 5]! * bv + 2 * ay * by + av * j[b + 5]!;
}

/** q = a / b: from a = q·b, differentiated. */
function divide(j: Float64Array, o: number, a: number, b: number): void {
  const [bv, bx, by] = [j[b]!, j[b + 1]!, j[b + 2]!];
  const q = j[a]! / bv;
  const qx = (j[a + 1]! - q * bx) / bv;
  const qy = (j[a + 2]! - q * by) / bv;
  j[o] = q;
  j[o + 1] = qx;
  j[o + 2] = qy;
  j[o + 3] = (j[a + 3]! - 2 * qx * bx - q * j[b + 3]!) / bv;
  j[o + 4] = (j[a + 4]! - qx * by - qy * bx - q * j[b + 4]!) / bv;
  j[o + 5] = (j[a + 5]! - 2 * qy * by - q * j[b + 5]!) / bv;
}

/** u^c; whole exponents take negative bases, and 0, 1 and 2 have no pole at 0. */
function power(u: number, c: number, f: Float64Array): void {
  const first = c === 0 ? 0 : c * u ** (c - 1);
  const second = c === 0 || c === 1 ? 0 : c * (c - 1) * u ** (c - 2);
  set(f, u ** c, first, second);
}

/** u^v = exp(v · log u), for positive u. */
function powerOfBoth(j: Float64Array, o: number, u: number, v: number): void {
  const value = j[u]! ** j[v]!;
  const log = Math.log(j[u]!);
  const [uv, ux, uy, vv, vx, vy] = [j[u]!, j[u + 1]!, j[u + 2]!, j[v]!, j[v + 1]!, j[v + 2]!];
  // w = v · log u
  const [lx, ly] = [ux / uv, uy / uv];
  const wx = vx * log + vv * lx;
  const wy = vy * log + vv * ly;
  const wxx = j[v + 3]! * log + 2 * vx * lx + vv * (j[u + 3]! / uv - lx * lx);
  const wxy = j[v + 4]! * log + vx * ly + vy * lx + vv * (j[u + 4]! / uv - lx * ly);
  const wyy = j[v + 5]! * log + 2 * vy * ly + vv * (j[u + 5]! / uv - ly * ly);
  j[o] = value;
  j[o + 1] = value * wx;
  j[o + 2] = value * wy;
  j[o + 3] = value * (wxx + wx * wx);
  j[o + 4] = value * (wxy + wx * wy);
  j[o + 5] = value * (wyy + wy * wy);
}
