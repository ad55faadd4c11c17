/** The pairs of networks that differ in their skips alone, and what a panel is called. */
import { presets } from '../model/presets.js';
import type { State } from '../state.js';
import type { Side } from './session.js';

export interface Pair {
  readonly label: string;
  readonly left: string;
  readonly right: string;
}

export const pairs: readonly Pair[] = [
  { label: 'Digits · 20 blocks, batch norm', left: 'bnmlp20-plain', right: 'bnmlp20-residual' },
  { label: 'Digits · 10 blocks, batch norm', left: 'bnmlp10-plain', right: 'bnmlp10-residual' },
  { label: 'Digits · 10 blocks', left: 'mlp-plain-relu', right: 'mlp-residual-relu' },
];

/** The pair on show; undefined when the two networks were chosen one by one. */
export function pairOf(state: State): Pair | undefined {
  return pairs.find((pair) => pair.left === state.left && pair.right === state.right);
}

/** Names for the two panels: short where skips are the only difference. */
export function panelTitles(state: State): Record<Side, string> {
  const isPair = pairs.some(
    (pair) =>
      (pair.left === state.left && pair.right === state.right) ||
      (pair.left === state.right && pair.right === state.left),
  );
  const name = (network: string) => {
    const preset = presets.find((candidate) => candidate.name === network);
    if (preset === undefined) return network;
    return isPair ? (preset.skips ? 'with skips' : 'without skips') : preset.title;
  };
  return { left: name(state.left), right: name(state.right) };
}
