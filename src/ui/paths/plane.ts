/**
 * The plane of the two parameters: the map on one canvas, paths and their start on another above it.
 *
 * @element isoloss-paths-plane
 * @fires isoloss-change - `{ patch: { start } }`: dragged, or moved with the arrow keys
 */
import { LitElement, css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { drawFigure } from '../../plot/figure.js';
import type { PlaneArea } from '../../plot/geometry.js';
import type { FigureLayout } from '../../plot/layout.js';
import { drawPaths, drawStart, type PlanePath } from '../../plot/paths.js';
import type { PanelPainter } from '../../plot/panel.js';
import type { Figure } from '../../plot/spec.js';
import { themes } from '../../plot/theme.js';
import { controls } from '../controls.js';

/** Size of text, in CSS pixels. */
const TEXT = 13;
/** Share of the picture's width that an arrow key moves the start by; with Shift ten times as far. */
const STEP = 1 / 200;

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

@customElement('isoloss-paths-plane')
export class PathsPlaneElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        display: block;
        min-width: 0;
        min-height: 0;
        overflow: hidden;
      }

      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }

      .over {
        cursor: crosshair;
        touch-action: none;
      }
    `,
  ];

  @property({ attribute: false }) figure: Figure | null = null;
  @property({ attribute: false }) paint: PanelPainter | null = null;
  @property({ attribute: false }) paths: readonly PlanePath[] = [];
  @property({ attribute: false }) start: readonly [number, number] = [0, 0];
  @property({ type: Boolean }) dark = false;
  /** In words, for those who cannot see it. */
  @property() description = '';

  @query('.map') private map!: HTMLCanvasElement;
  @query('.over') private over!: HTMLCanvasElement;
  @internal() private width = 0;
  @internal() private height = 0;
  private layout: FigureLayout | null = null;
  private dragging = false;
  private readonly sizes = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    this.width = Math.floor(width);
    this.height = Math.floor(height);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  override updated(changed: PropertyValues<this>): void {
    const names = changed as ReadonlyMap<PropertyKey, unknown>;
    if (this.figure === null || this.width === 0 || this.height === 0) return;
    if (['figure', 'paint', 'dark', 'width', 'height'].some((name) => names.has(name))) this.drawMap();
    this.drawPaths();
  }

  private context(canvas: HTMLCanvasElement, clear: boolean): CanvasRenderingContext2D {
    const [width, height] = [this.width * devicePixelRatio, this.height * devicePixelRatio].map(Math.round);
    if (canvas.width !== width) canvas.width = width!;
    if (canvas.height !== height) canvas.height = height!;
    const ctx = canvas.getContext('2d')!;
    ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    if (clear) ctx.clearRect(0, 0, this.width, this.height);
    return ctx;
  }

  private drawMap(): void {
    const theme = this.dark ? 'dark' : 'light';
    const ctx = this.context(this.map, false);
    const figure = { ...this.figure!, em: TEXT };
    this.layout = drawFigure(
      ctx,
      figure,
      this.width,
      this.height,
      devicePixelRatio,
      theme,
      this.paint ?? undefined,
    );
  }

  private drawPaths(): void {
    const place = this.layout?.panels[0];
    if (place === undefined) return;
    const style = { theme: themes[this.dark ? 'dark' : 'light'], em: TEXT, scale: devicePixelRatio };
    const ctx = this.context(this.over, true);
    drawPaths(ctx, place, this.paths, style);
    drawStart(ctx, place, { a: this.start[0], b: this.start[1] }, style);
  }

  private move(a: number, b: number): void {
    // Three digits more than a pixel shows keep links short.
    const short = (value: number): number => Number(value.toPrecision(5));
    const detail = { patch: { start: { a: short(a), b: short(b) } } };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  private readonly onPointer = (event: PointerEvent): void => {
    const place: PlaneArea | undefined = this.layout?.panels[0];
    if (place === undefined || event.button > 0) return;
    const { left, top } = this.over.getBoundingClientRect();
    const { area, columns, rows } = place;
    const u = (event.clientX - left - area.x) / area.width;
    const v = 1 - (event.clientY - top - area.y) / area.height;
    if (event.type === 'pointerdown') {
      if (!(u >= 0 && u <= 1 && v >= 0 && v <= 1)) return;
      this.over.setPointerCapture(event.pointerId);
      this.dragging = true;
    }
    if (!this.dragging) return;
    const clip = (share: number): number => Math.min(1, Math.max(0, share));
    this.move(
      columns.from + clip(u) * (columns.to - columns.from),
      rows.from + clip(v) * (rows.to - rows.from),
    );
  };

  private readonly onRelease = (): void => {
    this.dragging = false;
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    const panel = this.figure?.panels[0];
    if (arrow === undefined || panel === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const { columns, rows } = panel;
    const step = STEP * (event.shiftKey ? 10 : 1);
    this.move(
      this.start[0] + arrow[0] * step * (columns.to - columns.from),
      this.start[1] + arrow[1] * step * (rows.to - rows.from),
    );
  };

  override render(): TemplateResult {
    return html`
      <canvas class="map" aria-hidden="true"></canvas>
      <canvas
        class="over"
        tabindex="0"
        role="application"
        aria-label=${this.description}
        @pointerdown=${this.onPointer}
        @pointermove=${this.onPointer}
        @pointerup=${this.onRelease}
        @pointercancel=${this.onRelease}
        @keydown=${this.onKey}
      ></canvas>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-paths-plane': PathsPlaneElement;
  }
}
