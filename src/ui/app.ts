/**
 * The page: lays out header, settings, the two panels with their colour scale and the status bar, and
 * connects them with the state and the session.
 *
 * @element isoloss-app
 * @csspart figure - the picture
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, query, state as internal } from 'lit/decorators.js';
import type { View } from '../landscape/view.js';
import { fromQuery, type Patch } from '../state.js';
import { Address } from './address.js';
import { appStyles } from './app-styles.js';
import { Assets } from './assets.js';
import { type BundledName, settleBundled } from './bundled.js';
import { Changes } from './changes.js';
import './cosine.js';
import './cost.js';
import { browserEngines } from './engines.js';
import type { ExportDialog } from './export-dialog.js';
import { firstProblem } from './first-problem.js';
import './figure.js';
import { ContentOf, layersOf } from './files/content.js';
import './files/drop.js';
import type { FilesEvent } from './files/drop.js';
import type { LayersDialog } from './files/layers.js';
import type { Layers } from './files/layer-table.js';
import { Opener } from './files/opener.js';
import './files/waiting.js';
import './header.js';
import type { Travel } from './header.js';
import { icons } from './icons.js';
import { late, lateRuns, lateSettings } from './late.js';
import { computeFor, otherMode } from './modes.js';
import './navigation.js';
import type { Navigate } from './navigate.js';
import './notices.js';
import { isSurface } from './painter.js';
import { dataTitle, panelTitles } from './pairs.js';
import { plateausList } from './plateaus.js';
import { readAt, spoken, type Cursor } from './readout.js';
import { Session } from './session.js';
import { makeShown, type Shown } from './shown.js';
import type { Side } from './sides.js';
import './status.js';
import { Store, type StateChange } from './store.js';
import { undoOf } from './undo.js';

@customElement('isoloss-app')
export class AppElement extends LitElement {
  static override styles = appStyles;

  @query('isoloss-export') private dialog!: ExportDialog;
  @query('isoloss-layers') private layers!: LayersDialog;
  @query('#files') private chooser!: HTMLInputElement;
  @internal() private cursor: Cursor | null = null;
  @internal() private narrow = false;
  @internal() private sheet = false;
  @internal() private dark = false;
  /** A plain drag draws a rectangle to zoom into, once. */
  @internal() private framing = false;
  /** Follows the pointer only when it has rested, so that a screen reader is not flooded. */
  @internal() private said = '';

  private readonly store: Store;
  private readonly session = new Session(new Assets(), browserEngines());
  private readonly opener: Opener;
  private readonly changes: Changes;
  private readonly content = new ContentOf();
  private readonly widths = matchMedia('(max-width: 800px)');
  private readonly darkness = matchMedia('(prefers-color-scheme: dark)');
  private speaking = 0;
  private readonly address = new Address();
  /** Made anew when something was computed or set, not when the pointer moves. */
  private shown: Shown | null = null;

  constructor() {
    super();
    const { state, problems } = fromQuery(location.search);
    const settled = settleBundled(state);
    this.store = new Store(settled.state);
    this.opener = new Opener(this.session, this.store);
    this.changes = new Changes(this.session, this.store, this.opener);
    // One card: ten would cover the picture.
    const all = [...problems, ...settled.problems];
    if (all.length > 0) this.session.notify('warning', all.join('\n'));
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.store.addEventListener('change', this.onState);
    this.session.addEventListener('update', this.onUpdate);
    this.opener.addEventListener('update', this.onUpdate);
    this.widths.addEventListener('change', this.onMedia);
    this.darkness.addEventListener('change', this.onMedia);
    window.addEventListener('keydown', this.onKey);
    this.addEventListener('isoloss-change', this.onChange as EventListener);
    this.addEventListener('isoloss-view', this.onView as EventListener);
    this.addEventListener('isoloss-navigate', this.onNavigate as EventListener);
    this.addEventListener('isoloss-cursor', this.onCursor as EventListener);
    this.addEventListener('isoloss-files', this.onFiles as EventListener);
    this.addEventListener('isoloss-choose-files', () => this.chooser.click());
    this.addEventListener('isoloss-layers', this.onLayers as EventListener);
    this.onMedia();
    computeFor(this.session, this.store.state);
    lateSettings(this.session);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.session.cancel();
    this.store.removeEventListener('change', this.onState);
    this.session.removeEventListener('update', this.onUpdate);
    this.opener.removeEventListener('update', this.onUpdate);
    this.widths.removeEventListener('change', this.onMedia);
    this.darkness.removeEventListener('change', this.onMedia);
    window.removeEventListener('keydown', this.onKey);
  }

  /** Engines get their work before the page is laid out, and compute meanwhile. */
  protected override async scheduleUpdate(): Promise<void> {
    if (!this.hasUpdated) await firstProblem(this.session);
    await super.scheduleUpdate();
  }

  private readonly onState = (event: Event): void => {
    const { state, changed } = (event as CustomEvent<StateChange>).detail;
    // A cursor names a grid point; another grid has other points.
    if (changed.has('size')) this.cursor = null;
    this.onMedia();
    // What was computed before stays; the rest waits until the landscape is shown again.
    computeFor(this.session, state, changed);
    this.address.write(state);
    this.requestUpdate();
  };

  private readonly onUpdate = (): void => {
    this.shown = null;
    this.changes.fit();
    this.requestUpdate();
  };

  private readonly onMedia = (): void => {
    const { theme } = this.store.state;
    this.narrow = this.widths.matches;
    this.dark = theme === 'auto' ? this.darkness.matches : theme === 'dark';
    document.documentElement.dataset['theme'] = theme;
    if (!this.narrow) this.sheet = false;
  };

  /** Whoever was in the sheet is back at the button that opened it. */
  private closeSheet(): void {
    const within = this.renderRoot.querySelector('#sheet')?.contains(this.shadowRoot!.activeElement);
    this.sheet = false;
    if (within) this.renderRoot.querySelector<HTMLElement>('[aria-controls="sheet"]')?.focus();
  }

  private readonly onView = (event: CustomEvent<{ side: Side; view: View }>): void =>
    this.changes.view(event.detail.side, event.detail.view);

  private readonly onNavigate = (event: CustomEvent<{ to: Navigate }>): void => {
    const { to } = event.detail;
    if (to === 'frame') this.framing = !this.framing;
    else this.changes.navigate(to);
  };

  private readonly onChange = (event: CustomEvent<{ patch: Patch }>): void => {
    const { patch } = event.detail;
    void this.changes.change(patch).then(() => this.requestUpdate());
  };

  private readonly onFiles = ({ detail: { files, side } }: CustomEvent<FilesEvent>): void =>
    void this.opener.open(files, side);

  private readonly onLayers = ({ detail: { side } }: CustomEvent<{ side: Side }>): void => {
    const layers = layersOf(this.session, side, this.titles()[side]);
    if (layers !== null) this.inspect(layers);
  };

  private readonly onBundled = (event: CustomEvent<{ name: BundledName }>): void =>
    this.changes.useBundled(event.detail.name);

  private readonly onCursor = (event: CustomEvent<{ cursor: Cursor | null }>): void => {
    this.cursor = event.detail.cursor;
    clearTimeout(this.speaking);
    this.speaking = window.setTimeout(() => {
      this.said = this.cursor === null ? '' : spoken(this.readout(this.cursor));
    }, 400);
  };

  private readonly onKey = (event: KeyboardEvent): void => {
    // Escape in a dialog above the sheet closes the dialog alone.
    const isInDialog = event.composedPath().some((node) => node instanceof HTMLDialogElement);
    if (event.key === 'Escape' && this.sheet && !isInDialog) return this.closeSheet();
    const travel = undoOf(event);
    if (travel !== null) event.preventDefault();
    if (travel !== null) this.store[travel]();
  };

  private inspect(layers: Layers): void {
    late(this.session, import('./files/layers.js'), () => this.layers.open(layers));
  }

  private titles(): Readonly<Record<Side, string>> {
    return panelTitles(this.store.state, (id) => this.session.library.title(id));
  }

  private readout(cursor: Cursor) {
    return readAt(cursor, this.store.state, this.session.panels, this.titles());
  }

  private rail(limits: Shown['limits']): TemplateResult {
    return html`<isoloss-rail
      .state=${this.store.state}
      .reason=${this.session.reason}
      .adapter=${this.session.info?.adapter ?? ''}
      .limits=${limits}
      .content=${this.content.of(this.session)}
      @isoloss-relabel=${(event: CustomEvent<{ label: string }>) => void this.opener.relabel(event.detail.label)}
      >${plateausList(this.session, this.titles())}</isoloss-rail
    >`;
  }

  override render(): TemplateResult {
    const { store, session } = this;
    return html`
      <isoloss-header
        role="banner"
        .state=${store.state}
        .data=${dataTitle(store.state, (id) => session.library.title(id))}
        .canGoBack=${store.canGoBack}
        .canGoForward=${store.canGoForward}
        .isHome=${store.isHome}
        @isoloss-travel=${(event: CustomEvent<{ to: Travel }>) => store[event.detail.to]()}
        @isoloss-export=${() => late(this.session, import('./export-dialog.js'), () => this.dialog.open())}
      ></isoloss-header>
      ${
        store.state.mode === 'landscape'
          ? this.landscape()
          : otherMode(store.state, session, this.opener, this.dark)
      }
      <isoloss-notices
        .notices=${session.notices}
        @isoloss-dismiss=${(event: CustomEvent<{ id: number }>) => session.dismiss(event.detail.id)}
      ></isoloss-notices>
      <isoloss-drop></isoloss-drop>
      <input id="files" type="file" multiple hidden @change=${() => this.opener.choose(this.chooser)} />
      <p class="hidden-text" aria-live="polite">${this.said}</p>
    `;
  }

  private landscape(): TemplateResult {
    const { session, opener } = this;
    const { state } = this.store;
    const data = dataTitle(state, (id) => session.library.title(id));
    const shown = (this.shown ??= makeShown(session));
    const { titles, limits } = shown;
    lateRuns(session);
    return html`
      ${this.narrow ? nothing : html`<aside aria-label="Settings">${this.rail(limits)}</aside>`}
      <main>
        <isoloss-navigation
          .state=${state}
          .framing=${this.framing}
          .canGoBack=${this.changes.canGoBack}
          .canGoForward=${this.changes.canGoForward}
        ></isoloss-navigation>
        <isoloss-figure
          part="figure"
          .figure=${shown.figure}
          .state=${state}
          .narrow=${this.narrow}
          .dark=${this.dark}
          .cursor=${this.cursor}
          .descriptions=${shown.descriptions}
          .status=${session.status}
          .failure=${session.failure}
          .begun=${shown.begun}
          .framing=${this.framing}
          .overviews=${shown.overviews}
          .overviewScale=${shown.overviewScale}
          @isoloss-resume=${() => session.resume()}
        >
          <isoloss-cosine .state=${state} .titles=${titles} .cosines=${shown.cosines}></isoloss-cosine>
        </isoloss-figure>
        <isoloss-runs .session=${session} .cursor=${this.cursor}></isoloss-runs>
        <div class="cards">
          <isoloss-waiting
            .reading=${opener.reading}
            .waiting=${opener.waiting}
            .state=${state}
            .data=${data}
            @isoloss-use-bundled=${this.onBundled}
            @isoloss-inspect=${(event: CustomEvent<Layers>) => this.inspect(event.detail)}
            @isoloss-forget=${() => opener.dismiss()}
          ></isoloss-waiting>
          <isoloss-cost
            .estimate=${session.status === 'asking' ? session.estimate : null}
            .state=${state}
            .info=${session.info}
            @isoloss-resume=${() => session.resume()}
          ></isoloss-cost>
        </div>
      </main>
      <isoloss-status
        role="contentinfo"
        .readout=${this.cursor === null ? null : this.readout(this.cursor)}
        ?turns=${isSurface(state)}
        .status=${session.status}
        .progress=${session.progress}
        .sampling=${shown.sampling}
        .makers=${shown.makers}
        .failure=${session.failure}
        .seconds=${session.estimate?.seconds ?? null}
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
      <isoloss-layers></isoloss-layers>
    `;
  }

  /** Covers the lower half only: what a change does stays in sight. */
  private settingsSheet(limits: Shown['limits']): TemplateResult {
    return html`<section id="sheet" class="sheet" aria-label="Settings" ?hidden=${!this.sheet}>
      <div class="grip">
        <h2>Settings</h2>
        <button class="plain icon" aria-label="Close the settings" @click=${() => this.closeSheet()}>
          ${icons.close}
        </button>
      </div>
      ${this.rail(limits)}
    </section>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-app': AppElement;
  }
}
