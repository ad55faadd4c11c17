/**
 * Where the panels look: zoom, whole range, rectangle, back and forward, the lock, and the window in numbers.
 *
 * @element isoloss-navigation
 * @fires isoloss-navigate - `{ to }`: one of the buttons
 * @fires isoloss-change - `{ patch }`: the lock
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { centreOf, halfWidth, LEAST_ZOOM, MOST_ZOOM } from '../landscape/view.js';
import { initialState, type Patch, type State } from '../state.js';
import { controls } from './controls.js';
import { icons } from './icons.js';
import type { Navigate } from './navigate.js';
import { coordinate, significant } from './numbers.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';

@customElement('isoloss-navigation')
export class NavigationElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 8px;
        min-height: 40px;
        padding: 4px 16px 0;
        overflow: hidden;
      }

      .group {
        display: flex;
        flex: none;
      }

      .window {
        display: flex;
        flex-wrap: wrap;
        gap: 0 16px;
        min-width: 0;
        font-size: 13px;
        line-height: 20px;
        font-variant-numeric: tabular-nums;
      }

      .window span {
        white-space: nowrap;
      }

      [aria-pressed='true'] {
        background: var(--accent-soft);
        color: var(--accent);
      }

      @media (max-width: 800px) {
        :host {
          flex-wrap: wrap;
          gap: 0 4px;
          padding: 4px 8px 0;
        }

        .window {
          width: 100%;
          min-height: 20px;
          padding: 0 8px;
        }
      }
    `,
  ];

  @property({ attribute: false }) state: State = initialState;
  @property({ type: Boolean }) framing = false;
  @property({ type: Boolean }) canGoBack = false;
  @property({ type: Boolean }) canGoForward = false;

  private go(to: Navigate): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-navigate', { detail: { to }, bubbles: true, composed: true }),
    );
  }

  /** An opened lock leaves both panels where they are; closing it takes the right one to the left one's view. */
  private toggleLock(): void {
    const { lock, zoom, at } = this.state;
    const patch: Patch = lock ? { lock: false, rightZoom: zoom, rightAt: at } : { lock: true };
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  private button(to: Navigate, name: string, icon: TemplateResult, enabled = true): TemplateResult {
    return html`<button
      class="plain icon"
      title=${name}
      aria-label=${name}
      ?disabled=${!enabled}
      aria-pressed=${to === 'frame' ? String(this.framing) : nothing}
      @click=${() => this.go(to)}
    >
      ${icon}
    </button>`;
  }

  /** The window of a panel in numbers. */
  private window(side: Side): TemplateResult {
    const view = viewOf(this.state, side);
    const half = halfWidth(this.state, view.zoom);
    const { a, b } = centreOf(this.state, view);
    return html`<span>α ${coordinate(a, half)} β ${coordinate(b, half)} ± ${significant(half, 3)}</span>`;
  }

  override render(): TemplateResult {
    const { state } = this;
    const shown = shownSides(state);
    const views = shown.map((side) => viewOf(state, side));
    const isWhole = views.every(({ zoom, column, row }) => zoom === 0 && column === 0 && row === 0);
    return html`
      <div class="group" role="group" aria-label="Zoom">
        ${this.button(
          'out',
          'Zoom out',
          icons.minus,
          views.some(({ zoom }) => zoom > LEAST_ZOOM),
        )}
        ${this.button(
          'in',
          'Zoom in',
          icons.plus,
          views.some(({ zoom }) => zoom < MOST_ZOOM),
        )}
        ${this.button('frame', 'Draw a rectangle to zoom into', icons.frame)}
        ${this.button('whole', 'Show the whole range', icons.whole, !isWhole)}
      </div>
      <div class="group" role="group" aria-label="Views">
        ${this.button('back', 'The view before', icons.left, this.canGoBack)}
        ${this.button('forward', 'The next view', icons.right, this.canGoForward)}
      </div>
      ${
        shown.length < 2
          ? nothing
          : html`<button
              class="plain icon"
              title=${state.lock ? 'Both panels move together' : 'Each panel moves alone'}
              aria-label="Panels move together"
              aria-pressed=${state.lock}
              @click=${this.toggleLock}
            >
              ${state.lock ? icons.locked : icons.unlocked}
            </button>`
      }
      <div class="window" role="status" aria-label="Window">
        ${state.lock || shown.length < 2 ? this.window('left') : shown.map((side) => this.window(side))}
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-navigation': NavigationElement;
  }
}
