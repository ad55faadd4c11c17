/** Addresses in a memory that is planned before it is there, and what is written to it once. */
import { ownBytes } from '../modules.js';

/** Stretches start at a cache line; kernels may read one vector beyond their end. */
const line = 64;
const beyond = 16;

export class Layout {
  private readonly tables: { readonly at: number; readonly entries: Uint32Array }[] = [];
  private end = ownBytes;

  /** Address of a stretch of its own. */
  take(bytes: number): number {
    const at = this.end;
    this.end = Math.ceil((at + bytes + beyond) / line) * line;
    return at;
  }

  /** A stretch with these unsigned integers. */
  table(entries: Uint32Array): number {
    const at = this.take(entries.byteLength);
    this.tables.push({ at, entries });
    return at;
  }

  /** A stretch with these floats. */
  floats(values: Float32Array): number {
    return this.table(new Uint32Array(values.buffer, values.byteOffset, values.length));
  }

  /** All that is needed. */
  get bytes(): number {
    return this.end;
  }

  /** Writes the tables, once there is memory. */
  write(buffer: ArrayBuffer): void {
    for (const { at, entries } of this.tables) new Uint32Array(buffer, at, entries.length).set(entries);
  }
}
