/** The pairs of networks that differ in their skips alone, and what a panel is called. */
import { presets } from '../model/presets.js';
import type { Patch, State } from '../state.js';
import { bundledData, bundledOf, type BundledName } from './bundled.js';
import type { Side } from './sides.js';

export interface Pair {
  readonly label: string;
  readonly data: BundledName;
  readonly left: string;
  readonly right: string;
}

export const pairs: readonly Pair[] = [
  {
    label: 'Digits · 20 blocks, batch norm',
    data: 'digits',
    left: 'bnmlp20-plain',
    right: 'bnmlp20-residual',
  },
  {
    label: 'Digits · 10 blocks, batch norm',
    data: 'digits',
    left: 'bnmlp10-plain',
    right: 'bnmlp10-residual',
  },
  { label: 'Digits · 10 blocks', data: 'digits', left: 'mlp-plain-relu', right: 'mlp-residual-relu' },
  {
    label: 'Fashion-MNIST · ResNet-20',
    data: 'fashion',
    left: 'resnet20-noshort-fashion',
    right: 'resnet20-fashion',
  },
];

/** The pair on show; undefined when the two networks were chosen one by one. */
export function pairOf(state: State): Pair | undefined {
  return pairs.find(
    (pair) => pair.data === state.data && pair.left === state.left && pair.right === state.right,
  );
}

/** What shows this pair; with other data than now it begins as those data do. */
export function choosePair({ data, left, right }: Pair, state: State): Patch {
  return data === state.data ? { left, right } : { ...chooseBundled(data), left, right };
}

/** What shows these data with their networks. */
export function chooseBundled(data: BundledName): Patch {
  return { data, ...bundledData[data].start, scaling: 'auto', plane: 'random', loss: 'ce' };
}

/** Names for the two panels: short where skips are the only difference. `title` knows what came out of files. */
export function panelTitles(
  state: State,
  title: (id: string) => string | undefined = () => undefined,
): Record<Side, string> {
  const isPair = pairs.some(
    (pair) =>
      (pair.left === state.left && pair.right === state.right) ||
      (pair.left === state.right && pair.right === state.left),
  );
  const name = (network: string) => {
    const preset = presets.find((candidate) => candidate.name === network);
    if (preset === undefined) return title(network) ?? network;
    return isPair ? (preset.skips ? 'with skips' : 'without skips') : preset.title;
  };
  return { left: name(state.left), right: name(state.right) };
}

/** Names of data for headings and sentences; `title` knows what came out of files. */
export function dataTitle(state: State, title: (id: string) => string | undefined): string {
  return bundledOf(state.data)?.title ?? title(state.data) ?? state.data;
}
