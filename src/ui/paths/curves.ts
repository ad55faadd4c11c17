/**
 * The loss of every run over its steps, or what else there is over them.
 *
 * @element isoloss-paths-curves
 */
import { LitElement, css, html, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { type Curve, drawCurves } from '../../plot/curves.js';
import { controls } from '../controls.js';

@customElement('isoloss-paths-curves')
export class PathsCurvesElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        display: block;
        min-width: 0;
        overflow: hidden;
      }

      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
    `,
  ];

  @property({ attribute: false }) curves: readonly Curve[] = [];
  @property({ type: Number }) steps = 1;
  /** See `drawCurves`. */
  @property({ attribute: false }) decades: number | null = null;
  @property({ type: Boolean }) dark = false;
  /** Of the vertical axis. */
  @property() name = 'loss';
  @property({ attribute: false }) limits: { readonly min: number; readonly max: number } | null = null;
  /** In words, for those who cannot see it. */
  @property() description = 'Loss of every optimizer over its steps';

  @query('canvas') private canvas!: HTMLCanvasElement;
  @internal() private width = 0;
  @internal() private height = 0;
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

  override updated(): void {
    const { canvas, width, height, curves, steps, decades, name, limits } = this;
    if (width < 100 || height < 60) return;
    const scale = devicePixelRatio;
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    const theme = this.dark ? 'dark' : 'light';
    const options = { width, height, scale, theme, em: 12, steps, decades, name } as const;
    drawCurves(canvas.getContext('2d')!, curves, { ...options, ...(limits && { limits }) });
  }

  override render(): TemplateResult {
    return html`<canvas role="img" aria-label=${this.description}></canvas>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-paths-curves': PathsCurvesElement;
  }
}
