/**
 * The page: lays out header, settings, the two panels with their colour scale and the status bar, and
 * connects them with the state and the session.
 *
 * @element isoloss-app
 * @csspart figure - the picture
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state as internal } from 'lit/decorators.js';
import type { Figure } from '../plot/spec.js';
import { crossed, fromQuery, toQuery, type Patch } from '../state.js';
import { appStyles } from './app-styles.js';
import { Assets } from './assets.js';
import './cosine.js';
import { browserEngines } from './engines.js';
import './export-dialog.js';
import type { ExportDialog } from './export-dialog.js';
import { automaticTexts, describe, makeFigure } from './figure-spec.js';
import './figure.js';
import './header.js';
import type { Travel } from './header.js';
import { icons } from './icons.js';
import './notices.js';
import { panelTitles } from './pairs.js';
import './rail.js';
import { readAt, spoken, type Cursor } from './readout.js';
import { Session, sides, type Side } from './session.js';
import './status.js';
import { Store, type StateChange } from './store.js';

const NARROW = '(max-width: 800px)';

@customElement('isoloss-app')
export class AppElement extends LitElement {
  static override styles = appStyles;

  @query('isoloss-export') private dialog!: ExportDialog;
  @internal() private cursor: Cursor | null = null;
  @internal() private narrow = false;
  @internal() private sheet = false;
  @internal() private dark = false;
  /** Follows the pointer only when it has rested, so that a screen reader is not flooded. */
  @internal() private said = '';

  private readonly store: Store;
  private readonly session = new Session(new Assets(), browserEngines());
  private readonly widths = matchMedia(NARROW);
  private readonly darkness = matchMedia('(prefers-color-scheme: dark)');
  private speaking = 0;
  /** Made anew when something was computed or set, not when the pointer moves. */
  private shown: Shown | null = null;

  constructor() {
    super();
    const { state, problems } = fromQuery(location.search);
    this.store = new Store(state);
    for (const problem of problems) this.session.notify('warning', problem);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.store.addEventListener('change', this.onState);
    this.session.addEventListener('update', this.onUpdate);
    this.widths.addEventListener('change', this.onMedia);
    this.darkness.addEventListener('change', this.onMedia);
    window.addEventListener('keydown', this.onKey);
    this.addEventListener('isoloss-change', this.onChange as EventListener);
    this.addEventListener('isoloss-cursor', this.onCursor as EventListener);
    this.onMedia();
    this.session.apply(this.store.state);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.cancel();
    this.store.removeEventListener('change', this.onState);
    this.session.removeEventListener('update', this.onUpdate);
    this.widths.removeEventListener('change', this.onMedia);
    this.darkness.removeEventListener('change', this.onMedia);
    window.removeEventListener('keydown', this.onKey);
  }

  private readonly onState = (event: Event): void => {
    const { state, changed } = (event as CustomEvent<StateChange>).detail;
    const search = toQuery(state);
    history.replaceState(
      null,
      '',
      `${location.pathname}${search === '' ? '' : `?${search}`}${location.hash}`,
    );
    // A cursor names a grid point; another grid has other points.
    if (changed.has('size')) this.cursor = null;
    this.onMedia();
    this.session.apply(state, changed);
  };

  private readonly onUpdate = (): void => {
    this.shown = null;
    this.requestUpdate();
  };

  private readonly onMedia = (): void => {
    const { theme } = this.store.state;
    this.narrow = this.widths.matches;
    this.dark = theme === 'auto' ? this.darkness.matches : theme === 'dark';
    document.documentElement.dataset['theme'] = theme;
    if (!this.narrow) this.sheet = false;
  };

  private readonly onChange = (event: CustomEvent<{ patch: Patch }>): void => {
    const { patch } = event.detail;
    // Limits of a loss mean nothing for an error.
    const show = patch.show !== undefined ? ({ vmin: 'auto', vmax: 'auto' } as const) : {};
    if (crossed({ ...this.store.state, ...patch })) {
      this.session.notify(
        'warning',
        'The lower limit must be below the upper one; the limits stay as they were.',
      );
      this.requestUpdate();
    } else {
      this.store.set({ ...show, ...patch });
    }
  };

  private readonly onCursor = (event: CustomEvent<{ cursor: Cursor | null }>): void => {
    this.cursor = event.detail.cursor;
    clearTimeout(this.speaking);
    this.speaking = window.setTimeout(() => {
      this.said = this.cursor === null ? '' : spoken(this.readout(this.cursor));
    }, 400);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && this.sheet) {
      this.sheet = false;
      return;
    }
    const target = event.composedPath()[0];
    const typing = target instanceof HTMLInputElement && target.type !== 'checkbox';
    if (typing || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === 'z' && !event.shiftKey) this.store.back();
    else if (key === 'y' || (key === 'z' && event.shiftKey)) this.store.forward();
    else return;
    event.preventDefault();
  };

  private readonly onTravel = (event: CustomEvent<{ to: Travel }>): void => this.store[event.detail.to]();

  private readout(cursor: Cursor) {
    return readAt(cursor, this.store.state, this.session.panels, panelTitles(this.store.state));
  }

  private rail(limits: { vmin: string; vmax: string }): TemplateResult {
    return html`<isoloss-rail
      .state=${this.store.state}
      .reason=${this.session.reason}
      .adapter=${this.session.info?.adapter ?? ''}
      .limits=${limits}
    ></isoloss-rail>`;
  }

  override render(): TemplateResult {
    const { store, session } = this;
    const { state } = store;
    const { titles, figure, descriptions, cosines, limits, begun } = (this.shown ??= makeShown(session));
    return html`
      <isoloss-header
        role="banner"
        .state=${state}
        .canGoBack=${store.canGoBack}
        .canGoForward=${store.canGoForward}
        .isHome=${store.isHome}
        @isoloss-travel=${this.onTravel}
        @isoloss-export=${() => this.dialog.open()}
      ></isoloss-header>
      ${this.narrow ? nothing : html`<aside aria-label="Settings">${this.rail(limits)}</aside>`}
      <main>
        <isoloss-figure
          part="figure"
          .figure=${figure}
          .state=${state}
          .narrow=${this.narrow}
          .dark=${this.dark}
          .cursor=${this.cursor}
          .descriptions=${descriptions}
          .status=${session.status}
          .failure=${session.failure}
          .begun=${begun}
          @isoloss-resume=${() => session.resume()}
        >
          <isoloss-cosine .state=${state} .titles=${titles} .cosines=${cosines}></isoloss-cosine>
        </isoloss-figure>
        <isoloss-notices
          .notices=${session.notices}
          @isoloss-dismiss=${(event: CustomEvent<{ id: number }>) => session.dismiss(event.detail.id)}
        ></isoloss-notices>
      </main>
      <isoloss-status
        role="contentinfo"
        .readout=${this.cursor === null ? null : this.readout(this.cursor)}
        .status=${session.status}
        .progress=${session.progress}
        .info=${session.info}
        .failure=${session.failure}
        @isoloss-cancel=${() => session.cancel()}
        @isoloss-resume=${() => session.resume()}
      >
        ${
          this.narrow
            ? html`<button
                aria-expanded=${this.sheet}
                aria-controls="sheet"
                @click=${() => (this.sheet = !this.sheet)}
              >
                ${icons.settings}Settings
              </button>`
            : nothing
        }
      </isoloss-status>
      ${this.narrow ? this.settingsSheet(limits) : nothing}
      <isoloss-export .state=${state} .session=${session} .titles=${titles}></isoloss-export>
      <p class="hidden-text" aria-live="polite">${this.said}</p>
    `;
  }

  /** Covers the lower half only: what a change does stays in sight. */
  private settingsSheet(limits: { vmin: string; vmax: string }): TemplateResult {
    return html`<section id="sheet" class="sheet" aria-label="Settings" ?hidden=${!this.sheet}>
      <div class="grip">
        <h2>Settings</h2>
        <button class="plain icon" aria-label="Close the settings" @click=${() => (this.sheet = false)}>
          ${icons.close}
        </button>
      </div>
      ${this.rail(limits)}
    </section>`;
  }
}

interface Shown {
  readonly titles: Readonly<Record<Side, string>>;
  readonly figure: Figure;
  readonly descriptions: readonly string[];
  readonly cosines: readonly number[];
  readonly limits: { readonly vmin: string; readonly vmax: string };
  /** Whether any point is there. */
  readonly begun: boolean;
}

function makeShown({ state, panels, status }: Session): Shown {
  const titles = panelTitles(state);
  const figure = {
    ...makeFigure(state, panels, titles),
    // What stands still unfinished shows where it was computed; while it runs that would only flicker.
    veil: status !== 'running',
  };
  return {
    titles,
    figure,
    descriptions: sides.map((side) => describe(state, panels[side], titles[side])),
    cosines: sides.map((side) => panels[side].plane?.cosine ?? 0),
    limits: automaticTexts(figure),
    begun: sides.some((side) => panels[side].sums?.samples.some(Boolean) ?? false),
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-app': AppElement;
  }
}
