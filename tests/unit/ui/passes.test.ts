import { expect, test } from 'vitest';
import type { Evaluator, Passes } from '../../../src/engine/engine.js';
import { initialState } from '../../../src/state.js';
import { exactnessSentence } from '../../../src/ui/passes.js';

const passes: Passes = {
  evaluate: 'float32',
  derivatives: 'float64',
  differences: 'float64',
  obstacles: { derivatives: 'mix multiplies two values', differences: 'act is gelu' },
};
const on = (own: Passes) => ({ info: { engine: 'wasm', adapter: '' }, passes: own }) as Evaluator;
const shown = (show: 'loss' | 'delta' | 'gradient') => ({ ...initialState, show });

test('says why what is shown takes float64, once for both panels', () => {
  const both = [on(passes), on(passes)];
  expect(exactnessSentence(both, shown('loss'))).toBe('');
  expect(exactnessSentence(both, shown('delta'))).toBe(
    'L − L(centre) is computed in float64, which is slower: WASM has no float32 pass for this, as act is gelu.',
  );
  const slopes = { ...shown('delta'), plateaus: true };
  expect(exactnessSentence(both, slopes)).toMatch(
    /as act is gelu\. Derivatives are .* as mix multiplies two/,
  );
});

test('says nothing where the pass is in float32, or everything is in float64', () => {
  const able: Passes = { evaluate: 'float32', derivatives: 'float32', differences: 'float32', obstacles: {} };
  const exact: Passes = { evaluate: 'float64', derivatives: 'float64', differences: 'float64' };
  expect(exactnessSentence([on(able), on(exact)], shown('gradient'))).toBe('');
});
