/**
 * The picture on the screen: one canvas drawn by the plot code, and over it what reacts to pointer and
 * keyboard.
 *
 * @element isoloss-figure
 * @fires isoloss-cursor - `{ cursor }`: the grid point under pointer or arrow keys, or null
 * @fires isoloss-change - `{ patch }`: a limit dragged, a surface turned, or a remedy for nearly parallel directions
 * @fires isoloss-resume - "Try again" after a failure
 * @csspart canvas - the picture
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, queryAll, state as internal } from 'lit/decorators.js';
import { coordinates } from '../landscape/grid.js';
import { drawFigure } from '../plot/figure.js';
import { nearestNode, planePointAt } from '../plot/geometry.js';
import { naturalHeight, type FigureLayout } from '../plot/layout.js';
import { drawCrosshair } from '../plot/marks.js';
import { resolveNorm } from '../plot/resolve.js';
import type { Norm } from '../plot/scale.js';
import type { Figure } from '../plot/spec.js';
import { themes } from '../plot/theme.js';
import { initialState, type State } from '../state.js';
import { figureStyles } from './figure-styles.js';
import './limit-handles.js';
import { loadPainter, painterOf, turned } from './painter.js';
import type { LimitHandles } from './limit-handles.js';
import { makeGrid } from './plane.js';
import type { Cursor } from './readout.js';
import type { RunStatus } from './session.js';

/** Size of body text on the screen, in CSS pixels. */
const TEXT = 13;
/** Space that the row for notices under the panels takes, in CSS pixels. */
const ROW = 48;
/** A drag across a panel turns the surface by about half a turn. */
const DEGREES_PER_PIXEL = 0.4;
/** What the keyboard does on a panel. */
const KEYS = {
  map: 'Arrow keys move the crosshair, with Shift five points; Home goes to the trained network, Escape takes it away.',
  surface: 'Arrow keys turn and tilt the surface.',
} as const;

@customElement('isoloss-figure')
export class FigureElement extends LitElement {
  static override styles = figureStyles;

  @property({ attribute: false }) figure: Figure | null = null;
  @property({ attribute: false }) state: State = initialState;
  @property({ type: Boolean }) narrow = false;
  @property({ type: Boolean }) dark = false;
  @property({ attribute: false }) cursor: Cursor | null = null;
  /** In words, one for each panel. */
  @property({ attribute: false }) descriptions: readonly string[] = [];
  @property() status: RunStatus = 'loading';
  @property() failure = '';
  /** Whether any point of it is computed; until then the former picture stays, dimmed. */
  @property({ type: Boolean }) begun = false;

