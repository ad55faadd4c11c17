/** The choice whose basins are shown, and what they are, below the optimizers. */
import { html, nothing, type TemplateResult } from 'lit';
import { formatNumber } from '../../plot/format.js';
import type { State } from '../../state.js';
import type { Basins } from '../../train/basins.js';
import type { Racer } from '../../train/race.js';
import '../field.js';
import { basinsCaption } from './picture.js';
import { racerTitle } from './racers.js';

/** Whose basins are asked for; the last one where there are fewer. Null when there are to be none. */
export function basinRacer({ basins }: Pick<State, 'basins'>, racers: readonly Racer[]): Racer | null {
  return basins === 'off' ? null : racers[Math.min(Number(basins), racers.length) - 1]!;
}

/** `share` of the starts is done, 0 … 1; `failure` is one sentence, or ''. */
export function basinField(
  state: State,
  racers: readonly Racer[],
  found: { readonly basins: Basins | null; readonly share: number; readonly failure?: string },
): TemplateResult {
  const options = [
    { value: 'off', label: 'None' },
    ...racers.map(({ name, rate }, i) => {
      return { value: String(i + 1), label: `${i + 1}: ${racerTitle(name)}, ${formatNumber(rate)}` };
    }),
  ];
  const racer = basinRacer(state, racers);
  const { basins, share, failure = '' } = found;
  const words =
    failure !== ''
      ? failure
      : basins === null
        ? `Basins: ${Math.round(100 * share)} %`
        : basinsCaption(basins, racerTitle(racer?.name ?? 'gd'));
  return html`<isoloss-field name="basins" .state=${state} .options=${options}></isoloss-field>
    ${racer === null ? nothing : html`<p class="soft">${words}</p>`}`;
}
