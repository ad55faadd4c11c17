/**
 * Asks before a run that would take more than a minute, and offers what would not.
 *
 * @element isoloss-cost
 * @fires isoloss-change - `{ patch }`: a smaller grid, or fewer samples
 * @fires isoloss-resume - run it anyway
 * @csspart card - the card
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { EngineInfo } from '../engine/engine.js';
import { engineTitles } from '../engine/select.js';
import type { Estimate, Offer } from '../landscape/estimate.js';
import { initialState, type Patch, type State } from '../state.js';
import { controls } from './controls.js';
import { cardStyles } from './files/card-styles.js';
import { count, duration, prefixed } from './numbers.js';

@customElement('isoloss-cost')
export class CostElement extends LitElement {
  static override styles = [controls, cardStyles];

  /** Of the run that waits; null when none does. */
  @property({ attribute: false }) estimate: Estimate | null = null;
  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) info: EngineInfo | null = null;

  private choose(patch: Patch): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  private resume(): void {
    this.dispatchEvent(new Event('isoloss-resume', { bubbles: true, composed: true }));
  }

  private offer({ size, samples, seconds }: Offer, isFirst: boolean): TemplateResult {
    const { state } = this;
    const words = [
      ...(size === state.size ? [] : [`${size} × ${size} points`]),
      ...(samples === state.samples ? [] : [`${count(samples)} samples`]),
    ];
    return html`<button class=${isFirst ? 'primary' : ''} @click=${() => this.choose({ size, samples })}>
      ${words.join(', ')}: ${duration(seconds)}
    </button>`;
  }

  override render(): TemplateResult {
    const { estimate, info } = this;
    const { size, samples } = this.state;
    return html`<div role="status">
      ${
        estimate === null
          ? nothing
          : html`<section class="card" part="card" aria-labelledby="heading">
              <h2 id="heading">This picture takes about ${duration(estimate.seconds)}</h2>
              <p>
                ${size} × ${size} points × ${count(samples)} samples are ${prefixed(estimate.flop)}FLOP and
                ${prefixed(estimate.bytes)}B of
                memory${info === null ? '' : ` on ${engineTitles[info.engine]} (${info.adapter})`}.
              </p>
              <div class="actions">
                ${estimate.smaller.map((offer, i) => this.offer(offer, i === 0))}
                <button @click=${this.resume}>Run anyway</button>
              </div>
            </section>`
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-cost': CostElement;
  }
}
