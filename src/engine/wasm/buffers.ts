/** Memory for values that live only within a block: found by first fit, given back after the last reader. */

/** A step as far as memory is concerned. */
export interface Use {
  /** Values read. */
  readonly reads: readonly number[];
  /** The value written, null when it lies elsewhere. */
  readonly writes: number | null;
  /** Values read whose memory the result may take, because each row is read before it is written. */
  readonly overwrites: readonly number[];
  /** Bytes needed besides, during the step. */
  readonly scratch: number;
}

export interface Buffers {
  /** Offset of every value written. */
  readonly offsets: ReadonlyMap<number, number>;
  /** Offset of each step's scratch, or −1. */
  readonly scratch: readonly number[];
  /** All that is needed. */
  readonly bytes: number;
}

/** `size` gives the bytes of a value. Values that no step writes take no memory here. */
export function allocate(uses: readonly Use[], size: (value: number) => number): Buffers {
  const lastRead = new Map<number, number>();
  for (const [index, { reads }] of uses.entries()) for (const value of reads) lastRead.set(value, index);
  const space = new Space();
  const offsets = new Map<number, number>();
  const owned = new Set<number>();
  const scratch = uses.map((use, index) => {
    const dying = [...new Set(use.reads)].filter(
      (value) => owned.has(value) && lastRead.get(value) === index,
    );
    if (use.writes !== null) {
      const bytes = size(use.writes);
      const heir = use.overwrites.find((value) => dying.includes(value) && size(value) === bytes);
      offsets.set(use.writes, heir === undefined ? space.take(bytes) : offsets.get(heir)!);
      if (heir !== undefined) {
        owned.delete(heir);
        dying.splice(dying.indexOf(heir), 1);
      }
      owned.add(use.writes);
    }
    const extra = use.scratch > 0 ? space.take(use.scratch) : -1;
    if (extra >= 0) space.give(extra, use.scratch);
    for (const value of dying) {
      owned.delete(value);
      space.give(offsets.get(value)!, size(value));
    }
    return extra;
  });
  return { offsets, scratch, bytes: space.end };
}

/** Free stretches below `end`, in order and never adjacent. */
export class Space {
  end = 0;
  private free: { start: number; end: number }[] = [];

  take(bytes: number): number {
    const gap = this.free.find(({ start, end }) => end - start >= bytes);
    if (gap !== undefined) {
      const { start } = gap;
      gap.start += bytes;
      this.free = this.free.filter((stretch) => stretch.start < stretch.end);
      return start;
    }
    const last = this.free.at(-1);
    const start = last !== undefined && last.end === this.end ? last.start : this.end;
    if (start < this.end) this.free.pop();
    this.end = start + bytes;
    return start;
  }

  give(start: number, bytes: number): void {
    const stretches = [...this.free, { start, end: start + bytes }].sort((a, b) => a.start - b.start);
    this.free = [];
    for (const stretch of stretches) {
      const last = this.free.at(-1);
      if (last !== undefined && last.end === stretch.start) last.end = stretch.end;
      else this.free.push(stretch);
    }
  }
}
