/**
 * The picture on the screen: one canvas drawn by the plot code, and over it what reacts to pointer and
 * keyboard.
 *
 * @element isoloss-figure
 * @fires isoloss-cursor - `{ cursor }`: the grid point under pointer or arrow keys, or null
 * @fires isoloss-view - `{ side, view }`: this panel is to show this window
 * @fires isoloss-navigate - `{ to: 'back' | 'forward' | 'whole' }`, or 'frame' when a rectangle was drawn
 * @fires isoloss-change - `{ patch }`: a limit dragged, a surface turned, or a remedy for nearly parallel directions
 * @fires isoloss-resume - "Try again" after a failure
 * @csspart canvas - the picture
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, queryAll, state as internal } from 'lit/decorators.js';
import type { Extent, View } from '../landscape/view.js';
import { nearestNode, planePointAt } from '../plot/geometry.js';
import type { FigureLayout } from '../plot/layout.js';
import type { Norm } from '../plot/scale.js';
import type { ColourScale, Figure, Panel } from '../plot/spec.js';
import { initialState, type State } from '../state.js';
import { Easel, type Sitter } from './easel.js';
import { figureStyles } from './figure-styles.js';
import { Gestures, type GestureHost } from './gestures.js';
import './limit-handles.js';
import { isSurface, turned } from './painter.js';
import { normsOf, type LimitHandles } from './limit-handles.js';
import { extentBetween, MAP_KEYS, mapAction } from './map-keys.js';
import './minimap.js';
import { MINIMAP_SIDE, type MinimapElement } from './minimap.js';
import { makeGrid } from './plane.js';
import type { Cursor } from './readout.js';
import type { RunStatus } from './session.js';
import { shownSides, type Side } from './sides.js';
import { Turntable } from './turntable.js';

/** What the keyboard does on a panel. */
const KEYS = { map: MAP_KEYS, surface: 'Arrow keys turn and tilt the surface.' } as const;

@customElement('isoloss-figure')
export class FigureElement extends LitElement implements GestureHost, Sitter {
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
  /** A plain drag draws a rectangle to zoom into. */
  @property({ type: Boolean }) framing = false;
  /** The whole range in small, for each panel that shows only a part of it. */
  @property({ attribute: false }) overviews: readonly (Panel | null)[] = [];
  @property({ attribute: false }) overviewScale: ColourScale | null = null;

