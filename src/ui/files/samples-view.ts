/**
 * What was understood of the data: how many samples of which shape, how many of each class, the first nine.
 *
 * @element isoloss-samples
 * @fires isoloss-relabel - `{ label }`: another column of a table holds the labels
 * @csspart histogram - samples per class
 */
import { LitElement, css, html, nothing, svg, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { controls } from '../controls.js';
import { count } from '../numbers.js';
import type { DataEntry } from './library.js';
import { type Bar, histogram, labelText, type Thumbnail, thumbnails } from './samples.js';

const SHOWN = 9;
/** Of the histogram, in units of its own. */
const BAR_HEIGHT = 40;

@customElement('isoloss-samples')
export class SamplesElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: grid;
        gap: 8px;
        padding: 4px 12px 8px 0;
      }

      p {
        margin: 0;
        font-size: 12px;
        line-height: 16px;
        color: var(--ink-soft);
        overflow-wrap: anywhere;
      }

      .row {
        display: grid;
        grid-template-columns: 96px minmax(0, 1fr);
        align-items: center;
        gap: 4px;
        font-size: 13px;
        line-height: 16px;
      }

      svg {
        display: block;
        width: 100%;
        height: 48px;
        border-bottom: 1px solid var(--line-strong);
      }

      rect {
        fill: var(--accent);
      }

      .ends {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        color: var(--ink-soft);
        font-size: 12px;
        line-height: 16px;
      }

      .samples {
        display: grid;
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: grid;
        gap: 2px;
        min-width: 0;
        color: var(--ink-soft);
        font-size: 12px;
        line-height: 16px;
        text-align: center;
      }

      li span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }

      canvas {
        width: 100%;
        aspect-ratio: 1;
        object-fit: contain;
        border-radius: 2px;
        background: #000;
        image-rendering: pixelated;
      }
    `,
  ];

  @property({ attribute: false }) data: DataEntry | null = null;
  private bars: readonly Bar[] = [];
  private pictures: readonly Thumbnail[] = [];

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (!changed.has('data')) return;
    this.bars = this.data === null ? [] : histogram(this.data.y, this.data.classes);
    this.pictures = this.data === null ? [] : thumbnails(this.data.x, SHOWN);
  }

  override updated(): void {
    const canvases = this.renderRoot.querySelectorAll('canvas');
    this.pictures.forEach((picture, i) => paint(canvases[i]!, picture));
  }

  private histogram(): TemplateResult {
    const { bars } = this;
    const most = Math.max(1, ...bars.map((bar) => bar.count));
    const text = bars.map(({ label, count: samples }) => `${label}: ${samples}`).join(', ');
    return html`<div>
      <svg
        part="histogram"
        role="img"
        aria-label=${`Samples per class. ${text}`}
        viewBox="0 0 ${bars.length} ${BAR_HEIGHT}"
        preserveAspectRatio="none"
      >
        ${bars.map(({ label, count: samples }, i) => {
          const height = (samples / most) * BAR_HEIGHT;
          return svg`<rect x=${i + 0.1} y=${BAR_HEIGHT - height} width="0.8" height=${height}><title>${label}: ${samples}</title></rect>`;
        })}
      </svg>
      <div class="ends"><span>${bars[0]?.label}</span><span>${bars.at(-1)?.label}</span></div>
    </div>`;
  }

  private label(table: NonNullable<DataEntry['table']>): TemplateResult {
    const send = (event: Event) => {
      const detail = { label: (event.target as HTMLSelectElement).value };
      this.dispatchEvent(new CustomEvent('isoloss-relabel', { detail, bubbles: true, composed: true }));
    };
    return html`<div class="row">
      <label for="label">Labels in</label>
      <select id="label" @change=${send}>
        ${table.columns.map(
          (column) => html`<option value=${column} .selected=${column === table.label}>${column}</option>`,
        )}
      </select>
    </div>`;
  }

  override render(): TemplateResult | typeof nothing {
    const { data } = this;
    if (data === null) return nothing;
    const { x, y, classes, table } = data;
    return html`
      <p>${count(x.shape[0]!)} samples of ${x.shape.slice(1).join(' × ')}, type ${typeName(x.dtype)}</p>
      ${table === null ? nothing : this.label(table)} ${this.histogram()}
      <ol class="samples" aria-label="The first samples">
        ${this.pictures.map((_, i) => {
          const label = labelText(y, i, classes);
          return html`<li>
            <canvas role="img" aria-label=${`Sample ${i}, label ${label}`}></canvas
            ><span title=${label}>${label}</span>
          </li>`;
        })}
      </ol>
    `;
  }
}

/** NumPy's `|u1` as people say it: `uint8`. */
function typeName(dtype: string): string {
  const kinds: Record<string, string> = { u: 'uint', i: 'int', f: 'float', b: 'bool' };
  const kind = kinds[dtype[1] ?? ''] ?? dtype;
  return kind === 'bool' ? kind : `${kind}${8 * Number(dtype.slice(2))}`;
}

/** An image pixel by pixel; other samples as bars from the bottom. */
function paint(canvas: HTMLCanvasElement, picture: Thumbnail): void {
  const context = canvas.getContext('2d')!;
  if (picture.kind === 'image') {
    canvas.width = picture.width;
    canvas.height = picture.height;
    context.putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
    return;
  }
  const { values } = picture;
  canvas.width = canvas.height = 2 * Math.max(8, values.length);
  context.fillStyle = '#fff';
  const step = canvas.width / values.length;
  values.forEach((value, i) => {
    const height = Math.max(1, value * canvas.height);
    context.fillRect(i * step, canvas.height - height, Math.max(1, 0.8 * step), height);
  });
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-samples': SamplesElement;
  }
}
