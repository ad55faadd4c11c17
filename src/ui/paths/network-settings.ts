/** What stands beside a race of optimizers on a network: its settings and what they mean. */
import { html, nothing, type TemplateResult } from 'lit';
import type { Key, State } from '../../state.js';
import { MEASURED } from '../../train/network-race.js';
import type { Racer } from '../../train/race.js';
import '../field.js';
import { count } from '../numbers.js';
import { basinField } from './basin-field.js';
import type { BasinsClient } from './basins-client.js';
import type { RaceClient } from './race-client.js';
import { racerTitle } from './racers.js';

export interface RaceSettings {
  readonly state: State;
  readonly racers: readonly Racer[];
  /** In words, one for each run. */
  readonly reached: readonly string[];
  readonly client: RaceClient;
  readonly basins: BasinsClient;
  /** Why there is no plane as asked for; '' when there is. */
  readonly trouble: string;
  /** Draws all on the plane through the centre, the start and the end of this run. */
  takePlane(index: number): void;
}

export function raceSettings(race: RaceSettings): TemplateResult {
  const { state, racers, client, basins } = race;
  const { samples } = state;
  const measured = Math.min(samples, MEASURED);
  return html`
    <section>
      ${fields(state, 'problem', 'left', 'seed')} ${planeChoice(race)}
      <p class="soft">
        The left network of the landscape, on its plane. Every run takes its steps in the full space of the
        weights and is drawn where the plane is nearest to it: thick near the plane, thin far from it. The map
        is the loss of the plane, which is not that of a run off it.
      </p>
    </section>
    <section>
      <h2>Optimizers</h2>
      <isoloss-racers
        .racers=${racers}
        .reached=${race.reached}
        .curvature=${client.state?.curvature ?? NaN}
      ></isoloss-racers>
      ${fields(state, 'steps', 'raceBatch')} ${basinField(state, racers, basins)}
      ${
        basins.basins === null
          ? nothing
          : html`<p class="soft">
              ${basins.basins.size} × ${basins.basins.size} starts. Two side by side are of one place when no
              barrier lies between their ends: on the straight way there the loss rises above the line between
              theirs by at most 2 % of the starts’.
            </p>`
      }
      <p class="soft">
        Losses are the runs’ own, over
        ${measured === samples ? `all ${count(samples)}` : `${measured} of ${count(samples)}`} samples;
        ${
          Number.isNaN(client.state?.curvature ?? 0)
            ? 'finding the curvature, and with it the stability limit, would take too long here.'
            : 'so is the curvature, in training mode.'
        }
      </p>
    </section>
  `;
}

function fields(state: State, ...names: Key[]): TemplateResult[] {
  return names.map((name) => html`<isoloss-field .name=${name} .state=${state}></isoloss-field>`);
}

function planeChoice({ client, racers, trouble, takePlane }: RaceSettings): TemplateResult {
  const choose = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    const index = Number(select.value);
    select.value = '';
    takePlane(index);
  };
  return html`<label for="through">Plane through the centre, the start and the end of</label>
    <select id="through" ?disabled=${!(client.state?.isDone ?? false)} @change=${choose}>
      <option value="" selected>choose a run …</option>
      ${racers.map(({ name }, i) => html`<option value=${i}>${racerTitle(name)}</option>`)}
    </select>
    <p class="wrong" role="status">${trouble}</p>`;
}
