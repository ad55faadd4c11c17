/**
 * The list of plateaus, with what decides which parts count: the largest first, a click shows one.
 *
 * @element isoloss-plateaus
 * @fires isoloss-change - `{ patch }`, from its fields, and the automatic slope when a plateau is shown
 * @fires isoloss-view - `{ side, view }`: a plateau is to be seen
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { initialState, type Key, type State } from '../../state.js';
import { controls } from '../controls.js';
import '../field.js';
import { count, percent, significant } from '../numbers.js';
import { viewOf } from '../plane.js';
import type { RunStatus } from '../session.js';
import type { Side } from '../sides.js';
import type { PanelData } from '../windows.js';
import { type Finding, findIn, type FoundPlateau, inWords, viewOfPlateau } from './finding.js';

/** More are hardly looked at. */
const MOST_SHOWN = 12;

@customElement('isoloss-plateaus')
export class PlateausElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      p,
      ol,
      dl {
        margin: 0 0 8px;
        font-size: 12px;
        line-height: 16px;
      }

      ol {
        display: grid;
        gap: 4px;
        padding: 0;
        list-style: none;
      }

      ol button {
        display: grid;
        grid-template-columns: 20px minmax(0, 1fr);
        gap: 0 4px;
        width: 100%;
        height: auto;
        min-height: 40px;
        padding: 4px 8px;
        font-size: 12px;
        line-height: 16px;
        text-align: left;
        white-space: normal;
      }

      b {
        font-weight: 600;
      }

      .chosen {
        margin: 0 0 8px;
        padding: 8px 12px;
        border-left: 3px solid var(--accent);
        background: var(--accent-soft);
      }

      .chosen p {
        margin: 0 0 4px;
        font-size: 13px;
      }

      dl {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr);
        gap: 4px 8px;
        margin: 0;
      }

      dt {
        color: var(--ink-soft);
      }

      dd {
        margin: 0;
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) panels: Readonly<Record<Side, PanelData>> | null = null;
  @property({ attribute: false }) titles: Readonly<Record<Side, string>> = { left: '', right: '' };
  @property() status: RunStatus = 'loading';
  /** Another object whenever more is computed. */
  @property({ attribute: false }) progress: unknown = null;
  /** What was clicked, in the words of its list, until another view is shown. */
  @internal() private chosen: { plateau: FoundPlateau; finding: Finding; zoom: number; at: string } | null =
    null;

  private fields(finding: Finding | null, ...names: Key[]): TemplateResult[] {
    const automatic = (name: Key) =>
      name === 'flat' ? finding?.flat : name === 'above' ? finding?.above : undefined;
    return names.map((name) => {
      const value = automatic(name);
      return html`<isoloss-field
        .name=${name}
        .state=${this.state}
        .placeholder=${value === undefined ? '' : `auto: ${significant(value, 3)}`}
      ></isoloss-field>`;
    });
  }

  private show(plateau: FoundPlateau, finding: Finding): void {
    const { side } = plateau;
    const view = viewOfPlateau(this.state, plateau);
    this.chosen = { plateau, finding, zoom: view.zoom, at: `${view.column},${view.row}` };
    // What is flat in this list stays so in the view that shows it.
    if (this.state.flat === 'auto') {
      const detail = { patch: { flat: Number(finding.flat.toPrecision(3)) } };
      this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
    }
    this.dispatchEvent(
      new CustomEvent('isoloss-view', { detail: { side, view }, bubbles: true, composed: true }),
    );
  }

  /** What was clicked, while its view is on show. */
  private get here(): { plateau: FoundPlateau; finding: Finding } | null {
    const { chosen } = this;
    if (chosen === null) return null;
    const { zoom, column, row } = viewOf(this.state, chosen.plateau.side);
    return zoom === chosen.zoom && `${column},${row}` === chosen.at ? chosen : null;
  }

  /** The description of what is on show, in a region that is always there so that it is read out. */
  private description(): TemplateResult {
    const chosen = this.here;
    return html`<div role="status" aria-label="Plateau">
      ${
        chosen
          ? html`<div class="chosen">
              <p><b>Plateau ${chosen.plateau.number}, ${this.titles[chosen.plateau.side]}</b></p>
              <dl>
                ${inWords(chosen.plateau, chosen.finding, this.state.rate).map(
                  ([name, value]) =>
                    html`<dt>${name}</dt>
                      <dd>${value}</dd>`,
                )}
              </dl>
            </div>`
          : nothing
      }
    </div>`;
  }

  private item(plateau: FoundPlateau, finding: Finding): TemplateResult {
    const [, , , [, steps]] = inWords(plateau, finding, this.state.rate) as [
      unknown,
      unknown,
      unknown,
      [string, string],
    ];
    const { number, side, share, loss, slope } = plateau;
    return html`<li>
      <button @click=${() => this.show(plateau, finding)}>
        <b>${number}</b>
        <span
          >${this.titles[side]}: ${percent(share)} of the view, loss ${significant(loss)}, ‖∇L‖
          ${significant(slope, 3)}, ${steps}</span
        >
      </button>
    </li>`;
  }

  private list(finding: Finding | null): TemplateResult {
    if (finding === null) {
      const waits = this.status === 'loading' || this.status === 'running';
      return html`<p role="status">
        ${waits ? 'The derivatives of this view are being computed.' : 'The derivatives of this view are not computed.'}
      </p>`;
    }
    const { plateaus, lowest, size, isComplete } = finding;
    const shown = plateaus.slice(0, MOST_SHOWN);
    const more = plateaus.length - shown.length;
    return html`
      <p role="status">
        ${plateaus.length === 0 ? 'No plateau in this view.' : `${count(plateaus.length)} in this view, largest first.`}
      </p>
      <ol>
        ${shown.map((plateau) => this.item(plateau, finding))}
      </ol>
      <p class="soft">
        ${more > 0 ? `${count(more)} smaller ones are not listed. ` : ''}Lowest loss found:
        ${significant(lowest.loss, 3)} (${this.titles[lowest.side]}). From the derivatives at ${size} ×
        ${size} points${isComplete ? '' : ' with some of the samples so far'}.
      </p>
    `;
  }

  override render(): TemplateResult {
    const finding = this.panels && findIn(this.state, this.panels);
    return html`${this.fields(finding, 'flat', 'above', 'rate')} ${this.description()} ${this.list(finding)}`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-plateaus': PlateausElement;
  }
}
