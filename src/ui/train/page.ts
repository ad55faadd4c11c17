/**
 * The mode "Train": networks by their numbers, trained here, without and with skips side by side.
 *
 * @element isoloss-train
 * @fires isoloss-change - `{ patch }`, from its controls
 */
import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { pathColours } from '../../plot/paths.js';
import { field, initialState, type Key, type Patch, same, type State, toQuery } from '../../state.js';
import {
  changedTrain,
  formatTrain,
  initialTrain,
  parseTrain,
  type TrainKey,
  type TrainPatch,
  type TrainState,
} from '../../state-train.js';
import { sentence } from '../error-sentence.js';
import type { DataEntry } from '../files/library.js';
import type { Opener } from '../files/opener.js';
import '../paths/curves.js';
import type { Session } from '../session.js';
import { curvesOf, LOSS_DECADES } from './drawn.js';
import { type TrainActions, trainBar } from './bar.js';
import { card } from './card.js';
import { trainStyles } from './page-styles.js';
import { type Run, Runs } from './runs.js';
import './settings.js';
import './landscapes.js';
import { beginningKey, download, fileOf, load, type Loaded } from './saving.js';
import { planOf, type Setting, settingOf } from './setting.js';

/** Settings of the page that a run depends on. */
const PAGE_KEYS = ['data', 'samples', 'scaling', 'loss', 'engine'] as const satisfies readonly Key[];
/** Settings of the table that make it another run; others change how it goes on. */
const RUN_KEYS = [
  'kind',
  'blocks',
  'layers',
  'width',
  'skips',
  'norm',
  'activation',
  'init',
  'seed',
] as const satisfies readonly TrainKey[];

/** Whether the settings are these. */
function meets(state: State, patch: Patch): boolean {
  return (Object.keys(patch) as Key[]).every((key) => same(key, state, { ...state, ...patch }));
}

/** A run outlives its page: whoever looks at the landscape meanwhile finds it again, at rest. */
interface Kept {
  readonly runs: Runs;
  /** What they were begun for. */
  identity: string;
  setting: Setting | null;
}
const keptBySession = new WeakMap<Session, Kept>();

