/**
 * What the page has to say: settings that could not be read, an engine that stopped. Floats above the
 * picture, so that nothing moves when it comes or goes.
 *
 * @element isoloss-notices
 * @fires isoloss-change - `{ patch }`: what a notice offers
 * @fires isoloss-dismiss - `{ id }`
 * @csspart notice - one message
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { controls } from './controls.js';
import { icons } from './icons.js';
import type { Patch } from '../state.js';
import type { Notice } from './notice.js';

@customElement('isoloss-notices')
export class NoticesElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host,
      [role] {
        display: grid;
        gap: 8px;
        pointer-events: none;
      }

      .notice {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-start;
        gap: 8px;
        padding: 8px 8px 8px 16px;
        border: 1px solid var(--line);
        border-left: 4px solid var(--accent);
        border-radius: var(--radius);
        background: var(--raised);
        box-shadow: var(--shadow);
        pointer-events: auto;
      }

      .notice.error {
        border-left-color: var(--bad);
      }

      p {
        flex: 1 1 calc(100% - 56px);
        margin: 0;
        padding: 6px 0;
        overflow-wrap: anywhere;
        white-space: pre-line;
        max-height: 40dvh;
        overflow: auto;
      }

      .offers {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        order: 1;
        width: 100%;
      }
    `,
  ];

  @property({ attribute: false }) notices: readonly Notice[] = [];

  private dismiss(id: number): void {
    this.dispatchEvent(new CustomEvent('isoloss-dismiss', { detail: { id }, bubbles: true, composed: true }));
  }

  private choose(patch: Patch): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  private list(notices: readonly Notice[]): unknown {
    return repeat(
      notices,
      (notice) => notice.id,
      (notice) =>
        html`<div class="notice ${notice.kind}" part="notice">
          <p>${notice.text}</p>
          ${
            notice.offers === undefined
              ? nothing
              : html`<div class="offers">
                  ${notice.offers.map(
                    ({ label, patch }) => html`<button @click=${() => this.choose(patch)}>${label}</button>`,
                  )}
                </div>`
          }
          <button class="plain icon" aria-label="Dismiss" @click=${() => this.dismiss(notice.id)}>
            ${icons.close}
          </button>
        </div>`,
    );
  }

  override render(): TemplateResult {
    // Two live regions that are always there: a screen reader announces what appears inside them.
    return html`
      <div role="alert">${this.list(this.notices.filter((notice) => notice.kind === 'error'))}</div>
      <div role="status">${this.list(this.notices.filter((notice) => notice.kind !== 'error'))}</div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-notices': NoticesElement;
  }
}
