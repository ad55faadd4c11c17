/**
 * Warns when the two directions of a panel are nearly parallel, and offers both remedies.
 *
 * @element isoloss-cosine
 * @fires isoloss-change - `{ patch }`: another seed, or Gram–Schmidt
 * @csspart warning - the row
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';

import { initialState, nextSeed, type Patch, type State } from '../state.js';
import { controls } from './controls.js';
import { SKEWED_COSINE } from './plane.js';
import { sides, type Side } from './sides.js';

@customElement('isoloss-cosine')
export class CosineElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        min-height: 48px;
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: center;
        gap: 8px 16px;
        padding: 0 16px 8px;
      }

      p {
        margin: 0;
      }

      .buttons {
        display: flex;
        gap: 8px;
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) titles: Readonly<Record<Side, string>> = { left: '', right: '' };
  /** Left and right. */
  @property({ attribute: false }) cosines: readonly number[] = [];

  private choose(patch: Patch): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  override render(): TemplateResult {
    const skewed = sides.filter((_, i) => Math.abs(this.cosines[i] ?? 0) > SKEWED_COSINE);
    const names = skewed.map((side) => this.titles[side]).join(' and ');
    return html`<div role="status">
      ${
        skewed.length === 0
          ? nothing
          : html`<div class="row" part="warning">
              <p>The two directions (${names}) are far from a right angle: the picture is skewed.</p>
              <div class="buttons">
                <button @click=${() => this.choose({ seed: nextSeed(this.state) })}>Draw again</button>
                ${
                  this.state.orthogonal === 'none'
                    ? html`<button @click=${() => this.choose({ orthogonal: 'gram-schmidt' })}>
                        Orthogonalise
                      </button>`
                    : nothing
                }
              </div>
            </div>`
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-cosine': CosineElement;
  }
}
