/** Which kernels a planned call means. */
import { convolution } from './convolution.js';
import { combination, dense, products } from './products.js';
import type { Bind } from './machine.js';
import type { Call, Plan } from './plan.js';
import { activation, add, affine, copy, multiply, reduce } from './rows.js';

/** `scratch` is the call's offset in bytes a group, −1 without. Call it before the arena is laid out. */
export function prepareCall({ step, part }: Call, scratch: number, plan: Plan): Bind {
  switch (step.kind) {
    case 'product':
      if (part === 'products') return products(step, plan);
      if (part === 'combination') return combination(step, plan);
      return step.node.op === 'dense' ? dense(step, plan) : convolution(step, scratch, plan);
    case 'activation':
      return activation(step, plan);
    case 'affine':
      return affine(step, plan);
    case 'add':
      return add(step, plan);
    case 'multiply':
      return multiply(step, plan);
    case 'copy':
      return copy(step, plan);
    case 'reduce':
      return reduce(step, plan);
  }
}
