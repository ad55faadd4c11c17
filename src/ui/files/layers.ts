/**
 * A network as a table: what was understood, what it costs, what the plane moves.
 *
 * @element isoloss-layers
 * @csspart dialog - the dialog
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state as internal } from 'lit/decorators.js';
import { spell } from '../../model/errors.js';
import { controls } from '../controls.js';
import { exportStyles } from '../export-styles.js';
import { icons } from '../icons.js';
import { count } from '../numbers.js';
import './layer-table.js';
import type { Layers } from './layer-table.js';
import { sumsOf } from './network-sums.js';

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

      isoloss-layer-table {
        max-height: 60dvh;
      }

      @media (max-width: 800px) {
        .about {
          padding: 0 16px 16px;
        }
      }
    `,
  ];

  @query('dialog') private dialog!: HTMLDialogElement;
  @internal() private layers: Layers | null = null;

  async open(layers: Layers): Promise<void> {
    await this.updateComplete;
    this.layers = layers;
    this.dialog.showModal();
  }

  private body(layers: Layers): TemplateResult {
    const { model, notices } = layers;
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
      <isoloss-layer-table .layers=${layers}></isoloss-layer-table>
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
