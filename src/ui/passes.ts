/** Which passes a picture needs. */
import type { Evaluator, Passes, Precision } from '../engine/engine.js';
import { engineTitles } from '../engine/select.js';
import type { State } from '../state.js';

export type PassName = 'loss' | 'difference' | 'gradient' | 'curvature' | 'slopes';

/** What fills the map. */
export function shownPass({ show }: State): PassName {
  return show === 'delta' ? 'difference' : show === 'gradient' || show === 'curvature' ? show : 'loss';
}

/** What is to be computed: what fills the map, the losses for read-outs and captions, and which way is down. */
export function passesOf(state: State): readonly PassName[] {
  const shown = shownPass(state);
  const hasSlopes = shown === 'gradient' || shown === 'curvature';
  const slopes = wantsSlopes(state) && !hasSlopes ? (['slopes'] as const) : [];
  return [...new Set([shown, 'loss', ...slopes] as const)];
}

/** Whether first derivatives are wanted beside what fills the map. */
export function wantsSlopes({ downhill, plateaus, view, show }: State): boolean {
  return plateaus || (downhill !== 'none' && (view === 'map' || show === 'curvature'));
}

/** The arithmetic in which an evaluator computes a pass. */
export function precisionOf(passes: Passes, pass: PassName): Precision {
  if (pass === 'loss') return passes.evaluate;
  return pass === 'difference' ? passes.differences : passes.derivatives;
}

/** Why what is shown takes float64 on an engine whose losses are in float32; '' when it doesn't. */
export function exactnessSentence(evaluators: Iterable<Evaluator>, state: State): string {
  const wanted = passesOf(state);
  const sentences = [...evaluators].flatMap(({ passes, info }) => {
    const { derivatives, differences } = passes.obstacles ?? {};
    const kinds = [
      ['L − L(centre) is', wanted.includes('difference') ? differences : undefined],
      ['Derivatives are', wanted.some(isDerivative) ? derivatives : undefined],
    ] as const;
    return kinds.flatMap(([what, obstacle]) => {
      const engine = engineTitles[info.engine];
      const why = `${engine} has no float32 pass for this, as ${obstacle}`;
      return obstacle === undefined ? [] : [`${what} computed in float64, which is slower: ${why}.`];
    });
  });
  return [...new Set(sentences)].join(' ');
}

function isDerivative(pass: PassName): boolean {
  return pass === 'gradient' || pass === 'curvature' || pass === 'slopes';
}
