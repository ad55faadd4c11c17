import type { Node, OpName } from '../graph.js';
import { activation } from './activation.js';
import { add } from './add.js';
import { batchnorm } from './batchnorm.js';
import { concat } from './concat.js';
import { conv2d } from './conv2d.js';
import { dense } from './dense.js';
import { flatten } from './flatten.js';
import { mean } from './mean.js';
import { multiply } from './multiply.js';
import type { Op } from './op.js';
import { pad } from './pad.js';
import { pool } from './pool.js';
import { scale } from './scale.js';
import { slice } from './slice.js';

/** Every op there is, by name. */
export const ops: { readonly [Name in OpName]: Op<Extract<Node, { op: Name }>> } = {
  dense,
  conv2d,
  batchnorm,
  activation,
  add,
  multiply,
  scale,
  pool,
  mean,
  flatten,
  concat,
  pad,
  slice,
};

/** The op of a node; the caller passes that same node to it. */
export function opOf<N extends Node>(node: N): Op<N> {
  // TypeScript can't see that the key and the record's type argument move together.
  return ops[node.op] as unknown as Op<N>;
}
