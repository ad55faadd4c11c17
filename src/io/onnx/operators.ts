/** Every operator that the importer knows. */
import { activations } from './activations.js';
import { arithmetic } from './arithmetic.js';
import type { Operator } from './call.js';
import { layers } from './layers.js';
import { pooling } from './pooling.js';
import { rearrangements } from './rearrange.js';

/** Operators on values of the network, by ONNX's name. */
export const operators: ReadonlyMap<string, Operator> = new Map([
  ...layers,
  ...arithmetic,
  ...activations,
  ...pooling,
  ...rearrangements,
]);

/** Operators that may end a network and are left out, since the losses take logits. */
export const endings = ['Softmax', 'LogSoftmax', 'Sigmoid'] as const;
