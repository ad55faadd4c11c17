/**
 * Optimizers raced on a network: in the full space of its weights, from a point of the landscape's plane, and projected
 * on it.
 *
 * @element isoloss-network-race
 * @fires isoloss-change - `{ patch }`, from its controls
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { halfWidth } from '../../landscape/view.js';
import type { PanelPainter } from '../../plot/panel.js';
import type { Figure } from '../../plot/spec.js';
import { initialState, type Patch, type State } from '../../state.js';
import type { Basins } from '../../train/basins.js';
import type { Racer } from '../../train/race.js';
import { sentence } from '../error-sentence.js';
import { makeFigure } from '../figure-spec.js';
import { coordinate } from '../numbers.js';
import { panelTitles } from '../pairs.js';
import { makeGrid, viewOf } from '../plane.js';
import type { Session } from '../session.js';
import { basinRacer } from './basin-field.js';
import { BasinsClient } from './basins-client.js';
import './curves.js';
import { raceSettings } from './network-settings.js';
import { pathsStyles } from './page-styles.js';
import { painterOfBasins } from './picture.js';
import './plane.js';
import './playback.js';
import type { PlaybackElement } from './playback.js';
import { RaceClient } from './race-client.js';
import { racerTitle } from './racers.js';
import { planeThrough } from './race-plane.js';
import { drawnPath, lossCurve, mostlyOff, reachedWords } from './shown-path.js';

/** Learning rates that suit small networks. */
const USUAL: readonly Racer[] = [
  { name: 'gd', rate: 0.1 },
  { name: 'momentum', rate: 0.02 },
  { name: 'rmsprop', rate: 0.001 },
  { name: 'adam', rate: 0.003 },
];
/** Where the race begins unless a place is chosen, in half-widths of the view. */
const START = { a: 0.6, b: -0.5 } as const;
/** Starts per side of the basins: the most that are found in a minute, but not more than the map has points. */
const STARTS = [31, 25, 21, 15, 11, 9, 7, 5];
const MOST_SECONDS = 60;
/** Decades that loss curves show at most. */
const DECADES = 12;

