/**
 * One setting of the mode "Train": its label, control, unit and a way back to its default.
 *
 * @element isoloss-train-field
 * @fires isoloss-train - `{ patch }`: the user chose another value
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { NumberField } from '../../state-fields.js';
import { initialTrain, trainField, trainFields, type TrainKey, type TrainState } from '../../state-train.js';
import { FieldElement } from '../field.js';
import { icons } from '../icons.js';

@customElement('isoloss-train-field')
export class TrainFieldElement extends LitElement {
  static override styles = FieldElement.styles;

  @property() name: TrainKey = 'seed';
  @property({ attribute: false }) state: TrainState = initialTrain;
  /** Of a number that is left to the optimizer: what it takes then. */
  @property() placeholder = 'auto';
  /** Of a number: the largest one that makes sense now; null for the limit of the table. */
  @property({ attribute: false }) most: number | null = null;
  /** A typed text that is not a value, kept for the user to mend; null when there is none. */
  @internal() private draft: string | null = null;

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get('state') as TrainState | undefined;
    if (before !== undefined && before[this.name] !== this.state[this.name]) this.draft = null;
  }

  private choose(value: unknown): void {
    this.draft = null;
    this.requestUpdate();
    const detail = { patch: { [this.name]: value } };
    this.dispatchEvent(new CustomEvent('isoloss-train', { detail, bubbles: true, composed: true }));
  }

  private take(text: string): void {
    const value = trainField(this.name).parse(text);
    if (value === undefined || (this.most !== null && Number(value) > this.most)) this.draft = text;
    else this.choose(value);
  }

  private get wrong(): string {
    if (this.draft === null) return '';
    if (this.most !== null && Number(this.draft) > this.most) return `There are ${this.most}.`;
    return `"${this.draft}" is not ${trainField(this.name).expects}.`;
  }

  private step(info: NumberField, direction: 1 | -1): void {
    const next = info.step(this.state[this.name] as number, direction);
    this.choose(Math.min(this.most ?? info.max, Math.max(info.min, next)));
  }

  private input(value: string, attributes: { readonly info?: NumberField }): TemplateResult {
    const { info } = attributes;
    const onKey = (event: KeyboardEvent) => {
      const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : null;
      if (direction === null || info === undefined) return;
      event.preventDefault();
      this.step(info, direction);
    };
    return html`<input
      id="control"
      class=${info === undefined ? '' : 'between'}
      inputmode="decimal"
      autocomplete="off"
      placeholder=${this.placeholder}
      aria-invalid=${this.wrong !== ''}
      aria-describedby="wrong"
      .value=${live(this.draft ?? value)}
      @change=${(event: Event) => this.take((event.target as HTMLInputElement).value || 'auto')}
      @keydown=${onKey}
    />`;
  }

  private control(): TemplateResult {
    const info = trainFields[this.name];
    const value = this.state[this.name];
    switch (info.kind) {
      case 'number':
        return html`<span class="input"
            ><button tabindex="-1" aria-hidden="true" @click=${() => this.step(info, -1)}>−</button
            >${this.input(info.format(value as number), { info })}<button
              tabindex="-1"
              aria-hidden="true"
              @click=${() => this.step(info, 1)}
            >
              +
            </button></span
          >${info.unit === '' ? nothing : html`<span class="unit">${info.unit}</span>`}`;
      case 'limit':
        return html`<span class="input"
          >${this.input(value === 'auto' ? '' : info.format(value as number), {})}</span
        >`;
      case 'choice':
        return html`<select
          id="control"
          @change=${(event: Event) => this.take((event.target as HTMLSelectElement).value)}
        >
          ${info.options.map(
            (option) =>
              html`<option value=${option.value} .selected=${option.value === value}>
                ${option.label}
              </option>`,
          )}
        </select>`;
      case 'switch':
        return html`<input
          id="control"
          type="checkbox"
          .checked=${value === true}
          @change=${(event: Event) => this.choose((event.target as HTMLInputElement).checked)}
        />`;
    }
  }

  override render(): TemplateResult {
    const info = trainField(this.name);
    const initial = initialTrain[this.name];
    const text = info.format(initial);
    return html`
      <div class="row" title=${`default ${text}`}>
        <label for="control">${info.label}</label>
        <div class="control">${this.control()}</div>
        <button
          class="plain reset"
          ?disabled=${info.format(this.state[this.name]) === text}
          title=${`Back to ${text}`}
          aria-label=${`${info.label}: back to ${text}`}
          @click=${() => this.choose(initial)}
        >
          ${icons.reset}
        </button>
      </div>
      <p id="wrong" class="wrong" role="status">${this.wrong}</p>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-train-field': TrainFieldElement;
  }
}
