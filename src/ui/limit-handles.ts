/**
 * The two ends of a colour bar, to be dragged or moved with the arrow keys. Dragging an end stretches the
 * colours: it stays where it is, and takes the value that was under the pointer when the drag began.
 *
 * @element isoloss-limits
 * @fires isoloss-change - `{ patch }` with `vmin` or `vmax`; `auto` after a double click or Delete
 * @csspart handle - one end
 */
import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { colorbarUnitAt } from '../plot/colorbar.js';
import type { ColorbarLayout } from '../plot/colorbar-data.js';
import { formatNumber } from '../plot/format.js';
import { resolveNorm } from '../plot/resolve.js';
import type { Norm } from '../plot/scale.js';
import type { Figure } from '../plot/spec.js';
import { initialState, type Patch, type State } from '../state.js';
import { controls } from './controls.js';

type End = 'vmin' | 'vmax';

/** Length of a handle along the bar, in CSS pixels; half of it lies on the bar. */
const REACH = 28;
/** One arrow key, as a share of the bar. */
const STEP = 0.02;
/** The ends keep this share of the bar between them. */
const LEAST = 0.02;
/** How far beyond the bar an end can be dragged in one go, in lengths of the bar. */
const MOST = 2;

interface Drag {
  readonly end: End;
  readonly layout: ColorbarLayout;
  readonly norm: Norm;
  /** Place under the pointer when the drag began. */
  readonly from: number;
}

@customElement('isoloss-limits')
export class LimitHandles extends LitElement {
  static override styles = [
    controls,
    css`
      .handle {
        position: absolute;
        border-radius: var(--radius);
        touch-action: none;
      }

      .vertical {
        cursor: ns-resize;
      }

      .horizontal {
        cursor: ew-resize;
      }

      .handle::after {
        content: '';
        position: absolute;
        inset: 0;
        margin: auto;
        border-radius: 2px;
        background: var(--accent);
        opacity: 0;
      }

      .vertical::after {
        width: calc(100% - 2px);
        height: 3px;
      }

      .horizontal::after {
        width: 3px;
        height: calc(100% - 2px);
      }

      .handle:hover::after,
      .handle:focus-visible::after,
      .handle.typed::after {
        opacity: 1;
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  /** The scale as it is now; the picture may be drawn a moment later. */
  @property({ attribute: false }) norm: Norm | null = null;
  @internal() private layout: ColorbarLayout | null = null;
  private drag: Drag | null = null;

  /** Where the bar is drawn in the parent. */
  place(layout: ColorbarLayout): void {
    this.layout = layout;
  }

  override updated(): void {
    const { layout } = this;
    if (layout === null) return;
    const { bar, orientation } = layout;
    const wide = 8;
    for (const handle of this.renderRoot.querySelectorAll<HTMLElement>('.handle')) {
      const isMin = handle.dataset['end'] === 'vmin';
      const box =
        orientation === 'vertical'
          ? {
              left: bar.x - wide / 2,
              top: (isMin ? bar.y + bar.height : bar.y) - REACH / 2,
              width: bar.width + wide,
              height: REACH,
            }
          : {
              left: (isMin ? bar.x : bar.x + bar.width) - REACH / 2,
              top: bar.y - wide / 2,
              width: REACH,
              height: bar.height + wide,
            };
      for (const [name, value] of Object.entries(box)) handle.style.setProperty(name, `${value}px`);
    }
  }

  private choose(patch: Patch): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  /** Moves an end to a place on the bar of `norm`. */
  private moveTo(end: End, unit: number, norm: Norm): void {
    const bounded =
      end === 'vmax' ? Math.min(1 + MOST, Math.max(LEAST, unit)) : Math.max(-MOST, Math.min(1 - LEAST, unit));
    const value = Number(norm.value(bounded).toPrecision(3));
    if (!Number.isFinite(value) || (norm.kind === 'log' && value <= 0)) return;
    if (end === 'vmax' ? value > norm.min : value < norm.max) this.choose({ [end]: value });
  }

  private unitAt(event: PointerEvent, layout: ColorbarLayout): number {
    // Bars are placed in the coordinates of the figure that hosts this element.
    const box = (this.getRootNode() as ShadowRoot).host.getBoundingClientRect();
    return colorbarUnitAt(layout, event.clientX - box.left, event.clientY - box.top);
  }

  private start(event: PointerEvent, end: End): void {
    const { layout, norm } = this;
    if (event.button !== 0 || layout === null || norm === null) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.drag = { end, layout, norm, from: this.unitAt(event, layout) };
  }

  private move(event: PointerEvent): void {
    const { drag } = this;
    if (drag === null) return;
    const shift = this.unitAt(event, drag.layout) - drag.from;
    if (shift !== 0) this.moveTo(drag.end, (drag.end === 'vmax' ? 1 : 0) + shift, drag.norm);
  }

  private key(event: KeyboardEvent, end: End): void {
    const { norm } = this;
    if (norm === null) return;
    const direction = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 }[event.key];
    if (direction !== undefined) this.moveTo(end, (end === 'vmax' ? 1 : 0) + direction * STEP, norm);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.choose({ [end]: 'auto' });
    else return;
    event.preventDefault();
  }

  private handle(end: End, norm: Norm, orientation: ColorbarLayout['orientation']): TemplateResult {
    const value = end === 'vmin' ? norm.min : norm.max;
    const typed = this.state[end] !== 'auto';
    return html`<div
      class="handle ${orientation} ${typed ? 'typed' : ''}"
      part="handle"
      data-end=${end}
      tabindex="0"
      role="slider"
      aria-label=${end === 'vmin' ? 'Lower limit of the colours' : 'Upper limit of the colours'}
      aria-orientation=${orientation}
      aria-valuemin=${Math.min(0, norm.min)}
      aria-valuemax=${2 * Math.abs(norm.max)}
      aria-valuenow=${value}
      aria-valuetext=${`${formatNumber(value)}${typed ? '' : ', automatic'}`}
      title=${`Drag to set the limit${typed ? '; double click for automatic' : ''}`}
      @pointerdown=${(event: PointerEvent) => this.start(event, end)}
      @pointermove=${this.move}
      @pointerup=${() => (this.drag = null)}
      @pointercancel=${() => (this.drag = null)}
      @dblclick=${() => this.choose({ [end]: 'auto' })}
      @keydown=${(event: KeyboardEvent) => this.key(event, end)}
    ></div>`;
  }

  override render(): TemplateResult {
    const { norm, layout } = this;
    if (norm === null || layout === null) return html``;
    return html`${this.handle('vmax', norm, layout.orientation)}${this.handle('vmin', norm, layout.orientation)}`;
  }
}

/** The norms of the colour bars whose ends can be moved, in their order; a scale of kinds has none. */
export function normsOf({ panels, scale }: Figure): Norm[] {
  if (scale.classes) return [];
  const own = panels.filter((panel) => panel.scale !== undefined);
  return own.length === 0
    ? [resolveNorm(scale, panels)]
    : own.map((panel) => resolveNorm(panel.scale!, [panel]));
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-limits': LimitHandles;
  }
}