@customElement('isoloss-network-race')
export class NetworkRaceElement extends LitElement {
  static override styles = pathsStyles;

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) session: Session | null = null;
  @property({ type: Boolean }) dark = false;
  @query('isoloss-playback') private playback!: PlaybackElement;
  /** The step shown; a race that is new is shown as far as it is. */
  @internal() private step = Infinity;
  /** Why there is no plane as asked for; '' when there is. */
  @internal() private trouble = '';
  private heard: Session | null = null;
  private figure: Figure | null = null;
  private paint: PanelPainter | null = null;
  /** What `paint` was made of. */
  private painted: readonly [basins: Basins | null, dark: boolean] | null = null;
  private readonly client = new RaceClient();
  private readonly basins = new BasinsClient();

  override connectedCallback(): void {
    super.connectedCallback();
    this.client.addEventListener('update', this.onRace);
    this.basins.addEventListener('update', this.onUpdate);
    this.requestUpdate();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.client.removeEventListener('update', this.onRace);
    this.client.dispose();
    this.basins.removeEventListener('update', this.onUpdate);
    this.basins.dispose();
    this.listen(null);
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (!this.isConnected) return;
    this.paint = this.painter();
    if (changed.has('session') || this.heard === null) this.listen(this.session);
    if (changed.has('state')) {
      const before = changed.get('state');
      if (before !== undefined && before.steps !== this.state.steps) this.step = Infinity;
      this.onUpdate();
    }
  }

  /** Made anew only for other basins: each is drawn once. */
  private painter(): PanelPainter | null {
    const { basins } = this.basins;
    if (basins === this.painted?.[0] && this.dark === this.painted[1]) return this.paint;
    this.painted = [basins, this.dark];
    return basins === null ? null : painterOfBasins(basins, this.dark);
  }

  private readonly onRace = (): void => this.requestUpdate();

  /** The map grows while it is computed; the race begins as soon as its plane is there. */
  private readonly onUpdate = (): void => {
    const { session, state } = this;
    if (session === null) return;
    const shown = { ...session.state, ...asMap };
    this.figure = {
      ...makeFigure(
        shown,
        session.panels,
        panelTitles(shown, (id) => session.library.title(id)),
        ['left'],
      ),
      key: false,
      veil: session.status !== 'running',
      ...(this.basins.basins === null ? {} : { colorbar: false, contours: { labels: false } }),
    };
    const problem = session.panels.left.plane?.problem;
    if (problem !== undefined && session.state.left === state.left) {
      const { steps, raceBatch: batch, seed } = state;
      this.client.race(problem, { racers: this.racers, start: this.start, steps, batch, seed });
      const racer = basinRacer(state, this.racers);
      const { columns, rows } = makeGrid(state, 'left');
      const [a, b] = [[columns.from, columns.to] as const, [rows.from, rows.to] as const];
      if (racer === null) this.basins.dispose();
      else {
        const fitting = STARTS.filter((starts) => starts <= columns.count);
        const sizes = fitting.length > 0 ? fitting : [columns.count];
        this.basins.find(problem, { racer, steps, batch, seed, a, b, sizes, seconds: MOST_SECONDS });
      }
    }
    this.requestUpdate();
  };

  private listen(session: Session | null): void {
    if (session === this.heard) return;
    this.heard?.removeEventListener('update', this.onUpdate);
    session?.addEventListener('update', this.onUpdate);
    this.heard = session;
  }

  private get racers(): readonly Racer[] {
    return this.state.racers === 'auto' ? USUAL : this.state.racers;
  }

  private get start(): readonly [a: number, b: number] {
    const { state } = this;
    if (state.start !== 'auto') return [state.start.a, state.start.b];
    const half = halfWidth(state, viewOf(state, 'left').zoom);
    const short = (value: number): number => Number(value.toPrecision(5));
    return [short(state.at.a + START.a * half), short(state.at.b + START.b * half)];
  }

  private get shown(): number {
    return Math.min(this.step, this.state.steps);
  }

  private readonly onKey = (event: KeyboardEvent): void => this.playback.key(event);

  private set(patch: Patch): void {
    const detail = { patch };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  /** Another problem begins with what suits it. */
  private readonly onChange = (event: CustomEvent<{ patch: Patch }>): void => {
    const { patch } = event.detail;
    if (patch.problem === undefined) return;
    event.stopPropagation();
    this.set({ ...patch, start: 'auto', racers: 'auto' });
  };

  /** A plane that holds the centre, where the race begins and where this optimizer ends. */
  private async takePlane(index: number): Promise<void> {
    const { session } = this;
    const model = session?.panels.left.plane?.problem.model;
    if (session === null || model === undefined) return;
    this.trouble = '';
    try {
      const way = await this.client.way(index);
      const { tensors, start, view } = await planeThrough(model, way);
      const title = `Start and end of ${racerTitle(this.racers[index]!.name)}`;
      const { id } = session.library.addPlane({ title, origin: [], ...tensors });
      this.set({ plane: id, start, ...view });
    } catch (error) {
      // Who has left the page ended the race, and need not find that said on coming back.
      if (this.isConnected) this.trouble = sentence(error);
    }
  }

  private word(): TemplateResult | typeof nothing {
    const { session, client } = this;
    if (client.failure !== '') return html`<span role="alert">${client.failure}</span>`;
    if (session?.status === 'failed') return html`<span role="alert">${session.failure}</span>`;
    if (session?.status === 'asking' || session?.status === 'cancelled')
      return html`<button @click=${() => session.resume()}>Compute the map</button>`;
    const race = client.state;
    if (race !== null && !race.isDone) return html`<span class="soft">step ${race.step} …</span>`;
    return nothing;
  }

  override render(): TemplateResult {
    const { shown, dark, state } = this;
    const paths = this.client.state?.paths ?? [];
    const half = halfWidth(state, viewOf(state, 'left').zoom);
    const [a, b] = this.start.map((value) => coordinate(value, half)) as [string, string];
    const drawn = paths.map((path, i) => drawnPath(path, i, shown));
    const curves = paths.map((path, i) => lossCurve(path, i, shown));
    const far = mostlyOff(paths, shown);
    return html`
      <aside aria-label="Settings" @isoloss-change=${this.onChange}>
        ${raceSettings({
          state,
          racers: this.racers,
          reached: paths.map((path) => reachedWords(path, shown)),
          client: this.client,
          basins: this.basins,
          trouble: this.trouble,
          takePlane: (index) => void this.takePlane(index),
        })}
      </aside>
      <main>
        <isoloss-paths-plane
          .figure=${this.figure}
          .paint=${this.paint}
          .paths=${drawn}
          .start=${this.start}
          ?dark=${dark}
          description=${`The network’s plane: paths from the start α ${a}, β ${b}. Arrow keys move the start, Space plays, full stop and comma step.`}
          @keydown=${this.onKey}
        ></isoloss-paths-plane>
        <isoloss-playback
          .step=${shown}
          .steps=${state.steps}
          @isoloss-step=${(event: CustomEvent<{ step: number }>) => (this.step = event.detail.step)}
        ></isoloss-playback>
        <isoloss-paths-curves
          .curves=${curves}
          .steps=${state.steps}
          .decades=${DECADES}
          ?dark=${dark}
        ></isoloss-paths-curves>
        <footer>
          Start α ${a}, β ${b}
          <span class="soft">Drag in the picture to move it; everything runs again at once.</span>
          ${
            far > 0
              ? html`<span role="status"
                  >⚠ ${far === paths.length ? 'All' : far} of ${paths.length} runs go mostly off the plane:
                  what is drawn is their shadow.</span
                >`
              : nothing
          }
          ${this.word()}
          <button
            ?disabled=${state.start === 'auto' && state.racers === 'auto'}
            @click=${() => this.set({ start: 'auto', racers: 'auto' })}
          >
            Usual start and optimizers
          </button>
        </footer>
      </main>
    `;
  }
}

/** A grey map of losses, which the colours of the paths stand out from. */
const asMap = { show: 'loss', view: 'map', map: 'grey', right: 'none', vmin: 'auto', vmax: 'auto' } as const;

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-network-race': NetworkRaceElement;
  }
}
