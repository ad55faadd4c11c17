/** Dispatches of a training step, as they are planned: a stage, its constants, the fields of its struct. */
import type { Choices } from '../assemble.js';
import type { Constants } from '../pipelines.js';
import { flatWorkgroups, type Workgroups } from '../recipe.js';
import {
  TILE,
  trainChannelShape,
  trainElementShape,
  trainFoldShape,
  trainLossShape,
  trainPoolShape,
  trainProductShape,
  type trainingStages,
} from '../training-stages.js';
import type { Fields, UniformStruct } from '../uniform.js';

export interface Call {
  readonly stage: keyof typeof trainingStages;
  readonly constants: Constants;
  readonly choices: Choices;
  readonly workgroups: Workgroups;
  /** Bytes of the struct. */
  readonly size: number;
  pack(view: DataView, offset: number): void;
}

/** Fields that are left out are 0. */
type Some<F extends Fields> = Readonly<Partial<Record<keyof F, number>>>;

function call<F extends Fields>(
  stage: Call['stage'],
  struct: UniformStruct<F>,
  fields: Some<F>,
  workgroups: Workgroups,
  constants: Constants = {},
  choices: Choices = {},
): Call {
  const none = Object.fromEntries(Object.keys(struct.fields).map((name) => [name, 0]));
  const all = { ...none, ...fields } as Record<keyof F, number>;
  const pack = (view: DataView, offset: number): void => struct.pack(all, view, offset);
  return { stage, constants, choices, workgroups, size: struct.size, pack };
}

type Product = Some<typeof trainProductShape.fields> & {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly slice: number;
};

export function product(fields: Product, constants: Constants): Call {
  const { rows, columns, depth, slice } = fields;
  const groups = [Math.ceil(rows / TILE), Math.ceil(columns / TILE), Math.ceil(depth / slice)] as const;
  // Divisors are never 0, not even those that nobody uses.
  const ones = { a_inner: 1, b_inner: 1, c_inner: 1, kernel: 1, kernel_width: 1, stride_y: 1, stride_x: 1 };
  const places = { out_height: 1, out_width: 1, in_height: 1, in_width: 1 };
  const all = { ...ones, ...places, ...fields };
  return call('train_product', trainProductShape, all, groups, constants);
}

export function fold(count: number, slices: number, source: number, output: number): Call {
  const fields = { count, slices, source, output };
  return call('train_fold', trainFoldShape, fields, flatWorkgroups(count, 1, 1));
}

export function channelwise(
  stage: 'train_sums' | 'train_norm' | 'train_norm_backward',
  channels: number,
  fields: Some<typeof trainChannelShape.fields>,
  constants: Constants = {},
): Call {
  return call(stage, trainChannelShape, fields, [channels, 1, 1], constants);
}

export function elementwise(
  stage: 'train_scaled' | 'train_mean',
  fields: Some<typeof trainElementShape.fields> & { readonly count: number },
  constants: Constants = {},
): Call {
  const all = { area: 1, factor: 1, ...fields };
  return call(stage, trainElementShape, all, flatWorkgroups(fields.count, 1, 1), constants);
}

/** Four elements an invocation. */
export function activation(
  stage: 'train_activation' | 'train_slope',
  fn: string,
  fields: Some<typeof trainElementShape.fields> & { readonly count: number },
  constants: Constants = {},
): Call {
  const choices: Choices = stage === 'train_slope' ? { slope: fn } : { activation: fn };
  const groups = flatWorkgroups(Math.ceil(fields.count / 4), 1, 1);
  return call(stage, trainElementShape, fields, groups, constants, choices);
}

export function lossGradient(
  fields: Some<typeof trainLossShape.fields> & { readonly samples: number },
  loss: number,
): Call {
  const groups = [Math.ceil(fields.samples / 64), 1, 1] as const;
  return call('train_loss', trainLossShape, fields, groups, { LOSS: loss });
}

export function pooling(
  fields: Some<typeof trainPoolShape.fields> & { readonly count: number },
  constants: Constants,
): Call {
  return call('train_pool', trainPoolShape, fields, flatWorkgroups(fields.count, 1, 1), constants);
}
