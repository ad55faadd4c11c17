/**
 * A "?" that opens a short explanation beside itself; Escape or a click elsewhere closes it.
 *
 * @element isoloss-explain
 * @csspart text - the explanation
 */
import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { controls } from './controls.js';
import { type Topic, topics } from './topics.js';

/** Between the button and the text, and between the text and the window's edge. Pixels. */
const GAP = 8;

@customElement('isoloss-explain')
export class ExplainElement extends LitElement {
  static override styles = [
    controls,
    css`
      button {
        width: 24px;
        height: 24px;
        padding: 0;
        border-radius: 50%;
        color: var(--ink-soft);
        font-size: 12px;
        line-height: 1;
      }

      @media (max-width: 800px) {
        button {
          width: 32px;
          height: 32px;
        }
      }

      [popover] {
        position: fixed;
        inset: auto;
        margin: 0;
        width: min(360px, calc(100vw - 16px));
        max-height: calc(100dvh - 16px);
        overflow: auto;
        padding: 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--raised);
        color: var(--ink);
        box-shadow: var(--shadow);
      }

      h2 {
        margin: 0 0 8px;
        font-size: 14px;
        line-height: 20px;
      }

      p {
        margin: 0 0 8px;
      }

      p:last-child {
        margin: 0;
      }
    `,
  ];

  @property() topic: Topic = 'networks';
  @query('button') private button!: HTMLButtonElement;
  @query('[popover]') private text!: HTMLElement;
  @internal() private paragraphs: readonly string[] = [];

  override updated(): void {
    if (this.text.matches(':popover-open')) this.place();
  }

  private async open(event: ToggleEvent): Promise<void> {
    if (event.newState !== 'open') return;
    this.place();
    try {
      this.paragraphs = (await import('./explanations.js')).explanations[this.topic];
    } catch {
      this.paragraphs = ['The explanation did not load: close this and try again.'];
    }
  }

  /** Beside the button where there is room, else above or below it; never outside the window. */
  private place(): void {
    const button = this.button.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = this.text;
    const beside = button.right + GAP + width + GAP <= innerWidth;
    const below = button.bottom + GAP + height + GAP <= innerHeight;
    const left = beside ? button.right + GAP : (innerWidth - width) / 2;
    const top = beside ? button.top - GAP : below ? button.bottom + GAP : button.top - GAP - height;
    this.text.style.left = `${left}px`;
    this.text.style.top = `${Math.max(GAP, Math.min(top, innerHeight - height - GAP))}px`;
  }

  override render(): TemplateResult {
    const title = topics[this.topic];
    return html`
      <button popovertarget="text" aria-label=${`Explain: ${title}`} title="What is this?">?</button>
      <div id="text" popover role="note" part="text" aria-labelledby="title" @toggle=${this.open}>
        <h2 id="title">${title}</h2>
        ${this.paragraphs.map((paragraph) => html`<p>${paragraph}</p>`)}
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-explain': ExplainElement;
  }
}
