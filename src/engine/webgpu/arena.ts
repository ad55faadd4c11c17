/** Every buffer of one problem on a device, and where its values live. */
import type { Problem } from '../engine.js';
import { EngineUnsupportedError } from '../engine.js';
import { productsOf } from './chain.js';
import type { ComputeDevice } from './device.js';
import { LANE, packChannels, packInputs, packTruth, padTo } from './pack.js';
import type { Capacity } from './plan.js';
import type { LinearStep, Program, Step } from './program.js';
import { OCTET, POINT_LANES } from './stages.js';

/** Offsets of uniform buffers are multiples of this by default. */
export const UNIFORM_STRIDE = 256;

/** `GPUBufferUsage`, whose global is missing from Node. */
const USAGE = { COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 } as const;
const STORAGE = USAGE.STORAGE | USAGE.COPY_DST;

/** Part of the data and of the points that one run of the dispatches works on. */
export interface Extent {
  readonly points: number;
  /** Vectors of four samples. */
  readonly columns: number;
  /** First column of fixed values. */
  readonly firstColumn: number;
  /** Samples that count, relative to the first loaded. */
  readonly start: number;
  readonly end: number;
}

/** Where a value is read, in vectors of four samples. */
export interface Address {
  readonly first: number;
  /** From row to row. */
  readonly row: number;
  /** From point to point; 0 for what is the same at every point. */
  readonly point: number;
}

export interface Source {
  readonly buffer: GPUBuffer;
  address(extent: Extent): Address;
}

interface TileBuffers {
  readonly input: GPUBuffer;
  readonly products: GPUBuffer;
}

export class Arena {
  /** Columns of the whole data set. */
  readonly columns: number;
  readonly points: GPUBuffer;
  readonly channels: GPUBuffer;
  readonly affine: GPUBuffer;
  readonly truth: GPUBuffer;
  readonly partials: GPUBuffer;
  readonly uniforms: GPUBuffer;
  /** Weights of one layer at the points of a slice, where a stage forms them. */
  readonly formed: GPUBuffer;
  /** Bound where a stage has no second value. */
  readonly nothing: GPUBuffer;
  private tileBuffers: TileBuffers | null = null;
  private readonly owned: GPUBuffer[] = [];
  private readonly fixed = new Map<number, GPUBuffer>();
  private readonly products = new Map<LinearStep, GPUBuffer>();
  private readonly slots: readonly GPUBuffer[];

  /** Allocates and fills everything; call it inside error scopes. */
  constructor(
    private readonly gpu: ComputeDevice,
    private readonly problem: Problem,
    private readonly program: Program,
    readonly capacity: Capacity,
    dispatches: number,
  ) {
    const { model, data, d1, d2 } = problem;
    this.columns = padTo(data.samples, OCTET) / LANE;
    const bytes = (value: number): number => program.rows[value]! * this.columns * 16;
    this.fixed.set(0, this.upload('inputs', packInputs(data)));
    for (const { name, output } of program.shared) {
      if (!this.fixed.has(output)) this.fixed.set(output, this.allocate(name, bytes(output)));
    }
    for (const step of program.steps) {
      const linear = productsOf(step);
      if (linear)
        this.products.set(linear, this.allocate(`products of ${linear.name}`, 3 * bytes(linear.output)));
    }
    this.slots = program.slotRows.map((rows, i) => this.allocate(`slot ${i}`, rows * capacity.cells * 4));
    this.points = this.allocate('points', padTo(capacity.points, POINT_LANES) * 16);
    this.channels = this.upload('channels', packChannels(model, [d1, d2], program));
    this.affine = this.allocate('affine', padTo(capacity.points, POINT_LANES) * program.channelCount * 8);
    this.truth = this.upload('truth', packTruth(data, program.sizes[program.logits]!));
    this.partials = this.allocate('partials', capacity.partials * 16, USAGE.STORAGE | USAGE.COPY_SRC);
    this.formed = this.allocate('formed', capacity.points * capacity.formed);
    this.nothing = this.allocate('nothing', 32);
    this.uniforms = this.allocate('uniforms', dispatches * UNIFORM_STRIDE, USAGE.UNIFORM | USAGE.COPY_DST);
  }

  /** A buffer of its own with these contents. */
  upload(label: string, data: ArrayBuffer | ArrayBufferView<ArrayBuffer>): GPUBuffer {
    const buffer = this.allocate(label, data.byteLength);
    this.gpu.device.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  /** Where a value is read: fixed ones by data-set column, the others in their slot. */
  source(value: number): Source {
    const fixed = this.fixed.get(value);
    const rows = this.program.rows[value]!;
    if (fixed) {
      return { buffer: fixed, address: (e) => ({ first: e.firstColumn, row: this.columns, point: 0 }) };
    }
    const buffer = this.slots[this.program.slots[value]!]!;
    return { buffer, address: (e) => ({ first: 0, row: e.columns, point: rows * e.columns }) };
  }

  /** The buffer that a step writes. */
  output({ output }: Step): GPUBuffer {
    return this.fixed.get(output) ?? this.slots[this.program.slots[output]!]!;
  }

  isFixed({ output }: Step): boolean {
    return this.fixed.has(output);
  }

  /** xW, xD1 and xD2 of a step that is linear in (α, β). */
  productsOf(step: LinearStep): GPUBuffer {
    return this.products.get(step)!;
  }

  /** The tiles of one layer at a time and their products: made when first asked for, each of `bytes`. */
  tiles(bytes: number): TileBuffers {
    return (this.tileBuffers ??= {
      input: this.allocate('tiles', bytes),
      products: this.allocate('products of tiles', bytes),
    });
  }

  /** Gives the memory of the tiles back. */
  dropTiles(): void {
    const { input, products } = this.tileBuffers ?? {};
    input?.destroy();
    products?.destroy();
    this.tileBuffers = null;
  }

  destroy(): void {
    for (const buffer of this.owned) buffer.destroy();
    this.owned.length = 0;
  }

  private allocate(label: string, size: number, usage: number = STORAGE): GPUBuffer {
    const most = this.gpu.device.limits.maxStorageBufferBindingSize;
    const bytes = padTo(Math.max(32, size), 32);
    if (bytes > most) {
      const [needed, allowed] = [bytes, most].map((count) => Math.ceil(count / 2 ** 20));
      throw new EngineUnsupportedError(
        `${this.problem.model.name}: ${label} takes ${needed} MiB, ${this.gpu.adapter} binds at most ${allowed}; use fewer samples or the WASM engine`,
      );
    }
    const buffer = this.gpu.device.createBuffer({ label, size: bytes, usage });
    this.owned.push(buffer);
    return buffer;
  }
}