  @query('#picture') private picture!: HTMLCanvasElement;
  @query('#crosshair') private crosshair!: HTMLCanvasElement;
  @queryAll('.map') private maps!: NodeListOf<HTMLElement>;
  @queryAll('isoloss-limits') private bars!: NodeListOf<LimitHandles>;
  @internal() private width = 0;
  @internal() private height = 0;
  /** One for each colour bar. */
  private norms: readonly Norm[] = [];
  private layout: FigureLayout | null = null;
  private frame = 0;
  /** When the next picture may be drawn, so that drawing never takes more than a third of the time. */
  private notBefore = 0;
  private readonly sizes = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    this.width = Math.floor(width);
    this.height = Math.floor(height);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    window.addEventListener('resize', this.onZoom);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    window.removeEventListener('resize', this.onZoom);
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('figure') && this.figure !== null) this.norms = normsOf(this.figure);
  }

  override updated(changed: PropertyValues<this>): void {
    // The names include private members, which keyof leaves out.
    const names = changed as ReadonlyMap<PropertyKey, unknown>;
    if (names.has('state')) void loadPainter(this.state).then((isNew) => isNew && this.schedule());
    const seen = ['figure', 'narrow', 'dark', 'width', 'height', 'begun', 'status'];
    if (seen.some((name) => names.has(name))) this.schedule();
    else if (changed.has('cursor')) this.drawCursor();
  }

  /** Zooming changes the pixels of the device, but not the size in CSS pixels. */
  private readonly onZoom = (): void => this.schedule();

  private schedule(): void {
    if (this.frame !== 0) return;
    const draw = (now: number): void => {
      if (now < this.notBefore) {
        this.frame = requestAnimationFrame(draw);
        return;
      }
      this.frame = 0;
      this.draw();
      this.notBefore = now + 3 * (performance.now() - now);
    };
    this.frame = requestAnimationFrame(draw);
  }

  private draw(): void {
    const { figure, width, narrow } = this;
    if (figure === null || width === 0) return;
    // What is on the canvas is worth more than an empty frame, as long as it says that it is old.
    if (!this.begun && this.layout !== null && this.layout.width === width && this.status !== 'failed')
      return;
    const ctx = this.picture.getContext('2d')!;
    const spec: Figure = { ...figure, em: TEXT, arrangement: narrow ? 'column' : 'row' };
    const height = narrow ? naturalHeight(ctx, spec, width, 'column') : this.height - ROW;
    if (height < 1) return;
    const scale = devicePixelRatio;
    resize(this.picture, width, height, scale);
    resize(this.crosshair, width, height, scale);
    const paint = painterOf(this.state, figure.scale.name);
    this.layout = drawFigure(ctx, spec, width, height, scale, this.dark ? 'dark' : 'light', paint);
    this.place(this.layout);
    this.drawCursor();
  }

  /** Puts what reacts over what is drawn. Through the CSSOM: style attributes are against the policy. */
  private place(layout: FigureLayout): void {
    const base = this.picture.offsetTop;
    layout.panels.forEach(({ area }, i) => {
      const map = this.maps[i];
      if (map === undefined) return;
      map.style.left = `${area.x}px`;
      map.style.top = `${base + area.y}px`;
      map.style.width = `${area.width}px`;
      map.style.height = `${area.height}px`;
    });
    this.bars.forEach((bar, i) => {
      const place = layout.colorbars[i];
      if (place !== undefined) bar.place(place);
    });
  }

  private drawCursor(): void {
    const { layout, cursor } = this;
    const ctx = this.crosshair?.getContext('2d');
    if (!ctx || layout === null) return;
    const scale = devicePixelRatio;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, layout.width, layout.height);
    if (cursor === null || this.state.view === 'surface') return;
    const grid = makeGrid(this.state);
    const a = coordinates(grid.columns)[cursor.column]!;
    const b = coordinates(grid.rows)[cursor.row]!;
    const style = { theme: themes[this.dark ? 'dark' : 'light'], em: layout.em, scale };
    for (const panel of layout.panels) drawCrosshair(ctx, panel, { a, b }, style);
  }

  private tell(cursor: Cursor | null): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-cursor', { detail: { cursor }, bubbles: true, composed: true }),
    );
  }

  /** Where a drag that turns the surfaces was last. */
  private grip: { readonly x: number; readonly y: number } | null = null;

  private turn(right: number, up: number): void {
    const detail = { patch: turned(this.state, right, up) };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  /** On a map the pointer reads a point; a surface is turned by dragging it. */
  private point(event: PointerEvent, index: number): void {
    if (this.state.view === 'surface') this.drag(event);
    else this.read(event, index);
  }

  private drag(event: PointerEvent): void {
    const { clientX: x, clientY: y, buttons, type } = event;
    if (type === 'pointerdown') (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const from = type === 'pointerdown' || buttons === 0 ? null : this.grip;
    if (from === null) {
      this.grip = buttons === 0 ? null : { x, y };
      return;
    }
    const right = Math.round((x - from.x) * DEGREES_PER_PIXEL);
    const up = Math.round((y - from.y) * DEGREES_PER_PIXEL);
    if (right === 0 && up === 0) return;
    this.grip = { x, y };
    this.turn(-right, up);
  }

  private read(event: PointerEvent, index: number): void {
    const panel = this.layout?.panels[index];
    if (panel === undefined) return;
    const box = this.picture.getBoundingClientRect();
    const point = planePointAt(panel, event.clientX - box.left, event.clientY - box.top);
    if (point === null) return;
    const { columns, rows } = makeGrid(this.state);
    const { column, row } = nearestNode(columns, rows, point);
    if (column !== this.cursor?.column || row !== this.cursor.row) this.tell({ column, row });
  }

  /** A finger has no hover: its point stays until the next one. */
  private leave(event: PointerEvent): void {
    if (event.pointerType === 'mouse') this.tell(null);
  }

  private key(event: KeyboardEvent): void {
    if (this.state.view === 'surface') {
      const turns: Record<string, readonly [number, number]> = {
        ArrowLeft: [-5, 0],
        ArrowRight: [5, 0],
        ArrowUp: [0, 5],
        ArrowDown: [0, -5],
      };
      const by = event.ctrlKey || event.metaKey || event.altKey ? undefined : turns[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.turn(...by);
      return;
    }
    const last = this.state.size - 1;
    const middle = last / 2;
    const from = this.cursor ?? { column: middle, row: middle };
    const far = event.shiftKey ? 5 : 1;
    const clamp = (value: number) => Math.min(last, Math.max(0, value));
    const move = (columns: number, rows: number): Cursor => ({
      column: clamp(from.column + columns * far),
      row: clamp(from.row + rows * far),
    });
    const targets: Record<string, () => Cursor | null> = {
      ArrowLeft: () => move(-1, 0),
      ArrowRight: () => move(1, 0),
      ArrowUp: () => move(0, 1),
      ArrowDown: () => move(0, -1),
      Home: () => ({ column: middle, row: middle }),
      Escape: () => null,
    };
    const target = event.ctrlKey || event.metaKey || event.altKey ? undefined : targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    this.tell(target());
  }

  private message(): TemplateResult | typeof nothing {
    if (this.status === 'failed') {
      return html`<div class="message failed">
        <p>${this.failure}</p>
        <button
          class="primary"
          @click=${() => this.dispatchEvent(new Event('isoloss-resume', { bubbles: true, composed: true }))}
        >
          Try again
        </button>
      </div>`;
    }
    return nothing;
  }

  override render(): TemplateResult {
    const dim = !this.begun;
    return html`
      <div class="canvases ${dim ? 'dim' : ''}">
        <canvas
          id="picture"
          part="canvas"
          role="img"
          aria-label=${this.descriptions.join(' ')}
          aria-busy=${this.status === 'running' || this.status === 'loading'}
        ></canvas>
        <canvas id="crosshair" aria-hidden="true"></canvas>
      </div>
      ${this.descriptions.map(
        (description, i) =>
          html`<div
            class="map"
            tabindex="0"
            role="application"
            aria-roledescription="map"
            aria-label=${`${description} ${KEYS[this.state.view]}`}
            @pointermove=${(event: PointerEvent) => this.point(event, i)}
            @pointerdown=${(event: PointerEvent) => this.point(event, i)}
            @pointerleave=${this.leave}
            @keydown=${this.key}
          ></div>`,
      )}
      ${this.norms.map((norm) => html`<isoloss-limits .state=${this.state} .norm=${norm}></isoloss-limits>`)}
      <slot></slot>
      ${this.message()}
    `;
  }
}

function normsOf({ panels, scale }: Figure): Norm[] {
  const own = panels.filter((panel) => panel.scale !== undefined);
  return own.length === 0
    ? [resolveNorm(scale, panels)]
    : own.map((panel) => resolveNorm(panel.scale!, [panel]));
}

/** Sets a canvas' size in CSS pixels and in those of the device; leaves it alone when it has that size. */
function resize(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-figure': FigureElement;
  }
}
