/**
 * The learning rate: a slider, with what the curvature where the runs stand says about it.
 *
 * @element isoloss-train-rate
 * @fires isoloss-train - `{ patch: { rate } }`
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { formatNumber } from '../../plot/format.js';
import { initialTrain, rateOf, type TrainState } from '../../state-train.js';
import { optimizers } from '../../train/optimizers.js';
import { stabilityLimit } from '../../train/race.js';
import { controls } from '../controls.js';
import type { Run } from './runs.js';

/** Decades of the slider, and its positions in each. */
const DECADES = { from: -5, to: 1 } as const;
const FINENESS = 40;

@customElement('isoloss-train-rate')
export class TrainRateElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 4px;
        padding-bottom: 8px;
      }

      input {
        width: 100%;
        margin: 0;
        accent-color: var(--accent);
      }

      p {
        margin: 0;
        font-size: 12px;
        line-height: 16px;
      }

      .over {
        color: var(--bad);
      }

      button {
        justify-self: start;
      }
    `,
  ];

  @property({ attribute: false }) state: TrainState = initialTrain;
  @property({ attribute: false }) runs: readonly Run[] = [];
  /** Another value whenever the runs have changed. */
  @property({ type: Number }) version = 0;

  private slide(event: Event): void {
    const place = Number((event.target as HTMLInputElement).value) / FINENESS;
    const detail = { patch: { rate: Number((10 ** place).toPrecision(2)) } };
    this.dispatchEvent(new CustomEvent('isoloss-train', { detail, bubbles: true, composed: true }));
  }

  private limit({ trainee, curvature, standing }: Run): TemplateResult | typeof nothing {
    // Where numbers are no longer finite nothing curves either way.
    if (curvature === null || standing?.diverged === true) return nothing;
    const { optimizer, momentum } = this.state;
    const { largest, step, samples } = curvature;
    const rate = rateOf(this.state);
    const where = `${trainee.title}, step ${step}`;
    if (Number.isNaN(largest)) return nothing;
    if (largest <= 0) {
      return html`<p class="soft">
        ${where}: λ_max = ${formatNumber(largest, 3)}, so nothing curves upward and no rate is too large.
      </p>`;
    }
    const usual = optimizers[optimizer].defaults.momentum ?? 0;
    const limit = stabilityLimit(optimizer, largest, momentum === 'auto' ? usual : momentum);
    const gd = 2 / largest;
    const own = limit === null || limit === gd ? '' : `, with this momentum below ${formatNumber(limit, 3)}`;
    const isOver = limit !== null && rate > limit;
    return html`<p
      class=${isOver ? 'over' : 'soft'}
      title=${`Hessian in training mode over ${samples} samples`}
    >
      ${where}: λ_max = ${formatNumber(largest, 3)}. Gradient descent is stable below 2/λ_max =
      ${formatNumber(gd, 3)}${own}${
        limit === null
          ? `; ${optimizers[optimizer].title} scales its steps and has no such limit`
          : `: ${formatNumber(rate)} is ${isOver ? 'above' : 'below'}`
      }.
    </p>`;
  }

  override render(): TemplateResult {
    const rate = rateOf(this.state);
    const { runs } = this;
    const known = runs.filter(({ curvature }) => curvature !== null);
    const stale = runs.some(({ curvature, standing }) => curvature?.step !== (standing?.step ?? 0));
    const measuring = runs.some((run) => run.measuring);
    return html`
      <input
        type="range"
        aria-label="Learning rate, slider"
        aria-valuetext=${String(rate)}
        min=${DECADES.from * FINENESS}
        max=${DECADES.to * FINENESS}
        .value=${live(String(Math.round(Math.log10(rate) * FINENESS)))}
        @input=${(event: Event) => this.slide(event)}
      />
      ${known.map((run) => this.limit(run))}
      ${
        stale || measuring
          ? html`<button
              ?disabled=${measuring || runs.length === 0}
              title="The largest curvature λ_max of the loss where the runs stand now"
              @click=${() => runs.forEach((run) => void run.measureCurvature())}
            >
              ${measuring ? 'Finding 2/λ_max…' : 'Find the stability limit 2/λ_max'}
            </button>`
          : nothing
      }
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-train-rate': TrainRateElement;
  }
}
