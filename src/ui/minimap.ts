/**
 * Where in the whole a view is: the whole range in small, the view as a frame in it, or as a cross when it is
 * too small for one. A click or a drag moves the view there.
 *
 * @element isoloss-minimap
 * @fires isoloss-view - `{ side, view }`
 */
import { LitElement, css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { type View, viewAt } from '../landscape/view.js';
import { colormap } from '../plot/colormaps.js';
import { drawHeatmap } from '../plot/heatmap.js';
import { gridOf } from '../plot/panel.js';
import { resolveNorm } from '../plot/resolve.js';
import type { ColourScale, Panel } from '../plot/spec.js';
import { themes } from '../plot/theme.js';
import { initialState, type State } from '../state.js';
import { makeGrid, viewOf } from './plane.js';
import type { Side } from './sides.js';

/** Side in CSS pixels, and the side below which the frame becomes a cross. */
export const MINIMAP_SIDE = 80;
const SMALLEST = 6;

@customElement('isoloss-minimap')
export class MinimapElement extends LitElement {
  static override styles = css`
    :host {
      position: absolute;
      width: ${MINIMAP_SIDE}px;
      height: ${MINIMAP_SIDE}px;
      border: 1px solid var(--surface);
      outline: 1px solid var(--line);
      box-shadow: var(--shadow);
      cursor: pointer;
      touch-action: none;
    }

    :host([hidden]) {
      display: none;
    }

    canvas {
      display: block;
      width: 100%;
      height: 100%;
    }
  `;

  @property({ attribute: false }) state: State = initialState;
  @property() side: Side = 'left';
  /** The whole range, as far as it is known. */
  @property({ attribute: false }) panel: Panel | null = null;
  @property({ attribute: false }) scale: ColourScale | null = null;
  @property({ type: Boolean }) dark = false;
  @query('canvas') private canvas!: HTMLCanvasElement;

  override updated(changed: PropertyValues<this>): void {
    super.updated(changed);
    this.draw();
  }

  private draw(): void {
    const { panel, scale } = this;
    const ctx = this.canvas.getContext('2d');
    if (ctx === null || panel === null || scale === null) return;
    const pixels = Math.round(MINIMAP_SIDE * devicePixelRatio);
    this.canvas.width = this.canvas.height = pixels;
    ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    const theme = themes[this.dark ? 'dark' : 'light'];
    drawHeatmap(ctx, { x: 0, y: 0, width: MINIMAP_SIDE, height: MINIMAP_SIDE }, gridOf(panel), {
      norm: resolveNorm(scale, [panel]),
      table: colormap(scale.map),
      special: { ...theme.special, nan: theme.special.pending },
    });
    this.frame(ctx);
  }

  private frame(ctx: CanvasRenderingContext2D): void {
    const { range } = this.state;
    const { columns, rows } = makeGrid(this.state, this.side);
    const x = (a: number): number => ((a + range) / (2 * range)) * MINIMAP_SIDE;
    const y = (b: number): number => MINIMAP_SIDE - x(b);
    const width = x(columns.to) - x(columns.from);
    ctx.beginPath();
    if (width >= SMALLEST) ctx.rect(x(columns.from), y(rows.to), width, width);
    else {
      const [u, v] = [(x(columns.from) + x(columns.to)) / 2, (y(rows.from) + y(rows.to)) / 2];
      for (const [dx, dy] of [
        [1, 0],
        [-1, 0],
        [0, 1],
        [0, -1],
      ] as const) {
        ctx.moveTo(u + 3 * dx, v + 3 * dy);
        ctx.lineTo(u + MINIMAP_SIDE * dx, v + MINIMAP_SIDE * dy);
      }
    }
    ctx.strokeStyle = 'rgb(0 0 0 / 0.6)';
    ctx.lineWidth = 3;
    ctx.stroke();
    ctx.strokeStyle = '#ffffff';
    ctx.lineWidth = 1;
    ctx.stroke();
  }

  private go(event: PointerEvent): void {
    event.stopPropagation();
    if (event.type === 'pointerdown') this.canvas.setPointerCapture(event.pointerId);
    else if (event.buttons === 0) return;
    const { left, top, width } = this.getBoundingClientRect();
    const { range } = this.state;
    const at = (share: number): number => range * (2 * Math.min(1, Math.max(0, share)) - 1);
    const point = { a: at((event.clientX - left) / width), b: at(1 - (event.clientY - top) / width) };
    const view: View = viewAt(this.state, viewOf(this.state, this.side).zoom, point);
    const detail = { side: this.side, view };
    this.dispatchEvent(new CustomEvent('isoloss-view', { detail, bubbles: true, composed: true }));
  }

  override render(): TemplateResult {
    return html`<canvas aria-hidden="true" @pointerdown=${this.go} @pointermove=${this.go}></canvas>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-minimap': MinimapElement;
  }
}
