/**
 * The bar above the picture: which pair is shown, undo, link, export.
 *
 * @element isoloss-header
 * @fires isoloss-change - `{ patch }`: another pair
 * @fires isoloss-travel - `{ to: 'back' | 'forward' | 'home' }`
 * @fires isoloss-export - the export dialog is wanted
 * @fires isoloss-choose-files - files are to be opened
 * @csspart name - the word Isoloss
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { fields, initialState, usesFiles, type State } from '../state.js';
import { addressOf } from './address.js';
import { controls } from './controls.js';
import { icons } from './icons.js';
import { choosePair, pairOf, pairs } from './pairs.js';

export type Travel = 'back' | 'forward' | 'home';

/** How long the button says "Copied". Milliseconds. */
const SAID = 2000;

@customElement('isoloss-header')
export class HeaderElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 16px;
        height: 48px;
        padding: 0 16px;
        border-bottom: 1px solid var(--line);
        background: var(--surface);
      }

      h1 {
        margin: 0;
        font-size: 16px;
        font-weight: 650;
        letter-spacing: -0.01em;
      }

      .pair {
        flex: 0 1 256px;
        width: 0;
        min-width: 144px;
      }

      .choices {
        display: contents;
      }

      .mode {
        flex: none;
        width: 112px;
      }

      .open {
        flex: none;
      }

      .space {
        flex: 1;
      }

      .buttons {
        display: flex;
        gap: 4px;
      }

      .link {
        min-width: 104px;
      }

      .files {
        flex: 0 1 auto;
        min-width: 96px;
        font-size: 12px;
        line-height: 16px;
        text-align: right;
      }

      @media (max-width: 1000px) {
        :host {
          gap: 8px;
        }

        .link {
          min-width: 0;
        }
      }

      @media (max-width: 800px) {
        :host {
          flex-wrap: wrap;
          gap: 4px 8px;
          height: auto;
          padding: 8px 8px 4px 16px;
        }

        /* What is shown in the first row, what can be done with it in the second: as the keyboard goes. */
        .choices {
          display: flex;
          flex: 1 1 calc(100% - 96px);
          gap: 8px;
          padding-right: 8px;
        }

        .pair {
          flex: 1;
          min-width: 88px;
        }

        .word {
          display: none;
        }

        .files {
          order: 1;
          width: 100%;
          text-align: left;
        }

        .open,
        .link,
        .export {
          min-width: 0;
          width: 40px;
          padding: 0;
        }

        .buttons {
          gap: 0;
        }
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  /** Title of the data on show. */
  @property() data = '';
  @property({ type: Boolean }) canGoBack = false;
  @property({ type: Boolean }) canGoForward = false;
  @property({ type: Boolean }) isHome = true;
  @internal() private said = '';
  private timer = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.timer);
  }

  private travel(to: Travel): void {
    this.dispatchEvent(new CustomEvent('isoloss-travel', { detail: { to }, bubbles: true, composed: true }));
  }

  private choosePair(event: Event): void {
    const pair = pairs[Number((event.target as HTMLSelectElement).value)];
    if (pair === undefined) return;
    const detail = { patch: choosePair(pair, this.state) };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  private chooseMode(event: Event): void {
    const detail = { patch: { mode: (event.target as HTMLSelectElement).value } };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  private async copyLink(): Promise<void> {
    try {
      await navigator.clipboard.writeText(new URL(addressOf(this.state), location.href).href);
      this.said = 'Copied';
    } catch {
      // Without permission, or on a page that is not served securely: the address bar has the same link.
      this.said = 'See address bar';
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => (this.said = ''), SAID);
  }

  private travelButton(to: Travel, name: string, icon: TemplateResult, enabled: boolean): TemplateResult {
    return html`<button
      class="plain icon"
      title=${name}
      aria-label=${name}
      ?disabled=${!enabled}
      @click=${() => this.travel(to)}
    >
      ${icon}
    </button>`;
  }

  private pairs(): TemplateResult {
    const pair = pairOf(this.state);
    return html`<select class="pair" aria-label="Data and networks" @change=${this.choosePair}>
      ${pairs.map(
        (choice, i) => html`<option value=${i} .selected=${choice === pair}>${choice.label}</option>`,
      )}
      ${pair === undefined ? html`<option value="" selected>${this.data} · own choice</option>` : nothing}
    </select>`;
  }

  override render(): TemplateResult {
    const { mode } = this.state;
    return html`
      <h1 part="name">Isoloss</h1>
      <div class="choices">
        <select class="mode" aria-label=${fields.mode.label} @change=${this.chooseMode}>
          ${fields.mode.options.map(
            ({ value, label }) => html`<option value=${value} .selected=${value === mode}>${label}</option>`,
          )}
        </select>
        ${mode === 'landscape' ? this.pairs() : nothing}
      </div>
      <button
        class="open"
        title="Open networks, weights, data or an exported picture; or drop them anywhere"
        aria-label="Open files"
        @click=${() => this.dispatchEvent(new Event('isoloss-choose-files', { bubbles: true, composed: true }))}
      >
        ${icons.open}<span class="word">Open…</span>
      </button>
      <span class="space"></span>
      <div class="buttons" role="group" aria-label="Changes">
        ${this.travelButton('back', 'Undo the last change', icons.back, this.canGoBack)}
        ${this.travelButton('forward', 'Redo', icons.forward, this.canGoForward)}
        ${this.travelButton('home', 'All settings to their defaults', icons.home, !this.isHome)}
      </div>
      ${
        (mode === 'landscape' || (mode === 'paths' && this.state.problem === 'network')) &&
        usesFiles(this.state)
          ? html`<span
              class="files soft"
              title="Whoever opens the link sees these settings with what comes with the page."
              >Your files are not in the link</span
            >`
          : nothing
      }
      <button
        class="link plain"
        title="Copy a link to this view"
        aria-label="Copy link"
        @click=${this.copyLink}
      >
        ${this.said === 'Copied' ? icons.check : icons.link}<span class="word">${this.said || 'Link'}</span>
      </button>
      ${
        mode !== 'landscape'
          ? nothing
          : html`<button
              class="export primary"
              title="Save the picture"
              aria-label="Export"
              @click=${() => this.dispatchEvent(new Event('isoloss-export', { bubbles: true, composed: true }))}
            >
              ${icons.download}<span class="word">Export</span>
            </button>`
      }
      <span class="hidden-text" role="status">${this.said === 'Copied' ? 'Link copied.' : this.said}</span>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-header': HeaderElement;
  }
}
