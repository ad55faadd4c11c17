/** A row-major matrix inside a longer array, from element `start`. */
export interface Block {
  readonly data: Float64Array;
  readonly start: number;
}

/**
 * C = A·Bᵀ in float64: A is `[rows, inner]`, B `[columns, inner]`, C `[rows, columns]`, all row-major.
 * Two rows by two columns at a time, as four independent sums and each number read used twice make it
 * about twice as fast as one inner product after another; every sum runs in order of the inner index.
 */
export function multiplyTransposed(
  a: Block,
  b: Block,
  c: Block,
  rows: number,
  columns: number,
  inner: number,
): void {
  const left = a.data;
  const right = b.data;
  const out = c.data;
  for (let i = 0; i < rows; i += 2) {
    // With an odd size the last row or column is its own neighbour and is written twice.
    const next = Math.min(i + 1, rows - 1);
    const a0 = a.start + i * inner;
    const a1 = a.start + next * inner;
    for (let j = 0; j < columns; j += 2) {
      const beside = Math.min(j + 1, columns - 1);
      const b0 = b.start + j * inner;
      const b1 = b.start + beside * inner;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let k = 0; k < inner; k++) {
        const p = left[a0 + k]!;
        const q = left[a1 + k]!;
        const u = right[b0 + k]!;
        const v = right[b1 + k]!;
        s00 += p * u;
        s01 += p * v;
        s10 += q * u;
        s11 += q * v;
      }
      out[c.start + i * columns + j] = s00;
      out[c.start + i * columns + beside] = s01;
      out[c.start + next * columns + j] = s10;
      out[c.start + next * columns + beside] = s11;
    }
  }
}

/** C ← C + A·B in float64: A is `[rows, inner]`, B `[inner, columns]`, C `[rows, columns]`, all row-major. */
export function addProduct(a: Block, b: Block, c: Block, rows: number, inner: number, columns: number): void {
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < inner; k++) {
      addRow(a.data[a.start + i * inner + k]!, b, k * columns, c, i * columns, columns);
    }
  }
}

/** C ← C + Aᵀ·B in float64: A is `[inner, rows]`, B `[inner, columns]`, C `[rows, columns]`, all row-major. */
export function addTransposedProduct(
  a: Block,
  b: Block,
  c: Block,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let k = 0; k < inner; k++) {
    for (let i = 0; i < rows; i++) {
      addRow(a.data[a.start + k * rows + i]!, b, k * columns, c, i * columns, columns);
    }
  }
}

/** c ← c + factor·b for `count` elements from these places of the blocks. */
function addRow(factor: number, b: Block, from: number, c: Block, to: number, count: number): void {
  const source = b.start + from;
  const target = c.start + to;
  for (let j = 0; j < count; j++) c.data[target + j]! += factor * b.data[source + j]!;
}
