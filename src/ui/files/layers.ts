/**
 * A network as a table: what was understood, what it costs, what the plane moves.
 *
 * @element isoloss-layers
 * @csspart dialog - the dialog
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state as internal } from 'lit/decorators.js';
import { spell } from '../../model/errors.js';
import type { Model } from '../../model/graph.js';
import { modelTable, type Movement, type TableRow } from '../../model/table.js';
import { controls } from '../controls.js';
import { exportStyles } from '../export-styles.js';
import { icons } from '../icons.js';
import { count } from '../numbers.js';
import { sumsOf } from './network-sums.js';

export interface Layers {
  readonly title: string;
  readonly model: Model;
  /** Sentences of the reader. */
  readonly notices: readonly string[];
  /** Whether a direction of the plane moves this parameter. */
  moves(parameter: string): boolean;
}

const MOVES: Readonly<Record<Movement, string>> = { none: '', all: 'yes', some: 'in part', fixed: 'no' };

@customElement('isoloss-layers')
export class LayersDialog extends LitElement {
  static override styles = [
    controls,
    exportStyles,
    css`
      dialog {
        width: min(880px, calc(100vw - 16px));
      }

      .about {
        display: grid;
        gap: 8px;
        padding: 0 24px 16px;
      }

      .about p {
        margin: 0;
        overflow-wrap: anywhere;
      }

      .notice {
        padding: 8px 16px;
        border-left: 4px solid var(--accent);
        background: var(--raised);
        white-space: pre-wrap;
      }

      .table {
        max-height: 60dvh;
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
        .about {
          padding: 0 16px 16px;
        }

        th:first-child,
        td:first-child {
          padding-left: 16px;
        }
      }
    `,
  ];

  @query('dialog') private dialog!: HTMLDialogElement;
  @internal() private layers: Layers | null = null;

  open(layers: Layers): void {
    this.layers = layers;
    this.dialog.showModal();
  }

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

  private body({ model, notices, moves }: Layers): TemplateResult {
    const rows = modelTable(model, moves);
    const sums = sumsOf(model);
    return html`
      <div class="about">
        <p>
          ${spell(model.shapes[0]!)} → ${spell(model.shapes.at(-1)!)} · ${count(sums.parameters)}
          parameters${sums.statistics === 0 ? '' : ` and ${count(sums.statistics)} running statistics`} ·
          ${count(sums.multiplyAdds)} multiply-adds per sample
        </p>
        ${notices.map((notice) => html`<p class="notice">${notice}</p>`)}
      </div>
      <div class="table" tabindex="0" role="region" aria-label="Layers">
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

  override render(): TemplateResult {
    const { layers } = this;
    return html`<dialog part="dialog" aria-labelledby="heading" @close=${() => (this.layers = null)}>
      <div class="head">
        <h2 id="heading">${layers?.title ?? 'Network'}</h2>
        <button class="plain icon" aria-label="Close" @click=${() => this.dialog.close()}>
          ${icons.close}
        </button>
      </div>
      ${layers === null ? nothing : this.body(layers)}
    </dialog>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-layers': LayersDialog;
  }
}