@customElement('isoloss-train')
export class TrainElement extends LitElement implements TrainActions {
  static override styles = trainStyles;

  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) session!: Session;
  @property({ attribute: false }) opener!: Opener;
  @property({ type: Boolean }) dark = false;
  @query('#run-files') private chooser!: HTMLInputElement;
  @internal() private wrong = '';
  @internal() private version = 0;
  @internal() private speed: number = Infinity;
  @internal() private entry: DataEntry | null = null;
  private train: TrainState = initialTrain;
  private loaded: Loaded | null = null;
  private kept: Kept | null = null;

  override connectedCallback(): void {
    super.connectedCallback();
    this.kept?.runs.addEventListener('update', this.onRuns);
    window.addEventListener('keydown', this.onKey);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.kept?.runs.pause();
    this.kept?.runs.removeEventListener('update', this.onRuns);
    window.removeEventListener('keydown', this.onKey);
  }

  /** Properties are not there yet when the element is connected. */
  private takeUp(): Kept {
    if (this.kept !== null) return this.kept;
    const kept = keptBySession.get(this.session) ?? { runs: new Runs(), identity: '', setting: null };
    keptBySession.set(this.session, kept);
    kept.runs.addEventListener('update', this.onRuns);
    return (this.kept = kept);
  }

  private get runs(): Runs {
    return this.takeUp().runs;
  }

  private readonly onRuns = (): void => {
    this.version++;
  };

  override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('state')) return;
    const before = changed.get('state') as State | undefined;
    if (before?.train !== this.state.train) {
      const { state, problems } = parseTrain(this.state.train);
      this.train = state;
      for (const problem of problems) this.session.notify('warning', problem);
    }
    void this.settle();
  }

  /** Brings the runs to what the settings say. */
  private async settle(): Promise<void> {
    const { state, train } = this;
    const loaded = this.loaded !== null && meets(state, this.loaded.patch) ? this.loaded : null;
    const kept = this.takeUp();
    const parts = [
      ...PAGE_KEYS.map((key) => field(key).format(state[key])),
      ...RUN_KEYS.map((key) => String(train[key])),
    ];
    const identity = parts.join(' ');
    if (identity === kept.identity && loaded === null) {
      if (kept.setting !== null) this.replan(kept.setting);
      this.entry ??= await this.session.library.dataOf(state.data).catch(() => null);
      return;
    }
    kept.identity = identity;
    try {
      const entry = await this.session.library.dataOf(state.data);
      if (kept.identity !== identity) return;
      this.entry = entry;
      const setting = settingOf(state, train, entry);
      kept.setting = setting;
      if (loaded !== null) this.loaded = null;
      const going = setting.trainees.map(({ beginning }) => loaded?.kept.get(beginningKey(beginning)));
      const isWhole = going.every((run) => run !== undefined);
      if (loaded !== null && !isWhole) {
        throw new Error('The run is of other data than these; choose its data first.');
      }
      const engine = isWhole && loaded?.engine === 'float64' ? 'reference' : state.engine;
      const plan = planOf(this.train, setting.samples);
      if (isWhole && loaded !== null) this.runs.begin(setting, plan, engine, going, loaded.replanned);
      else this.runs.begin(setting, plan, engine);
      this.wrong = '';
    } catch (error) {
      if (kept.identity !== identity) return;
      if (loaded !== null) this.loaded = null;
      kept.setting = null;
      this.runs.close();
      this.wrong = sentence(error);
    }
    this.version++;
  }

  private replan({ samples }: Setting): void {
    this.runs.replan(planOf(this.train, samples));
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.composedPath()[0];
    const isControl =
      target instanceof HTMLInputElement ||
      target instanceof HTMLSelectElement ||
      target instanceof HTMLButtonElement ||
      (target instanceof HTMLElement && target.tagName === 'SUMMARY');
    if (isControl) return;
    if (event.key === ' ') this.toggle();
    else if (event.key === '.') this.advance();
    else return;
    event.preventDefault();
  };

  toggle(): void {
    if (this.runs.running) this.runs.pause();
    else if (this.runs.ready) this.runs.go(this.train.steps, this.speed);
  }

  advance(): void {
    if (this.runs.ready) this.runs.advance();
  }

  private set(patch: Patch): void {
    const detail = { patch };
    this.dispatchEvent(new CustomEvent('isoloss-change', { detail, bubbles: true, composed: true }));
  }

  private readonly onTrain = (event: CustomEvent<{ patch: TrainPatch }>): void => {
    event.stopPropagation();
    this.set({ train: formatTrain(changedTrain(this.train, event.detail.patch)) });
  };

  hasten(speed: number): void {
    this.speed = speed;
    if (this.runs.running) this.runs.go(this.train.steps, this.speed);
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.session.notify('error', sentence(error));
    }
  }

  private fileOf(run: Run): Promise<File> {
    return fileOf(run, toQuery(this.state), this.runs.replanned);
  }

  save(): void {
    this.runs.pause();
    void this.attempt(async () => {
      for (const run of this.runs.all) download(await this.fileOf(run));
    });
  }

  open(): void {
    this.runs.pause();
    void this.attempt(async () => {
      const files = await Promise.all(this.runs.all.map((run) => this.fileOf(run)));
      await this.opener.open(files);
    });
  }

  load(): void {
    this.chooser.click();
  }

  private choose(event: Event): void {
    const input = event.target as HTMLInputElement;
    const files = [...(input.files ?? [])];
    input.value = '';
    if (files.length === 0) return;
    void this.attempt(async () => {
      this.loaded = await load(files);
      // Settings that are these already change nothing, and nobody would hear of the run.
      if (meets(this.state, this.loaded.patch)) await this.settle();
      else this.set(this.loaded.patch);
    });
  }

  override render(): TemplateResult {
    const { runs, train, dark } = this;
    const curves = curvesOf(runs.all, pathColours);
    const last = Math.max(train.steps, ...runs.all.map(({ standing }) => standing?.step ?? 0));
    return html`
      <isoloss-train-settings
        role="complementary"
        aria-label="Settings"
        .state=${this.state}
        .train=${train}
        .session=${this.session}
        .setting=${this.takeUp().setting}
        .runs=${runs.all}
        .version=${this.version}
        @isoloss-train=${this.onTrain}
      ></isoloss-train-settings>
      <main>
        ${trainBar(runs, train, this.speed, this)}
        <input id="run-files" type="file" multiple hidden accept=".safetensors" @change=${this.choose} />
        <div class="runs">
          <div class="cards">
            ${this.wrong === '' ? nothing : html`<p class="wrong" role="alert">${this.wrong}</p>`}
            ${runs.all.map((run, i) => card(run, pathColours[i]!, i === 0))}
          </div>
          ${
            runs.replanned === null
              ? html`<p></p>`
              : html`<p class="bar">
                  Changed at step ${runs.replanned}: this run is no longer the one of the link. Reset to train
                  with these settings from the start.
                </p>`
          }
          ${
            train.plane === 'none'
              ? nothing
              : html`<isoloss-train-landscapes
                  .runs=${runs.all}
                  .version=${this.version}
                  .setting=${this.takeUp().setting}
                  .state=${this.state}
                  .train=${train}
                  ?dark=${dark}
                ></isoloss-train-landscapes>`
          }
          <div class=${train.plane === 'none' ? 'curves all' : 'curves'}>
            <isoloss-paths-curves
              name="loss"
              description="Loss of every network over its steps"
              .curves=${curves.loss}
              .steps=${last}
              .decades=${LOSS_DECADES}
              ?dark=${dark}
            ></isoloss-paths-curves>
            <isoloss-paths-curves
              name="right (%)"
              description="Share of samples classified right over the steps, in percent"
              .curves=${curves.accuracy}
              .steps=${last}
              .limits=${{ min: 0, max: 100 }}
              ?dark=${dark}
            ></isoloss-paths-curves>
          </div>
        </div>
        <footer class="soft">
          <span><span class="key faint"></span>batches, in training mode</span>
          <span><span class="key"></span>all samples that are learned from</span>
          <span><span class="key dashed"></span>held out</span>
        </footer>
      </main>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-train': TrainElement;
  }
}