  @query('#picture') picture!: HTMLCanvasElement;
  @query('#crosshair') crosshair!: HTMLCanvasElement;
  @queryAll('.map') private maps!: NodeListOf<HTMLElement>;
  @queryAll('isoloss-limits') private bars!: NodeListOf<LimitHandles>;
  @queryAll('isoloss-minimap') private minimaps!: NodeListOf<MinimapElement>;
  @query('.band') private bandBox!: HTMLElement;
  @internal() width = 0;
  @internal() height = 0;
  /** Whether the picture is behind what it is to show. */
  @internal() drawing = false;
  /** One for each colour bar. */
  private norms: readonly Norm[] = [];
  private readonly easel = new Easel(this);
  private readonly gestures = new Gestures(this);
  /** First corner of a rectangle that the keyboard draws. */
  private corner: Cursor | null = null;
  private readonly sizes = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect;
    this.width = Math.floor(width);
    this.height = Math.floor(height);
  });

  override connectedCallback(): void {
    super.connectedCallback();
    this.easel.begin();
    this.sizes.observe(this);
    window.addEventListener('resize', this.onZoom);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    window.removeEventListener('resize', this.onZoom);
    this.easel.end();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('figure') && this.figure !== null) this.norms = normsOf(this.figure);
  }

  override updated(changed: PropertyValues<this>): void {
    // The names include private members, which keyof leaves out.
    const names = changed as ReadonlyMap<PropertyKey, unknown>;
    if (names.has('state')) this.easel.turn(this.state);
    const seen = ['figure', 'narrow', 'dark', 'width', 'height', 'begun', 'status'];
    if (names.has('begun') && this.begun) this.easel.hurry();
    if (seen.some((name) => names.has(name))) this.easel.schedule();
    else if (changed.has('cursor')) this.easel.drawCursor();
  }

  /** Zooming changes the pixels of the device, but not the size in CSS pixels. */
  private readonly onZoom = (): void => this.easel.schedule();

  /** Puts what reacts over what is drawn. Through the CSSOM: style attributes are against the policy. */
  place(layout: FigureLayout): void {
    const base = this.picture.offsetTop;
    layout.panels.forEach(({ area }, i) => {
      const map = this.maps[i];
      if (map === undefined) return;
      map.style.left = `${area.x}px`;
      map.style.top = `${base + area.y}px`;
      map.style.width = `${area.width}px`;
      map.style.height = `${area.height}px`;
    });
    this.minimaps.forEach((minimap, i) => {
      const area = layout.panels[i]?.area;
      if (area === undefined) return;
      // On a small panel it would cover what it belongs to.
      minimap.style.display = area.width < 3 * MINIMAP_SIDE ? 'none' : '';
      minimap.style.left = `${area.x + 8}px`;
      minimap.style.top = `${base + area.y + area.height - minimap.offsetHeight - 8}px`;
    });
    this.bars.forEach((bar, i) => {
      const place = layout.colorbars[i];
      if (place !== undefined) bar.place(place);
    });
  }

  private tell(cursor: Cursor | null): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-cursor', { detail: { cursor }, bubbles: true, composed: true }),
    );
  }

  private readonly turntable = new Turntable((right, up) => {
    const detail = { patch: turned(this.state, right, up) };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  });

  frameOf(panel: number): DOMRect {
    return this.maps[panel]!.getBoundingClientRect();
  }

  show(side: Side, view: View): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-view', { detail: { side, view }, bubbles: true, composed: true }),
    );
  }

  band(panel: number, extent: Extent | null): void {
    const map = this.maps[panel];
    const { style } = this.bandBox;
    this.bandBox.hidden = extent === null || map === undefined;
    if (extent === null || map === undefined) return;
    const nodes = this.state.size - 1;
    const x = (right: number): number => map.offsetLeft + (right / nodes + 0.5) * map.offsetWidth;
    const y = (up: number): number => map.offsetTop + (0.5 - up / nodes) * map.offsetHeight;
    style.left = `${x(extent.left)}px`;
    style.top = `${y(extent.top)}px`;
    style.width = `${x(extent.right) - x(extent.left)}px`;
    style.height = `${y(extent.bottom) - y(extent.top)}px`;
  }

  private navigate(to: 'back' | 'forward' | 'whole' | 'frame'): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-navigate', { detail: { to }, bubbles: true, composed: true }),
    );
  }

  /** On a map the pointer reads a point and moves the view; a surface is turned by dragging it. */
  private point(event: PointerEvent, index: number): void {
    if (isSurface(this.state)) {
      this.turntable.drag(event);
      return;
    }
    if (event.type === 'pointerdown') this.gestures.down(event, index);
    else if (event.type === 'pointermove') this.gestures.move(event, this.narrow);
    else {
      const framed = this.framing && this.gestures.busy;
      this.gestures.up(event);
      if (framed) this.navigate('frame');
    }
    if (!this.gestures.busy) this.read(event, index);
  }

  private read(event: PointerEvent, index: number): void {
    const panel = this.easel.layout?.panels[index];
    if (panel === undefined) return;
    const box = this.picture.getBoundingClientRect();
    const point = planePointAt(panel, event.clientX - box.left, event.clientY - box.top);
    if (point === null) return;
    const { columns, rows } = makeGrid(this.state, shownSides(this.state)[index]);
    const { column, row } = nearestNode(columns, rows, point);
    if (column !== this.cursor?.column || row !== this.cursor.row) this.tell({ column, row });
  }

  /** A finger has no hover: its point stays until the next one. */
  private leave(event: PointerEvent): void {
    if (event.pointerType === 'mouse') this.tell(null);
  }

  private key(event: KeyboardEvent, index: number): void {
    if (isSurface(this.state)) {
      this.turntable.key(event);
      return;
    }
    if (event.key === 'Escape' && this.gestures.cancel()) return;
    const side = shownSides(this.state)[index] ?? 'left';
    const action = mapAction(event, this.state, side, this.cursor, this.corner);
    if (action === null) return;
    event.preventDefault();
    const { cursor, view, travel, corner } = action;
    if (view !== undefined) this.show(side, view);
    if (travel !== undefined) this.navigate(travel);
    if (cursor !== undefined) this.tell(cursor);
    if (corner !== undefined) this.corner = corner;
    const now = cursor === undefined ? this.cursor : cursor;
    this.band(
      index,
      this.corner === null || now === null ? null : extentBetween(this.state, this.corner, now),
    );
  }

  private message(): TemplateResult | typeof nothing {
    if (this.status === 'failed') {
      return html`<div class="message failed" role="alert">
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
          aria-busy=${this.drawing || this.status === 'running' || this.status === 'loading'}
        ></canvas>
        <canvas id="crosshair" aria-hidden="true"></canvas>
      </div>
      ${this.descriptions.map(
        (description, i) =>
          html`<div
            class=${this.framing ? 'map framing' : 'map'}
            tabindex="0"
            role="application"
            aria-roledescription="map"
            aria-label=${`${description} ${KEYS[isSurface(this.state) ? 'surface' : 'map']}`}
            @pointermove=${(event: PointerEvent) => this.point(event, i)}
            @pointerdown=${(event: PointerEvent) => this.point(event, i)}
            @pointerup=${(event: PointerEvent) => this.point(event, i)}
            @pointercancel=${(event: PointerEvent) => this.point(event, i)}
            @pointerleave=${this.leave}
            @wheel=${(event: WheelEvent) => this.gestures.wheel(event, i)}
            @dblclick=${() => this.navigate('whole')}
            @keydown=${(event: KeyboardEvent) => this.key(event, i)}
          ></div>`,
      )}
      <div class="band" hidden></div>
      ${shownSides(this.state).map(
        (side, i) =>
          html`<isoloss-minimap
            .state=${this.state}
            .side=${side}
            .panel=${this.overviews[i] ?? null}
            .scale=${this.overviewScale}
            .dark=${this.dark}
            ?hidden=${(this.overviews[i] ?? null) === null || isSurface(this.state)}
            @wheel=${(event: WheelEvent) => this.gestures.wheel(event, i)}
          ></isoloss-minimap>`,
      )}
      ${this.norms.map((norm) => html`<isoloss-limits .state=${this.state} .norm=${norm}></isoloss-limits>`)}
      <slot></slot>
      ${this.message()}
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-figure': FigureElement;
  }
}
