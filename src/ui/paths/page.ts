/**
 * The mode "Paths": optimizers raced on a loss of two parameters, where the plane is the whole space.
 *
 * @element isoloss-paths
 * @fires isoloss-change - `{ patch }`, from its controls
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { formatNumber } from '../../plot/format.js';
import { pathColour, type PlanePath } from '../../plot/paths.js';
import type { PanelPainter } from '../../plot/panel.js';
import type { Figure } from '../../plot/spec.js';
import { initialState, type Key, type Patch, type State } from '../../state.js';
import type { Session } from '../session.js';
import { type Basins, basins } from '../../train/basins.js';
import { curvatures, type Path, race } from '../../train/race.js';
import { sentence } from '../error-sentence.js';
import '../field.js';
import { icons } from '../icons.js';
import { basinField, basinRacer } from './basin-field.js';
import './curves.js';
import { pathsStyles } from './page-styles.js';
import { basinsCaption, painterOfBasins, pathsFigure, within } from './picture.js';
import './plane.js';
import './playback.js';
import type { PlaybackElement } from './playback.js';
import { racerTitle } from './racers.js';
import { type Setting, settingOf } from './setting.js';

/** Starts per side of the basins. */
const STARTS = 61;
/** Time for them in a frame, in milliseconds. */
const SLICE = 8;
/** Decades that loss curves show on a log axis at most. */
const DECADES = 8;

@customElement('isoloss-paths')
export class PathsElement extends LitElement {
  static override styles = pathsStyles;

