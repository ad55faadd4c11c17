/**
 * Takes the picture home: what is in it, how large, on which ground, with which words; shows it first.
 *
 * @element isoloss-export
 * @csspart dialog - the dialog
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { annotatePng } from '../io/png.js';
import { renderPng, type PngPreset } from '../plot/export.js';
import { isSurface, loadPainter, painterOf } from './painter.js';
import { drawFigure } from '../plot/figure.js';
import { naturalSize } from '../plot/layout.js';
import type { Figure } from '../plot/spec.js';
import type { ThemeName } from '../plot/theme.js';
import { initialState, isFromFile, type State } from '../state.js';
import { isRunPlane } from '../state-runs.js';
import { bundledOf } from './bundled.js';
import { controls } from './controls.js';
import { exportStyles } from './export-styles.js';
import { makeFigure } from './figure-spec.js';
import { icons } from './icons.js';
import { count } from './numbers.js';
import { withOverlays } from './overlay.js';
import { provenance } from './provenance.js';
import { quantityNames } from './quantity.js';
import type { Session } from './session.js';
import { shownSides, type Side } from './sides.js';

const SIZES: readonly (readonly [preset: PngPreset, label: string])[] = [
  ['1x', '1×'],
  ['2x', '2×'],
  ['4x', '4×'],
  ['1920x1080', 'Slide'],
];
const GROUNDS: readonly (readonly [theme: ThemeName, label: string])[] = [
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['transparent', 'Transparent, dark text'],
  ['transparent-dark', 'Transparent, light text'],
];
const FACTORS: Readonly<Record<PngPreset, number>> = { '1x': 1, '2x': 2, '4x': 4, '1920x1080': 1 };

@customElement('isoloss-export')
export class ExportDialog extends LitElement {
  static override styles = [controls, exportStyles];

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) session: Session | null = null;
  @property({ attribute: false }) titles: Readonly<Record<Side, string>> = { left: '', right: '' };

  @query('dialog') private dialog!: HTMLDialogElement;
  @query('canvas') private preview!: HTMLCanvasElement;
  @internal() private opened = false;
  @internal() private shown: 'both' | Side = 'both';
  @internal() private preset: PngPreset = '2x';
  @internal() private ground: ThemeName = 'light';
  @internal() private heading = '';
  @internal() private footer: string | null = null;
  @internal() private trouble = '';

  /** Shows the dialog with the picture as it is now. */
  async open(): Promise<void> {
    await this.updateComplete;
    this.opened = true;
    this.trouble = '';
    this.dialog.showModal();
  }

  override updated(): void {
    if (this.opened) this.draw();
  }

  private get words(): string {
    const { state, session } = this;
    return this.footer ?? defaultFooter(state, (id) => session?.library.title(id));
  }

  private get which(): readonly Side[] {
    const shown = shownSides(this.state);
    return this.shown === 'both' || shown.length === 1 ? shown : [this.shown];
  }

  private figure(): Figure {
    const { state, session, titles } = this;
    const plain = makeFigure(state, session!.panels, titles, this.which);
    const figure = withOverlays(plain, session!, this.which);
    return {
      ...figure,
      arrangement: 'row',
      ...(this.heading === '' ? {} : { title: this.heading }),
      ...(this.words === '' ? {} : { footer: this.words }),
    };
  }

  /** At 1×, in CSS pixels. */
  private size(figure: Figure): { width: number; height: number } {
    if (this.preset === '1920x1080') return { width: 1920, height: 1080 };
    return naturalSize(new OffscreenCanvas(1, 1).getContext('2d')!, figure, 'row');
  }

  private draw(): void {
    const figure = this.figure();
    const { width, height } = this.size(figure);
    const room = this.preview.parentElement!;
    const scale = Math.min(room.clientWidth / width, room.clientHeight / height) * devicePixelRatio;
    this.preview.width = Math.round(width * scale);
    this.preview.height = Math.round(height * scale);
    this.preview.style.width = `${this.preview.width / devicePixelRatio}px`;
    const paint = painterOf(this.state, figure.scale.name);
    drawFigure(this.preview.getContext('2d')!, figure, width, height, scale, this.ground, paint);
  }

  private async save(): Promise<void> {
    this.trouble = '';
    try {
      await loadPainter(this.state);
      const figure = this.figure();
      const paint = painterOf(this.state, figure.scale.name);
      const file = await renderPng(figure, {
        ...(paint === undefined ? {} : { paint }),
        preset: this.preset,
        theme: this.ground,
        provenance: provenance(this.session!, this.which),
        annotate: annotatePng,
      });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(file);
      link.download = `isoloss-${this.fileWords()}-seed${this.state.seed}.png`;
      link.click();
      // Once the download has begun, the browser holds the file itself.
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
      this.dialog.close();
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
    }
  }

  /** The networks' names and the quantity's, fit for a file's name. */
  private fileWords(): string {
    const { state, session } = this;
    const names = this.which.map((side) => session?.library.title(state[side]) ?? state[side]);
    const quantity = state.show === 'loss' ? [] : [state.show];
    return [...names, ...quantity].map((name) => name.replaceAll(/[^\w.-]+/g, '_')).join('-');
  }

  private radios<T extends string>(
    legend: string,
    name: string,
    options: readonly (readonly [value: T, label: string])[],
    chosen: T,
    choose: (value: T) => void,
  ): TemplateResult {
    return html`<fieldset>
      <legend>${legend}</legend>
      <div class="options">
        ${options.map(
          ([value, label]) =>
            html`<label
              ><input
                type="radio"
                name=${name}
                value=${value}
                .checked=${value === chosen}
                @change=${() => choose(value)}
              /><span>${label}</span></label
            >`,
        )}
      </div>
    </fieldset>`;
  }

  private body(): TemplateResult {
    const { width, height } = this.size(this.figure());
    const factor = FACTORS[this.preset];
    const panels = [
      ['both', 'Both panels'],
      ['left', this.titles.left],
      ['right', this.titles.right],
    ] as const;
    return html`
      <div class="preview ${this.ground}">
        <canvas role="img" aria-label="Preview of the picture"></canvas>
      </div>
      <form method="dialog" @submit=${this.submit}>
        ${
          shownSides(this.state).length === 1
            ? nothing
            : this.radios('Panels', 'shown', panels, this.shown, (value) => (this.shown = value))
        }
        ${this.radios('Size', 'size', SIZES, this.preset, (value) => (this.preset = value))}
        <p class="soft pixels">${count(width * factor)} × ${count(height * factor)} pixels, PNG</p>
        ${this.radios('Background', 'ground', GROUNDS, this.ground, (value) => (this.ground = value))}
        <label class="line"
          ><span>Title</span
          ><span class="input"
            ><input
              .value=${this.heading}
              placeholder="none"
              @input=${(event: Event) => (this.heading = (event.target as HTMLInputElement).value)} /></span
        ></label>
        <label class="line"
          ><span>Caption</span
          ><span class="input"
            ><input
              .value=${this.words}
              placeholder="none"
              @input=${(event: Event) => (this.footer = (event.target as HTMLInputElement).value)} /></span
        ></label>
        <p class="trouble" role="alert">${this.trouble}</p>
        <div class="actions">
          <button type="button" @click=${() => this.dialog.close()}>Close</button>
          <button class="primary" type="submit">${icons.download}Save PNG</button>
        </div>
      </form>
    `;
  }

  private submit(event: Event): void {
    event.preventDefault();
    void this.save();
  }

  override render(): TemplateResult {
    return html`<dialog part="dialog" aria-labelledby="heading" @close=${() => (this.opened = false)}>
      <div class="head">
        <h2 id="heading">Export</h2>
        <button class="plain icon" aria-label="Close" @click=${() => this.dialog.close()}>
          ${icons.close}
        </button>
      </div>
      ${this.opened ? this.body() : nothing}
    </dialog>`;
  }
}

const norms: Readonly<Record<State['norm'], string>> = {
  filter: 'filter-normalised',
  layer: 'layer-normalised',
  weight: 'weight-normalised',
  none: 'raw',
};

/** Enough to make the picture again. */
function defaultFooter(state: State, title: (id: string) => string | undefined): string {
  const loss = { ce: 'cross-entropy', mse: 'mean squared error', bce: 'binary cross-entropy' }[state.loss];
  const data = bundledOf(state.data)?.noun ?? `samples of ${title(state.data) ?? 'own data'}`;
  const directions = isRunPlane(state)
    ? state.plane === 'pca'
      ? 'principal components of the run'
      : 'plane through steps of the run'
    : isFromFile(state.plane)
      ? `directions from ${title(state.plane) ?? 'files'}`
      : `${norms[state.norm]} random directions, seed ${state.seed}`;
  const quantity = state.show === 'loss' ? '' : `${quantityNames[state.show]}, `;
  const lines =
    state.downhill === 'none' || isSurface(state) ? '' : `${state.downhill} of gradient descent, `;
  return `${quantity}${lines}${count(state.samples)} ${data}, ${loss}, ${directions}, ${state.size}×${state.size} points`;
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-export': ExportDialog;
  }
}
