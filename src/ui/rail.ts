/**
 * All settings, in groups that fold.
 *
 * @element isoloss-rail
 * @fires isoloss-change - `{ patch }`, from its fields
 * @fires isoloss-layers - `{ side }`: that network is wanted as a table
 * @fires isoloss-relabel - `{ label }`, from the view of the data
 * @slot plateaus - the list of plateaus
 * @csspart group - one group
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { fields as table, initialState, isFromFile, nextSeed, type Key, type State } from '../state.js';
import { bundledOf } from './bundled.js';
import { controls } from './controls.js';
import './explain.js';
import './field.js';
import type { Option } from './field.js';
import type { Content } from './files/content.js';
import './files/samples-view.js';
import './files/scaling.js';
import { isRunPlane } from '../state-runs.js';
import { count } from './numbers.js';
import { isSurface } from './painter.js';
import { isNumeric, normKind, normKindsOf } from './quantity.js';
import { shownSides, type Side } from './sides.js';
import { type Topic, topics } from './topics.js';

@customElement('isoloss-rail')
export class RailElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
      }

      .group {
        position: relative;
        border-bottom: 1px solid var(--line);
      }

      .group:last-child {
        border-bottom: 0;
      }

      summary {
        display: flex;
        align-items: center;
        gap: 8px;
        height: 40px;
        padding: 0 16px;
        font-weight: 600;
        cursor: pointer;
        list-style: none;
      }

      summary::-webkit-details-marker {
        display: none;
      }

      summary::before {
        content: '';
        width: 6px;
        height: 6px;
        border: solid var(--ink-soft);
        border-width: 0 1.5px 1.5px 0;
        transform: rotate(-45deg);
      }

      details[open] > summary::before {
        transform: translateY(-2px) rotate(45deg);
      }

      summary:focus-visible {
        outline-offset: -2px;
      }

      isoloss-explain {
        position: absolute;
        top: 8px;
        right: 12px;
      }

      .body {
        padding: 0 12px 8px 16px;
      }

      .note {
        margin: 0 0 8px;
        color: var(--ink-soft);
        font-size: 12px;
        line-height: 16px;
      }

      .sums {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        margin: -4px 0 8px;
      }

      .sums .note {
        margin: 0;
      }

      .sums button {
        height: 28px;
        padding: 0 8px;
        color: var(--accent);
        font-size: 13px;
      }

      .action {
        display: grid;
        padding: 4px 28px 8px 100px;
      }

      a {
        color: inherit;
      }

      @media (max-width: 800px) {
        summary {
          height: 48px;
        }
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  /** Why this engine, in one sentence. */
  @property() reason = '';
  /** What does the work, e.g. `2 workers, relaxed SIMD`. */
  @property() adapter = '';
  /** The limits that automatic gives now, as text. */
  @property({ attribute: false }) limits: { readonly vmin: string; readonly vmax: string } = {
    vmin: '',
    vmax: '',
  };

  /** What there is to choose from. */
  @property({ attribute: false }) content: Content | null = null;

  private fields(...names: Key[]): TemplateResult[] {
    return names.map(
      (name) =>
        html`<isoloss-field
          .name=${name}
          .state=${this.state}
          .stacked=${name === 'left' || name === 'right'}
          .options=${this.options(name)}
          .instead=${name === 'scale' ? normKind(this.state) : null}
          .most=${name === 'samples' ? (this.content?.samples ?? null) : null}
          .placeholder=${name === 'vmin' || name === 'vmax' ? this.limits[name] : ''}
        ></isoloss-field>`,
    );
  }

  private options(name: Key): readonly Option[] | null {
    const { content } = this;
    if (name === 'scale')
      return table.scale.options.filter(({ value }) => normKindsOf(this.state).includes(value));
    if (content === null) return null;
    if (name === 'left' || name === 'right') return content.networks[name];
    return name === 'data' ? content.data : name === 'plane' ? content.planes : null;
  }

  private network(side: Side): TemplateResult {
    const sums = this.content?.sums[side] ?? null;
    const show = () =>
      this.dispatchEvent(
        new CustomEvent('isoloss-layers', { detail: { side }, bubbles: true, composed: true }),
      );
    const shown = shownSides(this.state).includes(side);
    return html`${this.fields(side)}
    ${
      shown
        ? html`<div class="sums">
            <p class="note">
              ${
                sums === null
                  ? '…'
                  : `${count(sums.parameters)} parameters, ${count(sums.multiplyAdds)} multiply-adds`
              }
            </p>
            <button
              class="plain"
              aria-label=${`Layers, ${side} network`}
              ?disabled=${sums === null}
              @click=${show}
            >
              Layers
            </button>
          </div>`
        : nothing
    }`;
  }

  private data(): TemplateResult {
    const entry = this.content?.entry ?? null;
    return html`${this.fields('data', 'samples')}
      <isoloss-samples .data=${entry}></isoloss-samples>
      ${
        entry === null
          ? nothing
          : html`<isoloss-scaling .value=${this.state.scaling} .automatic=${entry.scaling}></isoloss-scaling>`
      }
      ${this.fields('loss')} ${this.aboutData()}`;
  }

  private group(topic: Topic, open: boolean, body: unknown): TemplateResult {
    return html`<div class="group" part="group">
      <isoloss-explain .topic=${topic}></isoloss-explain>
      <details ?open=${open}>
        <summary>${topics[topic]}</summary>
        <div class="body">${body}</div>
      </details>
    </div>`;
  }

  private camera(): Key[] {
    return isSurface(this.state) ? ['azimuth', 'elevation'] : [];
  }

  /** Kinds have no scale, and differences have the diverging colours. */
  private scaleFields(): Key[] {
    if (!isNumeric(this.state)) return [];
    const colours: Key[] = this.state.show === 'delta' ? [] : ['map'];
    return ['view', ...this.camera(), 'scale', ...colours, 'levels', 'shared', 'vmin', 'vmax'];
  }

  /** Nothing lies over a surface. */
  private overlays(): Key[] {
    return isSurface(this.state) ? [] : ['downhill'];
  }

  private aboutData(): TemplateResult | typeof nothing {
    const bundled = bundledOf(this.state.data);
    if (bundled === undefined) return nothing;
    const { samples, about, licence } = bundled;
    return html`<p class="note">
      ${count(samples)} ${about}, <a href=${licence.address}>${licence.title}</a>
    </p>`;
  }

  private drawAgain(): void {
    const detail = { patch: { seed: nextSeed(this.state) } };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  override render(): TemplateResult {
    const { size, samples } = this.state;
    return html`
      ${this.group('networks', true, html`${this.network('left')} ${this.network('right')}`)}
      ${this.group('data', isFromFile(this.state.data), this.data())}
      ${this.group(
        'directions',
        true,
        html`${(this.content?.planes.length ?? 0) > 1 ? this.fields('plane') : nothing}
        ${
          isRunPlane(this.state) && this.content?.isAllRuns
            ? html`<p class="note">The run determines both, of unit length and at a right angle.</p>`
            : html`${this.fields('seed')}
                <div class="action"><button @click=${this.drawAgain}>Draw again</button></div>
                ${this.fields('norm', 'bias', 'orthogonal')}`
        }`,
      )}
      ${this.group(
        'grid',
        true,
        html`${this.fields('range', 'size')}
          <p class="note">${count(size * size)} points × ${count(samples)} samples per network</p>`,
      )}
      ${this.group('show', true, this.fields('show', ...this.scaleFields(), ...this.overlays(), 'theme'))}
      ${this.group('plateaus', this.state.plateaus, html`${this.fields('plateaus')}<slot name="plateaus"></slot>`)}
      ${this.group(
        'engine',
        true,
        html`${this.fields('engine')}
        ${this.reason === '' ? nothing : html`<p class="note">${this.reason}</p>`}
        ${this.adapter === '' ? nothing : html`<p class="note">${this.adapter}</p>`}`,
      )}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-rail': RailElement;
  }
}
