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
import { coordinates } from '../landscape/grid.js';
import type { Extent, View } from '../landscape/view.js';
import { figureSteps } from '../plot/figure.js';
import { nearestNode, planePointAt } from '../plot/geometry.js';
import { naturalHeight, type FigureLayout } from '../plot/layout.js';
import { drawCrosshair } from '../plot/marks.js';
import type { Norm } from '../plot/scale.js';
import type { ColourScale, Figure, Panel } from '../plot/spec.js';
import { finish, type Steps } from '../plot/steps.js';
import { themes } from '../plot/theme.js';
import { initialState, type State } from '../state.js';
import { Darkroom, resize } from './darkroom.js';
import { figureStyles } from './figure-styles.js';
import { noteFirstPicture, PATIENCE } from './first-picture.js';
import { Gestures, type GestureHost } from './gestures.js';
import './limit-handles.js';
import { isSurface, loadPainter, painterOf, turned } from './painter.js';
import { normsOf, type LimitHandles } from './limit-handles.js';
import { extentBetween, MAP_KEYS, mapAction } from './map-keys.js';
import './minimap.js';
import type { MinimapElement } from './minimap.js';
import { makeGrid } from './plane.js';
import type { Cursor } from './readout.js';
import type { RunStatus } from './session.js';
import { shownSides, type Side } from './sides.js';
import { Stopwatch } from './stopwatch.js';
import { Turntable } from './turntable.js';

/** Size of body text on the screen, in CSS pixels. */
const TEXT = 13;
/** Space that the row for notices under the panels takes, in CSS pixels. */
const ROW = 48;
/** Points of the coarsest lattice, which is the first picture. */
const FEWEST_POINTS = 9;
/** What the keyboard does on a panel. */
const KEYS = { map: MAP_KEYS, surface: 'Arrow keys turn and tilt the surface.' } as const;

@customElement('isoloss-figure')
export class FigureElement extends LitElement implements GestureHost {
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

  @query('#picture') private picture!: HTMLCanvasElement;
  @query('#crosshair') private crosshair!: HTMLCanvasElement;
  @queryAll('.map') private maps!: NodeListOf<HTMLElement>;
  @queryAll('isoloss-limits') private bars!: NodeListOf<LimitHandles>;
  @queryAll('isoloss-minimap') private minimaps!: NodeListOf<MinimapElement>;
  @query('.band') private bandBox!: HTMLElement;
  @internal() private width = 0;
  @internal() private height = 0;
  /** Whether the picture is behind what it is to show. */
  @internal() private drawing = false;
  /** One for each colour bar. */
  private norms: readonly Norm[] = [];
  private layout: FigureLayout | null = null;
  /** Whether the first picture has been noted. */
  private marked = false;
  private readonly darkroom = new Darkroom();
  private readonly stopwatch = new Stopwatch();
  private readonly gestures = new Gestures(this);
  /** First corner of a rectangle that the keyboard draws. */
  private corner: Cursor | null = null;
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
    // After that an empty frame is better than nothing.
    this.notBefore = performance.now() + PATIENCE;
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
    if (names.has('state')) this.stopwatch.look(this.state);
    if (names.has('state')) void loadPainter(this.state).then((isNew) => isNew && this.schedule());
    const seen = ['figure', 'narrow', 'dark', 'width', 'height', 'begun', 'status'];
    // The first points are worth a frame, whatever the empty one has cost.
    if (names.has('begun') && this.begun) this.notBefore = 0;
    if (seen.some((name) => names.has(name))) this.schedule();
    else if (changed.has('cursor')) this.drawCursor();
  }

  /** Zooming changes the pixels of the device, but not the size in CSS pixels. */
  private readonly onZoom = (): void => this.schedule();

  private schedule(): void {
    if (this.frame !== 0) return;
    this.drawing = true;
    const draw = (now: number): void => {
      // Who has gone elsewhere waits for the first picture from there.
      if ((now < this.notBefore && !this.stopwatch.isRunning) || this.darkroom.busy) {
        this.frame = requestAnimationFrame(draw);
        return;
      }
      this.frame = 0;
      void this.draw().then(() => {
        this.notBefore = now + 3 * (performance.now() - now);
        this.drawing = this.frame !== 0;
      });
    };
    this.frame = requestAnimationFrame(draw);
  }

  private async draw(): Promise<void> {
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
    const paint = painterOf(this.state, figure.scale.name);
    const draw = (on: CanvasRenderingContext2D): Steps<FigureLayout> =>
      figureSteps(on, spec, width, height, scale, this.dark ? 'dark' : 'light', paint);
    const size = [Math.round(width * scale), Math.round(height * scale)] as const;
    // What stands is drawn where it is seen; while points come in the page has to answer meanwhile.
    const drawn = this.status === 'running' ? await this.darkroom.develop(...size, draw) : null;
    if (this.width !== width) return;
    resize(this.picture, width, height, scale);
    resize(this.crosshair, width, height, scale);
    if (drawn !== null) {
      ctx.resetTransform();
      ctx.clearRect(0, 0, ...size);
      ctx.drawImage(drawn.picture, 0, 0);
    }
    this.layout = drawn?.result ?? finish(draw(ctx));
    this.place(this.layout);
    this.drawCursor();
    this.stopwatch.drawn(figure);
    if (!this.marked && figure.panels.every(isPicture)) {
      noteFirstPicture();
      this.marked = true;
    }
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
    this.minimaps.forEach((minimap, i) => {
      const area = layout.panels[i]?.area;
      if (area === undefined) return;
      minimap.style.left = `${area.x + 8}px`;
      minimap.style.top = `${base + area.y + area.height - minimap.offsetHeight - 8}px`;
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
    if (cursor === null || isSurface(this.state)) return;
    const style = { theme: themes[this.dark ? 'dark' : 'light'], em: layout.em, scale };
    layout.panels.forEach((panel) => {
      const a = coordinates(panel.columns)[cursor.column];
      const b = coordinates(panel.rows)[cursor.row];
      if (a !== undefined && b !== undefined) drawCrosshair(ctx, panel, { a, b }, style);
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
    const panel = this.layout?.panels[index];
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
          ></isoloss-minimap>`,
      )}
      ${this.norms.map((norm) => html`<isoloss-limits .state=${this.state} .norm=${norm}></isoloss-limits>`)}
      <slot></slot>
      ${this.message()}
    `;
  }
}

function isPicture({ computed, values }: Panel): boolean {
  let known = 0;
  for (let i = 0; i < values.length; i++) if (!computed || computed[i]) known++;
  return known >= Math.min(FEWEST_POINTS, values.length);
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-figure': FigureElement;
  }
}
