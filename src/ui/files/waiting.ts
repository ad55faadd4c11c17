/**
 * A card while files are read, and for networks that were opened and need other data than those on show.
 *
 * @element isoloss-waiting
 * @fires isoloss-choose-files - "Open data…"
 * @fires isoloss-use-bundled - `{ name }`: bundled data will do
 * @fires isoloss-inspect - `Layers`: one of two networks is wanted as a table
 * @fires isoloss-forget - the user gives up
 * @csspart card - the card
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { spell } from '../../model/errors.js';
import { elements } from '../../model/graph.js';
import { initialState, type State } from '../../state.js';
import { bundledData, type BundledName } from '../bundled.js';
import { controls } from '../controls.js';
import { count } from '../numbers.js';
import { cardStyles } from './card-styles.js';
import { layersOfEntry } from './content.js';
import './layer-table.js';
import type { Waiting } from './opener.js';

@customElement('isoloss-waiting')
export class WaitingElement extends LitElement {
  static override styles = [
    controls,
    cardStyles,
    css`
      /* Most files are read before this: no card for the blink of an eye. */
      .reading {
        animation: appear 0s 400ms both;
      }

      .card {
        max-width: 520px;
      }

      .card:has(isoloss-layer-table) {
        max-width: none;
      }

      .notice {
        padding: 8px 16px;
        border-left: 4px solid var(--accent);
        background: var(--surface);
        white-space: pre-wrap;
      }

      isoloss-layer-table {
        max-height: 32dvh;
        margin-inline: -24px;
        border-bottom: 1px solid var(--line);
      }

      @media (max-width: 800px) {
        isoloss-layer-table {
          margin-inline: -16px;
        }
      }

      @keyframes appear {
        from {
          visibility: hidden;
        }
      }
    `,
  ];

  /** What is being read; '' when nothing is. */
  @property() reading = '';
  @property({ attribute: false }) waiting: Waiting | null = null;
  /** Title of the data on show. */
  @property() data = '';
  @property({ attribute: false }) state: State = initialState;

  private send(name: string, detail: unknown = null): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  private needs({ networks, offers }: Waiting): TemplateResult {
    const names = networks.map(({ title }) => title).join(' and ');
    const [{ model }] = networks as [Waiting['networks'][0]];
    const outputs = elements(model.shapes.at(-1)!);
    return html`<section class="card" part="card" aria-labelledby="heading">
      <h2 id="heading">${names} ${networks.length === 1 ? 'needs' : 'need'} data</h2>
      <p>
        A sample of shape ${spell(model.shapes[0]!)} goes in, ${count(outputs)}
        ${outputs === 1 ? 'number comes' : 'numbers come'} out; the data on show (${this.data}) do not fit.
      </p>
      ${[...new Set(networks.flatMap(({ notices }) => notices))].map((notice) => html`<p class="notice">${notice}</p>`)}
      ${
        networks.length > 1
          ? nothing
          : html`<isoloss-layer-table
              .layers=${layersOfEntry(networks[0]!, this.state)}
            ></isoloss-layer-table>`
      }
      <div class="actions">
        <button class="primary" @click=${() => this.send('isoloss-choose-files')}>Open data…</button>
        ${offers.map(
          (name: BundledName) =>
            html`<button @click=${() => this.send('isoloss-use-bundled', { name })}>
              Use ${bundledData[name].title}
            </button>`,
        )}
        ${(networks.length > 1 ? networks : []).map(
          (entry) =>
            html`<button
              aria-label=${`Layers, ${entry.title}`}
              @click=${() => this.send('isoloss-inspect', layersOfEntry(entry, this.state))}
            >
              Layers of ${entry.title}
            </button>`,
        )}
        <button @click=${() => this.send('isoloss-forget')}>Not now</button>
      </div>
    </section>`;
  }

  override render(): TemplateResult {
    const { reading, waiting } = this;
    return html`<div role="status">
      ${
        reading !== ''
          ? html`<section class="card reading" part="card">
              <h2>Reading ${reading}…</h2>
              <div class="actions">
                <button @click=${() => this.send('isoloss-forget')}>Cancel</button>
              </div>
            </section>`
          : waiting === null
            ? nothing
            : this.needs(waiting)
      }
    </div>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-waiting': WaitingElement;
  }
}
