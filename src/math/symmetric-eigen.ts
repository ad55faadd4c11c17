/** Eigenpairs of small symmetric matrices, row-major in float64. */

export interface Eigenpairs {
  /** Largest first. */
  readonly values: Float64Array;
  /** Row i is the unit eigenvector of value i; its entry of largest magnitude is positive. */
  readonly vectors: Float64Array;
}

/** Off-diagonal norm, as a share of the whole, at which a matrix counts as diagonal. */
const DIAGONAL = 1e-15;
/** Jacobi's method converges quadratically: six to ten sweeps in practice. */
const MOST_SWEEPS = 40;
/** Up to this size all pairs are found by rotations; above, a leading few by iterating on a subspace. */
const SMALL = 64;
/** Vectors iterated on besides those asked for: their gap to the rest sets the pace. */
const GUARDS = 10;
/** A residual below this share of the largest value is rounding. */
const CONVERGED = 1e-13;
/** Only spectra that hardly fall need so many; their leading vectors are then as good as any others. */
const MOST_ITERATIONS = 1000;

/** All pairs, by cyclic Jacobi rotations (Golub & Van Loan, *Matrix Computations*, 8.5). `matrix` is `[n, n]`. */
export function symmetricEigen(matrix: ArrayLike<number>, n: number): Eigenpairs {
  const a = Float64Array.from(matrix);
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  const whole = norm(a);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) for (let q = 0; q < p; q++) off += 2 * a[p * n + q]! ** 2;
    if (!(Math.sqrt(off) > DIAGONAL * whole)) break;
    for (let p = 0; p < n - 1; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  }
  const order = [...Array(n).keys()].sort((i, j) => a[j * n + j]! - a[i * n + i]!);
  const vectors = new Float64Array(n * n);
  order.forEach((i, row) => vectors.set(v.subarray(i * n, (i + 1) * n), row * n));
  for (let row = 0; row < n; row++) orient(vectors.subarray(row * n, (row + 1) * n));
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** The `count` largest values of a positive semidefinite `[n, n]` matrix and their vectors. */
export function leadingEigenpairs(matrix: Float64Array, n: number, count: number): Eigenpairs {
  if (n <= SMALL) {
    const { values, vectors } = symmetricEigen(matrix, n);
    return { values: values.slice(0, count), vectors: vectors.slice(0, count * n) };
  }
  const size = Math.min(n, count + GUARDS);
  let basis = orthonormal(startingBasis(size, n), size, n);
  for (let iteration = 0; ; iteration++) {
    const image = times(matrix, basis, size, n);
    // Rayleigh–Ritz: the pairs of the matrix as the subspace sees it.
    const seen = new Float64Array(size * size);
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) seen[i * size + j] = dot(basis, i, image, j, n);
    const ritz = symmetricEigen(seen, size);
    const vectors = combine(ritz.vectors, basis, count, size, n);
    const images = combine(ritz.vectors, image, count, size, n);
    const residual = (i: number): number => {
      let sum = 0;
      for (let k = i * n; k < (i + 1) * n; k++) sum += (images[k]! - ritz.values[i]! * vectors[k]!) ** 2;
      return Math.sqrt(sum);
    };
    const rest = Math.max(...Array.from({ length: count }, (_, i) => residual(i)));
    if (!(rest > CONVERGED * ritz.values[0]!) || iteration === MOST_ITERATIONS) {
      for (let i = 0; i < count; i++) orient(vectors.subarray(i * n, (i + 1) * n));
      return { values: ritz.values.slice(0, count), vectors };
    }
    basis = orthonormal(combine(ritz.vectors, image, size, size, n), size, n);
  }
}

/** One rotation in the plane of axes p and q that makes a[p, q] zero; rows of `v` are turned along. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(t, 1);
  const sin = t * cos;
  const turn = (array: Float64Array, i: number, j: number): void => {
    const [x, y] = [array[i]!, array[j]!];
    array[i] = cos * x - sin * y;
    array[j] = sin * x + cos * y;
  };
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k);
  for (let k = 0; k < n; k++) turn(v, p * n + k, q * n + k);
}

/** Rows that no spectrum is orthogonal to: cosines of many frequencies, the same every time. */
function startingBasis(rows: number, n: number): Float64Array {
  return Float64Array.from({ length: rows * n }, (_, i) =>
    Math.cos((Math.floor(i / n) + 1) * ((i % n) + 0.5) * 1.618033988749895),
  );
}

/** Rows made orthonormal by Gram–Schmidt, done twice; a row that depends on those before becomes another unit vector. */
function orthonormal(rows: Float64Array, count: number, n: number): Float64Array {
  for (let i = 0; i < count; i++) {
    const row = rows.subarray(i * n, (i + 1) * n);
    for (let attempt = 0; ; attempt++) {
      const before = norm(row);
      for (let pass = 0; pass < 2; pass++) {
        for (let j = 0; j < i; j++) {
          const share = dot(rows, i, rows, j, n);
          for (let k = 0; k < n; k++) row[k]! -= share * rows[j * n + k]!;
        }
      }
      const left = norm(row);
      if (left > 1e-10 * before) {
        for (let k = 0; k < n; k++) row[k]! /= left;
        break;
      }
      row.fill(0);
      row[(i + attempt) % n] = 1;
    }
  }
  return rows;
}

/** Rows of `basis` times a symmetric matrix. */
function times(matrix: Float64Array, basis: Float64Array, rows: number, n: number): Float64Array {
  const image = new Float64Array(rows * n);
  for (let i = 0; i < rows; i++) for (let k = 0; k < n; k++) image[i * n + k] = dot(matrix, k, basis, i, n);
  return image;
}

/** Row i of the result is Σ_j coefficients[i, j] · rows[j]. */
function combine(
  coefficients: Float64Array,
  rows: Float64Array,
  count: number,
  size: number,
  n: number,
): Float64Array {
  const out = new Float64Array(count * n);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < size; j++) {
      const c = coefficients[i * size + j]!;
      for (let k = 0; k < n; k++) out[i * n + k]! += c * rows[j * n + k]!;
    }
  }
  return out;
}

/** Product of row i of a with row j of b. */
function dot(a: Float64Array, i: number, b: Float64Array, j: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i * n + k]! * b[j * n + k]!;
  return sum;
}

function norm(a: Float64Array): number {
  return Math.sqrt(dot(a, 0, a, 0, a.length));
}

/** An eigenvector has no sign of its own: the entry of largest magnitude, the first of equals, is made positive. */
function orient(vector: Float64Array): void {
  let largest = 0;
  for (let k = 1; k < vector.length; k++) {
    if (Math.abs(vector[k]!) > Math.abs(vector[largest]!) * (1 + 1e-9)) largest = k;
  }
  if (vector[largest]! < 0) for (let k = 0; k < vector.length; k++) vector[k]! *= -1;
}
