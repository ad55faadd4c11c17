/**
 * The optimizers of a race, one block each: which, its colour, its learning rate beside the stability limit,
 * and the loss it has reached.
 *
 * @element isoloss-racers
 * @fires isoloss-change - `{ patch: { racers } }`
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { formatNumber } from '../../plot/format.js';
import { pathColour } from '../../plot/paths.js';
import { LEAST_RATE, MOST_RACERS, MOST_RATE, parseRate } from '../../state-paths.js';
import { optimizers } from '../../train/optimizers.js';
import { type Racer, type RacerName, racerNames, stabilityLimit } from '../../train/race.js';
import { controls } from '../controls.js';
import { icons } from '../icons.js';

export function racerTitle(name: RacerName): string {
  return name === 'flow' ? 'Gradient flow' : optimizers[name].title;
}

/** Positions of the slider per decade. */
const FINENESS = 40;

@customElement('isoloss-racers')
export class RacersElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 16px;
      }

      .racer {
        display: grid;
        grid-template-columns: 16px minmax(0, 1fr) auto;
        gap: 4px 8px;
        align-items: center;
      }

      circle {
        stroke: var(--line-strong);
      }

      .rate {
        display: grid;
        grid-template-columns: minmax(0, 1fr) 80px;
        grid-column: 2 / -1;
        gap: 8px;
        align-items: center;
      }

      .rate input {
        width: 100%;
        min-width: 0;
        accent-color: var(--accent);
      }

      .input {
        padding: 0 8px;
      }

      p {
        grid-column: 2 / -1;
        margin: 0;
        font-size: 12px;
        line-height: 16px;
      }

      .over {
        color: var(--bad);
      }
    `,
  ];

  @property({ attribute: false }) racers: readonly Racer[] = [];
  /** What each has reached, in words. */
  @property({ attribute: false }) reached: readonly string[] = [];
  /** λ_max at the lowest point reached; NaN when there is none. */
  @property({ type: Number }) curvature = NaN;

  private give(racers: readonly Racer[]): void {
    const detail = { patch: { racers } };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
    // What was refused shows the old value again.
    this.requestUpdate();
  }

  private put(i: number, patch: Partial<Racer>): void {
    this.give(this.racers.map((racer, k) => (k === i ? { ...racer, ...patch } : racer)));
  }

  private slide(i: number, event: Event): void {
    const place = Number((event.target as HTMLInputElement).value) / FINENESS;
    this.put(i, { rate: Number((10 ** place).toPrecision(2)) });
  }

  private limit({ name, rate }: Racer): TemplateResult {
    const limit = stabilityLimit(name, this.curvature);
    if (limit === null) return html``;
    return html`<p class=${rate > limit ? 'over' : 'soft'}>
      ${rate > limit ? 'above' : 'below'} the stability limit ${formatNumber(limit, 3)}
    </p>`;
  }

  private row(racer: Racer, i: number): TemplateResult {
    const title = racerTitle(racer.name);
    return html`<div class="racer" role="group" aria-label=${`Optimizer ${i + 1}: ${title}`}>
      <svg width="16" height="16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill=${pathColour(i)} />
      </svg>
      <select
        aria-label="Optimizer"
        @change=${(event: Event) => this.put(i, { name: (event.target as HTMLSelectElement).value as RacerName })}
      >
        ${racerNames.map(
          (name) => html`<option value=${name} .selected=${name === racer.name}>${racerTitle(name)}</option>`,
        )}
      </select>
      <button
        class="plain icon"
        title="Remove"
        aria-label=${`Remove ${title}`}
        ?disabled=${this.racers.length < 2}
        @click=${() => this.give(this.racers.filter((_, k) => k !== i))}
      >
        ${icons.close}
      </button>
      <div class="rate">
        <input
          type="range"
          aria-label=${racer.name === 'flow' ? 'Time per step' : 'Learning rate'}
          aria-valuetext=${String(racer.rate)}
          min=${Math.log10(LEAST_RATE) * FINENESS}
          max=${Math.log10(MOST_RATE) * FINENESS}
          .value=${live(String(Math.round(Math.log10(racer.rate) * FINENESS)))}
          @input=${(event: Event) => this.slide(i, event)}
        />
        <input
          class="input"
          inputmode="decimal"
          autocomplete="off"
          aria-label=${racer.name === 'flow' ? 'Time per step, exactly' : 'Learning rate, exactly'}
          .value=${live(String(racer.rate))}
          @change=${(event: Event) =>
            this.put(i, { rate: parseRate((event.target as HTMLInputElement).value) ?? racer.rate })}
        />
      </div>
      ${this.limit(racer)}
      <p>${this.reached[i] ?? ''}</p>
    </div>`;
  }

  override render(): TemplateResult {
    const next = racerNames.find((name) => this.racers.every((racer) => racer.name !== name)) ?? 'gd';
    return html`${this.racers.map((racer, i) => this.row(racer, i))}
    ${
      this.racers.length < MOST_RACERS
        ? html`<button
            @click=${() => this.give([...this.racers, { name: next, rate: this.racers[0]!.rate }])}
          >
            ${icons.plus}Add an optimizer
          </button>`
        : nothing
    }
    ${
      Number.isFinite(this.curvature)
        ? html`<p class="soft">
            Largest curvature at the lowest point reached: λ = ${formatNumber(this.curvature, 3)}.
            ${
              this.curvature > 0
                ? 'Gradient descent is stable there below 2/λ.'
                : 'Nothing curves upward there, so no rate is too large.'
            }
          </p>`
        : nothing
    }`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-racers': RacersElement;
  }
}
