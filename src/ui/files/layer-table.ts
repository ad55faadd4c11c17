/**
 * The layers of a network, one in a row: op, name, shape, parameters, multiply-adds, and whether they move.
 *
 * @element isoloss-layer-table
 * @csspart table - what scrolls
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Model } from '../../model/graph.js';
import { modelTable, type Movement, type TableRow } from '../../model/table.js';
import { controls } from '../controls.js';
import { count } from '../numbers.js';

export interface Layers {
  readonly title: string;
  readonly model: Model;
  /** Sentences of the reader. */
  readonly notices: readonly string[];
  /** Whether a direction of the plane moves this parameter. */
  moves(parameter: string): boolean;
}

const MOVES: Readonly<Record<Movement, string>> = { none: '', all: 'yes', some: 'in part', fixed: 'no' };

@customElement('isoloss-layer-table')
export class LayerTable extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        min-width: 0;
      }

      .table {
        max-height: inherit;
        overflow: auto;
        border-top: 1px solid var(--line);
        background: var(--paper);
      }

      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 13px;
        line-height: 16px;
      }

      th,
      td {
        padding: 4px 8px;
        text-align: left;
        white-space: nowrap;
      }

      th:first-child,
      td:first-child {
        padding-left: 24px;
      }

      th:last-child,
      td:last-child {
        padding-right: 24px;
      }

      thead th {
        position: sticky;
        top: 0;
        padding-block: 8px;
        background: var(--surface);
        box-shadow: inset 0 -1px var(--line);
        font-weight: 600;
      }

      tbody tr:nth-child(even) {
        background: var(--surface);
      }

      tbody th {
        font-weight: 400;
      }

      .number {
        text-align: right;
      }

      @media (max-width: 800px) {
        th:first-child,
        td:first-child {
          padding-left: 16px;
        }
      }
    `,
  ];

  @property({ attribute: false }) layers: Layers | null = null;

  private row({ op, name, shape, parameters, statistics, multiplyAdds, movement }: TableRow): TemplateResult {
    const quantity = (value: number) => (value === 0 ? '' : count(value));
    return html`<tr>
      <td>${op}</td>
      <th scope="row">${name}</th>
      <td class="number">${shape.join(' × ')}</td>
      <td class="number">
        ${quantity(parameters)}${statistics === 0 ? nothing : html` <span class="soft">+ ${count(statistics)}</span>`}
      </td>
      <td class="number">${quantity(multiplyAdds)}</td>
      <td>${MOVES[movement]}</td>
    </tr>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { layers } = this;
    if (layers === null) return nothing;
    const rows = modelTable(layers.model, (parameter) => layers.moves(parameter));
    return html`
      <div class="table" part="table" tabindex="0" role="region" aria-label="Layers">
        <table>
          <thead>
            <tr>
              <th scope="col">Op</th>
              <th scope="col">Name</th>
              <th scope="col" class="number">Output</th>
              <th scope="col" class="number">Parameters</th>
              <th scope="col" class="number">Multiply-adds</th>
              <th scope="col">Moves</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map((row) => this.row(row))}
          </tbody>
        </table>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-layer-table': LayerTable;
  }
}
