/** `--plane`: which plane of a run. */
import type { About } from '../landscape/run-plane.js';
import { oneOf, type Texts, UsageError, whole } from './typed.js';

/** A plane that a run determines; `states`: running statistics move along. */
export type RunPlaneOptions =
  | { readonly kind: 'pca'; readonly about: About; readonly states: boolean }
  | {
      readonly kind: 'steps';
      /** The two steps that the plane goes through besides its centre. */
      readonly steps: readonly [number, number];
      /** The third one, which is its centre where no other is asked for. */
      readonly centre: string | undefined;
      readonly states: boolean;
    };

/** Flags that mean nothing where a run determines the plane. */
const OTHERS = ['d1', 'd2', 'seed', 'norm', 'bias'] as const;

/** The plane of a run; null for drawn and given directions. Throws UsageError. */
export function planeOptions(values: Texts): RunPlaneOptions | null {
  const { plane = 'random', about, states } = values;
  const [kind, ...rest] = String(plane).split(':');
  if (kind === 'random' && rest.length === 0) {
    const flag = about !== undefined ? 'about' : states ? 'states' : null;
    if (flag !== null)
      throw new UsageError(
        `--${flag} belongs to a plane of a run: add --plane pca${flag === 'states' ? ' or --plane steps:I,J' : ''}.`,
      );
    if (values['plane'] !== undefined && values['d1'] !== undefined)
      throw new UsageError('--plane random draws directions, but --d1 gives them: use one of the two.');
    return null;
  }
  const list = kind === 'steps' && rest.length === 1 ? rest[0]!.split(',') : [];
  const isSteps = list.length === 2 || list.length === 3;
  if (!(kind === 'pca' && rest.length === 0) && !isSteps) {
    throw new UsageError(`--plane is '${String(plane)}', but can be random, pca, steps:I,J or steps:I,J,K.`);
  }
  if (values['run'] === undefined) {
    throw new UsageError(`--plane ${String(plane)} is a plane of a run: name its file with --run.`);
  }
  const other = OTHERS.find((flag) => values[flag] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--${other} has no place in --plane ${String(plane)}, which the run determines.`);
  }
  const along = states === true;
  if (!isSteps) {
    const from = typeof about === 'string' ? oneOf('about', about, ['centre', 'mean']) : 'centre';
    return { kind: 'pca', about: from, states: along };
  }
  if (about !== undefined) throw new UsageError('--about belongs to --plane pca.');
  const [one, two, centre] = list.map((text) => whole('plane', text, 0)) as [number, number, number?];
  if (centre !== undefined && values['step'] !== undefined) {
    throw new UsageError('--step names the centre, and --plane has three steps already: name two of them.');
  }
  return {
    kind: 'steps',
    steps: [one, two],
    centre: centre === undefined ? undefined : String(centre),
    states: along,
  };
}
