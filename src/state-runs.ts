/** Settings of planes that a run of training determines. */
import { type FieldBase, onOff } from './state-fields.js';

/** Two steps of a run, or those that suit it. */
export interface StepsField extends FieldBase<readonly [number, number] | 'auto'> {
  readonly kind: 'steps';
}

/** Values of the setting `plane` that a run determines, with their labels. */
export const RUN_PLANES = [
  ['pca', 'Components of the run'],
  ['steps', 'Through steps of the run'],
] as const;

/** Whether the plane is a run's. */
export function isRunPlane({ plane }: { readonly plane: string }): boolean {
  return plane === 'pca' || plane === 'steps';
}

const through: StepsField = {
  kind: 'steps',
  label: 'Through steps',
  initial: 'auto',
  unit: '',
  expects: 'auto or two steps such as 0,50',
  parse(text) {
    if (text === 'auto') return 'auto';
    const match = /^(\d{1,15}),(\d{1,15})$/.exec(text);
    return match === null ? undefined : [Number(match[1]), Number(match[2])];
  },
  format: String,
};

export const runFields = { through, states: onOff('Running statistics move along', false) };