  @property({ attribute: false }) state: State = initialState;
  /** What computes the landscape, for the race on a network. */
  @property({ attribute: false }) session: Session | null = null;
  @property({ type: Boolean }) dark = false;
  @query('isoloss-playback') private playback!: PlaybackElement;
  /** The step shown; a race that is new is shown whole. */
  @internal() private step = Infinity;
  @internal() private wrong = '';
  @internal() private basins: Basins | null = null;
  @internal() private rows = 0;
  /** Why a picture could not be saved, in one sentence. */
  @internal() private trouble = '';
  private setting: Setting | null = null;
  private paths: readonly Path[] = [];
  private figure: Figure | null = null;
  private paint: PanelPainter | null = null;
  private curvature = NaN;
  /** What the basins on show, or those under way, were computed for. */
  private asked = '';
  private frame = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    cancelAnimationFrame(this.frame);
    this.asked = '';
  }

  override willUpdate(changed: PropertyValues<this>): void {
    const names = changed as ReadonlyMap<PropertyKey, unknown>;
    if (names.has('state')) this.take(changed.get('state') ?? null);
    if (this.setting === null) return;
    if (['state', 'basins', 'dark'].some((name) => names.has(name))) {
      this.paint = painterOfBasins(this.basins, this.dark);
    }
  }

  private take(before: State | null): void {
    const { state } = this;
    if (state.problem === 'network') {
      this.setting = null;
      void import('./network.js');
      return;
    }
    const setting = settingOf(state, this.setting);
    if (typeof setting === 'string') {
      this.wrong = setting;
      return;
    }
    this.wrong = '';
    const isOther = setting.problem !== this.setting?.problem;
    if (isOther || before?.basins !== state.basins)
      this.figure = pathsFigure(setting, state.basins !== 'off');
    this.setting = setting;
    this.paths = race(setting.problem, setting.racers, setting.start, state.steps);
    if (before !== null && before.steps !== state.steps) this.step = Infinity;
    this.curvature = this.lowestCurvature(setting);
    this.askForBasins(setting);
  }

  /** λ_max where the loss is lowest among all points of all paths. */
  private lowestCurvature({ problem }: Setting): number {
    let [lowest, w1, w2] = [Infinity, NaN, NaN];
    for (const { loss, points } of this.paths) {
      for (let k = 0; k < loss.length; k++) {
        if (!(loss[k]! < lowest)) continue;
        [lowest, w1, w2] = [loss[k]!, points[2 * k]!, points[2 * k + 1]!];
      }
    }
    return curvatures(problem, w1, w2)[0];
  }

  private askForBasins({ problem, racers, title, formula }: Setting): void {
    const { steps, span } = this.state;
    const racer = basinRacer(this.state, racers);
    const asked = racer !== null ? JSON.stringify([title, formula, span, racer, steps]) : '';
    if (asked === this.asked) return;
    this.asked = asked;
    this.basins = null;
    this.rows = 0;
    cancelAnimationFrame(this.frame);
    if (racer === null) return;
    const work = basins(problem, racer, STARTS, steps);
    const go = (): void => {
      const until = performance.now() + SLICE;
      do {
        const { done, value } = work.next();
        if (done) {
          this.basins = value;
          return;
        }
        this.rows++;
      } while (performance.now() < until);
      this.frame = requestAnimationFrame(go);
    };
    this.frame = requestAnimationFrame(go);
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

  private reached(path: Path): string {
    if (Number.isNaN(path.loss[0]!)) return 'no value at the start: move it';
    const k = Math.min(this.shown, path.steps);
    const loss = `loss ${formatNumber(path.loss[k]!)} after ${k} ${k === 1 ? 'step' : 'steps'}`;
    const gone = path.diverged && this.shown > path.steps;
    const [a, b] = [path.points[2 * k]!, path.points[2 * k + 1]!];
    const where = gone ? ', diverged' : within(this.setting!.problem, a, b) ? '' : ', outside the picture';
    return `${loss}${where}`;
  }

  /** The picture as it is on show, as a PNG that brings the page back to it. */
  private readonly save = async (): Promise<void> => {
    const { figure, setting, state } = this;
    if (figure === null || setting === null) return;
    try {
      const { savePicture } = await import('./save.js');
      const legend = setting.racers.map(
        (racer, i) => `${racerTitle(racer.name)}: ${this.reached(this.paths[i]!)}`,
      );
      const step = this.shown;
      const racer = basinRacer(state, setting.racers);
      await savePicture({
        figure,
        paint: this.paint,
        paths: this.drawn(),
        legend,
        below:
          this.basins === null || racer === null ? '' : basinsCaption(this.basins, racerTitle(racer.name)),
        state,
        setting,
        step,
        dark: this.dark,
      });
      this.trouble = '';
    } catch (error) {
      this.trouble = sentence(error);
    }
  };

  /** The paths up to the step on show. */
  private drawn(): PlanePath[] {
    return this.paths.map(({ points, steps }, i) => {
      return { points, steps: Math.min(this.shown, steps), colour: pathColour(i) };
    });
  }

  private field(...names: Key[]): TemplateResult[] {
    return names.map((name) => html`<isoloss-field .name=${name} .state=${this.state}></isoloss-field>`);
  }

  private settings(setting: Setting | null): TemplateResult {
    const isFormula = this.state.problem === 'formula';
    return html`<aside aria-label="Settings" @isoloss-change=${this.onChange}>
      <section>
        ${this.field('problem')}
        ${
          isFormula
            ? html`<label for="formula">Loss of w1 and w2</label>
                <input
                  id="formula"
                  class="input"
                  autocomplete="off"
                  spellcheck="false"
                  maxlength="400"
                  aria-invalid=${this.wrong !== ''}
                  aria-describedby="wrong"
                  .value=${live(this.state.formula)}
                  @input=${(event: Event) => this.set({ formula: (event.target as HTMLInputElement).value })}
                />
                <p id="wrong" class="wrong" role="status">${this.wrong}</p>
                ${this.field('span')}`
            : html`<p class="formula">${setting?.formula}</p>`
        }
        <p class="soft">${setting?.note}</p>
      </section>
      <section>
        <h2>Optimizers</h2>
        <isoloss-racers
          .racers=${setting?.racers ?? []}
          .reached=${this.paths.map((path) => this.reached(path))}
          .curvature=${this.curvature}
        ></isoloss-racers>
        ${this.field('steps')}
        ${basinField(this.state, setting?.racers ?? [], { basins: this.basins, share: this.rows / STARTS })}
      </section>
    </aside>`;
  }

  override render(): TemplateResult {
    if (this.state.problem === 'network') {
      return html`<isoloss-network-race
        .state=${this.state}
        .session=${this.session}
        ?dark=${this.dark}
      ></isoloss-network-race>`;
    }
    const { setting, shown, dark } = this;
    const { steps } = this.state;
    const start = setting?.start ?? ([0, 0] as const);
    const [w1, w2] = start.map((value) => formatNumber(value));
    const curves = this.paths.map(({ loss, steps: most }, i) => {
      return { values: loss, steps: Math.min(shown, most), colour: pathColour(i) };
    });
    return html`
      ${this.settings(setting)}
      <main>
        <isoloss-paths-plane
          .figure=${this.figure}
          .paint=${this.paint}
          .paths=${this.drawn()}
          .start=${start}
          ?dark=${dark}
          description=${`${setting?.title ?? 'Your formula'}: paths from the start w1 ${w1}, w2 ${w2}. Arrow keys move the start, Space plays, full stop and comma step.`}
          @keydown=${this.onKey}
        ></isoloss-paths-plane>
        <isoloss-playback
          .step=${shown}
          .steps=${steps}
          @isoloss-step=${(event: CustomEvent<{ step: number }>) => (this.step = event.detail.step)}
        ></isoloss-playback>
        <isoloss-paths-curves
          .curves=${curves}
          .steps=${steps}
          .decades=${setting?.problem.scale.kind === 'log' ? DECADES : null}
          ?dark=${dark}
        ></isoloss-paths-curves>
        <footer>
          ${this.trouble === '' ? nothing : html`<span class="wrong" role="alert">${this.trouble}</span>`}
          Start w1 ${w1}, w2 ${w2}
          <span class="soft">Drag in the picture to move it; everything runs again at once.</span>
          <button ?disabled=${this.figure === null} @click=${this.save}>
            ${icons.download}Save the picture
          </button>
          <button
            ?disabled=${this.state.start === 'auto' && this.state.racers === 'auto'}
            @click=${() => this.set({ start: 'auto', racers: 'auto' })}
          >
            Usual start and optimizers
          </button>
        </footer>
      </main>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-paths': PathsElement;
  }
}
