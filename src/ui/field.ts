/**
 * One setting of the declared table: its label, control, unit and a way back to its default.
 *
 * @element isoloss-field
 * @fires isoloss-change - `{ patch }`: the user chose another value
 * @csspart row - label, control and reset button
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { field, fields, initialState, same, type Key, type Patch, type State } from '../state.js';
import type { NumberField } from '../state-fields.js';
import { controls } from './controls.js';
import { fieldStyles, wrongStyles } from './field-styles.js';
import { icons } from './icons.js';
import { levelsControl } from './levels-control.js';
import { normKind } from './quantity.js';

export interface Option {
  readonly value: string;
  readonly label: string;
}

@customElement('isoloss-field')
export class FieldElement extends LitElement {
  static override styles = [controls, fieldStyles, wrongStyles];

  /** Which setting. */
  @property() name: Key = 'seed';
  @property({ attribute: false }) state: State = initialState;
  /** Shown in an empty limit: what automatic gives now. */
  @property() placeholder = '';
  @property() label = '';
  /** Of a choice: what there is to choose now; null for the options of the table. */
  @property({ attribute: false }) options: readonly Option[] | null = null;
  /** Of a number: the largest one that makes sense now; null for the limit of the table. */
  @property({ attribute: false }) most: number | null = null;
  /** Of a choice: the value that stands for the one that is set, which is not among the options now. */
  @property() instead: string | null = null;
  @property({ type: Boolean, reflect: true }) stacked = false;
  /** A typed text that is not a value, kept for the user to mend; null when there is none. */
  @internal() private draft: string | null = null;

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const before = changed.get('state') as State | undefined;
    if (before !== undefined && !same(this.name, before, this.state)) this.draft = null;
  }

  private choose(patch: Patch): void {
    this.draft = null;
    // A text such as '51.' names the present value: no change, but the input should read '51' again.
    this.requestUpdate();
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  /** Takes a typed text over, or says what is wrong with it. */
  private take(text: string): void {
    const value = field(this.name).parse(text);
    if (value === undefined || (this.most !== null && Number(value) > this.most)) this.draft = text;
    else this.choose({ [this.name]: value } as Patch);
  }

  private get wrong(): string {
    if (this.draft === null) return this.unused;
    const tooMany = this.most !== null && Number(this.draft) > this.most;
    return tooMany ? `There are ${this.most}.` : `"${this.draft}" is not ${field(this.name).expects}.`;
  }

  /** Why a limit that is a number has no effect now. */
  private get unused(): string {
    const value = this.state[this.name];
    if ((this.name !== 'vmin' && this.name !== 'vmax') || typeof value !== 'number') return '';
    return value > 0 || normKind(this.state) !== 'log'
      ? ''
      : 'Not used: a log scale has only limits above 0. Symlog takes any.';
  }

  private step(info: NumberField, direction: 1 | -1): void {
    const next = info.step(this.state[this.name] as number, direction);
    this.choose({ [this.name]: Math.min(this.most ?? info.max, Math.max(info.min, next)) } as Patch);
  }

  private number(info: NumberField): TemplateResult {
    const value = field(this.name).format(this.state[this.name]);
    const onKey = (event: KeyboardEvent) => {
      const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : null;
      if (direction === null) return;
      event.preventDefault();
      this.step(info, direction);
    };
    return html`<span class="input">
        <button tabindex="-1" aria-hidden="true" @click=${() => this.step(info, -1)}>−</button>
        <input
          id="control"
          class="between"
          role="spinbutton"
          aria-valuenow=${this.state[this.name] as number}
          aria-valuemin=${info.min}
          aria-valuemax=${this.most ?? info.max}
          inputmode="decimal"
          autocomplete="off"
          aria-invalid=${this.wrong !== ''}
          aria-describedby="wrong about"
          .value=${live(this.draft ?? value)}
          @change=${(event: Event) => this.take((event.target as HTMLInputElement).value)}
          @keydown=${onKey}
        />
        <button tabindex="-1" aria-hidden="true" @click=${() => this.step(info, 1)}>+</button>
      </span>
      ${info.unit === '' ? nothing : html`<span class="unit">${info.unit}</span>`}`;
  }

  private control(): TemplateResult {
    const info = fields[this.name];
    const value = this.state[this.name];
    switch (info.kind) {
      case 'number':
        return this.number(info);
      case 'choice':
        return html`<select
          id="control"
          aria-describedby="about"
          ?disabled=${this.instead !== null && this.options?.length === 1}
          @change=${(event: Event) => this.take((event.target as HTMLSelectElement).value)}
        >
          ${(this.options ?? info.options).map(
            (option) =>
              html`<option value=${option.value} .selected=${option.value === (this.instead ?? value)}>
                ${option.label}
              </option>`,
          )}
        </select>`;
      case 'switch':
        return html`<input
          id="control"
          type="checkbox"
          aria-describedby="about"
          .checked=${value === true}
          @change=${(event: Event) => this.take((event.target as HTMLInputElement).checked ? 'on' : 'off')}
        />`;
      case 'limit':
        return html`<span class="input"
            ><input
              id="control"
              inputmode="text"
              autocomplete="off"
              placeholder=${this.placeholder === '' ? 'auto' : this.placeholder}
              aria-invalid=${this.wrong !== ''}
              aria-describedby="wrong about"
              .value=${live(this.draft ?? (value === 'auto' ? '' : info.format(value as number)))}
              @change=${(event: Event) => this.take((event.target as HTMLInputElement).value || 'auto')} /></span
          >${info.unit === '' ? nothing : html`<span class="unit below">${info.unit}</span>`}`;
      // Have elements of their own.
      case 'place':
      case 'scaling':
      case 'text':
      case 'start':
      case 'racers':
      case 'steps':
        return html``;
      case 'levels':
        return levelsControl(this.state.levels, this.draft, (text) => this.take(text));
    }
  }

  override render(): TemplateResult {
    const info = field(this.name);
    const initial = info.format(info.initial);
    const offered = this.options?.some((option) => option.value === initial) ?? true;
    const isDefault = same(this.name, this.state, initialState) || !offered;
    const about = `${this.unit === '' ? '' : `${this.unit}, `}default ${this.named(initial)}`;
    return html`
      <div class="row" part="row" title=${about}>
        <label for="control">${this.label || info.label}</label>
        <div class="control">${this.control()}</div>
        <button
          class="plain reset"
          ?disabled=${isDefault}
          title=${`Back to ${this.named(initial)}`}
          aria-label=${`${info.label}: back to ${this.named(initial)}`}
          @click=${() => this.choose({ [this.name]: info.initial } as Patch)}
        >
          ${icons.reset}
        </button>
        <span id="about" hidden>${about}</span>
      </div>
      <p id="wrong" class="wrong" role="status">${this.wrong}</p>
    `;
  }

  private get unit(): string {
    return this.most === null ? field(this.name).unit : `of ${this.most}`;
  }

  /** A value in the control's own words. */
  private named(text: string): string {
    const info = fields[this.name];
    if (info.kind !== 'choice') return text;
    const options: readonly Option[] = [...(this.options ?? []), ...info.options];
    return options.find((option) => option.value === text)?.label ?? text;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-field': FieldElement;
  }
}
