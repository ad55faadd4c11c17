/** What files turn into when they are opened. Structured-cloneable: a worker makes it. */
import type { Scaling } from '../../io/dataset.js';
import type { NpyArray } from '../../io/npy.js';
import type { ImportedModel } from '../../io/onnx/import.js';
import type { Run } from '../../io/run.js';
import type { Tensor } from '../../io/safetensors.js';

/** A file something was read from. */
export interface Origin {
  readonly file: string;
  readonly sha256: string;
}

export interface OpenedNetwork extends ImportedModel {
  readonly kind: 'network';
  readonly origin: readonly Origin[];
}

/** Weights or directions: which, depends on the network. */
export interface OpenedTensors {
  readonly kind: 'tensors';
  readonly origin: readonly Origin[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: ReadonlyMap<string, string>;
}

/** The parameters of a network at several steps of its training. */
export interface OpenedRun {
  readonly kind: 'run';
  readonly origin: readonly Origin[];
  readonly run: Run;
  /** What the file says of itself; empty for a series. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** Samples and labels as they stand in the file, before any scaling. */
export interface OpenedData {
  readonly kind: 'data';
  /** Without the ending. */
  readonly name: string;
  readonly origin: readonly Origin[];
  /** [samples, …] */
  readonly x: NpyArray;
  /** [samples] or [samples, outputs]. */
  readonly y: NpyArray;
  /** Names of the classes, where the file has them. */
  readonly classes: readonly string[] | null;
  /** Of a table: its columns in the order of the file, and which one is the label. */
  readonly table: { readonly columns: readonly string[]; readonly label: string } | null;
  /** What such values are usually scaled by. */
  readonly scaling: Scaling;
}

/** A picture exported from here: what made it, as it says itself. */
export interface OpenedPicture {
  readonly kind: 'picture';
  readonly origin: readonly Origin[];
  readonly provenance: unknown;
}

export type Opened = OpenedNetwork | OpenedTensors | OpenedRun | OpenedData | OpenedPicture;
