/**
 * How inputs are scaled before they enter the network: the usual ways, or any numbers, one for all channels
 * or one for each.
 *
 * @element isoloss-scaling
 * @fires isoloss-change - `{ patch }`: another scaling
 * @csspart row - a label with its control
 */
import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { Scaling } from '../../io/dataset.js';
import { field, type State } from '../../state.js';
import { controls } from '../controls.js';
import { wrongStyles } from '../field-styles.js';
import { asItIs, formatScaling, sameScaling, scalingPresets } from './scalings.js';

const PARTS = [
  ['divide', 'Divide by'],
  ['mean', 'then mean'],
  ['std', 'then std'],
] as const;
type Part = (typeof PARTS)[number][0];

@customElement('isoloss-scaling')
export class ScalingElement extends LitElement {
  static override styles = [
    controls,
    css`
      .row {
        display: grid;
        grid-template-columns: 96px minmax(0, 1fr) 24px;
        align-items: center;
        gap: 4px;
        min-height: 40px;
        font-size: 13px;
        line-height: 16px;
      }

      .sub {
        padding-left: 12px;
        color: var(--ink-soft);
      }

      .input {
        display: flex;
      }

      .input:has(:focus-visible) {
        outline: var(--focus);
        outline-offset: 1px;
      }

      .input:has([aria-invalid='true']) {
        border-color: var(--bad);
      }

      input {
        flex: 1;
        min-width: 0;
        border: 0;
        padding: 0 8px;
        background: none;
        outline: none;
      }
    `,
    wrongStyles,
  ];

  /** The setting. */
  @property({ attribute: false }) value: State['scaling'] = 'auto';
  /** What `auto` means for the data on show. */
  @property({ attribute: false }) automatic: Scaling = asItIs;
  /** A typed text that is no list of numbers, and where it stands. */
  @internal() private draft: { readonly part: Part; readonly text: string } | null = null;

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('value') || changed.has('automatic')) this.draft = null;
  }

  private get scaling(): Scaling {
    return this.value === 'auto' ? this.automatic : this.value;
  }

  private choose(scaling: Scaling): void {
    this.draft = null;
    this.requestUpdate();
    const detail = { patch: { scaling: sameScaling(scaling, this.automatic) ? 'auto' : scaling } };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  private take(part: Part, text: string): void {
    const lists = PARTS.map(([name]) =>
      name === part
        ? text
            .trim()
            .split(/[\s,;]+/)
            .join(',')
        : this.scaling[name].join(','),
    );
    const value = field('scaling').parse(lists.join(';')) as State['scaling'] | undefined;
    if (value === undefined || value === 'auto') this.draft = { part, text };
    else this.choose(value);
  }

  private row([part, title]: (typeof PARTS)[number]): TemplateResult {
    const isDraft = this.draft?.part === part;
    return html`<div class="row" part="row">
      <label class="sub" for=${part}>${title}</label>
      <span class="input"
        ><input
          id=${part}
          autocomplete="off"
          aria-invalid=${isDraft}
          aria-describedby="wrong"
          .value=${live(isDraft ? this.draft!.text : this.scaling[part].join(', '))}
          @change=${(event: Event) => this.take(part, (event.target as HTMLInputElement).value)}
      /></span>
    </div>`;
  }

  override render(): TemplateResult {
    const chosen = scalingPresets.findIndex(({ scaling }) => sameScaling(scaling, this.scaling));
    const pick = (event: Event) => {
      const preset = scalingPresets[Number((event.target as HTMLSelectElement).value)];
      if (preset !== undefined) this.choose(preset.scaling);
    };
    return html`
      <div class="row" part="row">
        <label for="preset">Input scaling</label>
        <select id="preset" title=${formatScaling(this.scaling)} @change=${pick}>
          ${scalingPresets.map(
            ({ label }, i) => html`<option value=${i} .selected=${i === chosen}>${label}</option>`,
          )}
          <option value="own" .selected=${chosen < 0} ?hidden=${chosen >= 0}>Own numbers</option>
        </select>
      </div>
      ${PARTS.map((part) => this.row(part))}
      <p id="wrong" class="wrong" role="status">
        ${
          this.draft === null
            ? ''
            : `"${this.draft.text}" is no number, or list of one per channel, that can be used here.`
        }
      </p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-scaling': ScalingElement;
  }
}
