/**
 * The landscapes around the weights that the trainings have reached, side by side on one scale: coarse while they
 * train, finer when they rest.
 *
 * @element isoloss-train-landscapes
 */
import { LitElement, css, html, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state as internal } from 'lit/decorators.js';
import { TrajectoryError } from '../../landscape/run-plane.js';
import { stratify } from '../../landscape/subsets.js';
import type { Dataset } from '../../model/data.js';
import { elements } from '../../model/graph.js';
import { drawFigure } from '../../plot/figure.js';
import type { Figure, Panel } from '../../plot/spec.js';
import { initialState, type State } from '../../state.js';
import { initialTrain, type TrainState } from '../../state-train.js';
import { controls } from '../controls.js';
import { browserEngines } from '../engines.js';
import { sentence } from '../error-sentence.js';
import { type AroundView, type Fineness, panelAround, spokenPanel } from './around.js';
import type { Run } from './runs.js';
import type { Setting } from './setting.js';

const MOVING: Fineness = { points: 17, samples: 128 };
const RESTING: Fineness = { points: 41, samples: 512 };
/** Size of text, in CSS pixels. */
const TEXT = 12;

/** What is shown of one run. */
interface Shown {
  panel: Panel;
  step: number;
  /** Computed as finely as at rest. */
  fine: boolean;
}

@customElement('isoloss-train-landscapes')
export class TrainLandscapesElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        position: relative;
        display: block;
        min-width: 0;
        min-height: 0;
        overflow: hidden;
      }

      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }

      p {
        position: absolute;
        inset: auto 16px 8px;
        margin: 0;
        font-size: 12px;
        line-height: 16px;
        text-align: center;
      }
    `,
  ];

  @property({ attribute: false }) runs: readonly Run[] = [];
  /** Another value whenever the runs have changed. */
  @property({ type: Number }) version = 0;
  @property({ attribute: false }) setting: Setting | null = null;
  @property({ attribute: false }) state: State = initialState;
  @property({ attribute: false }) train: TrainState = initialTrain;
  @property({ type: Boolean }) dark = false;

  @query('canvas') private canvas!: HTMLCanvasElement;
  @internal() private width = 0;
  @internal() private height = 0;
  @internal() private shown: ReadonlyMap<Run, Shown> = new Map();
  /** Why there is no picture, in one sentence. */
  @internal() private wrong = '';
  private readonly engines = browserEngines();
  private work: { readonly run: Run; readonly fine: boolean; readonly controller: AbortController } | null =
    null;
  private data: { readonly of: Setting; readonly set: Dataset } | null = null;
  private view = '';
  /** What failed at which step, so that it is not tried over and over. */
  private readonly failed = new WeakMap<Run, string>();
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
    this.work?.controller.abort();
    this.work = null;
    this.engines.close('wasm');
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('runs')) {
      this.shown = new Map([...this.shown].filter(([run]) => this.runs.includes(run)));
      if (this.work !== null && !this.runs.includes(this.work.run)) this.stop();
    }
    const view = JSON.stringify(this.asked());
    if (view !== this.view) {
      this.view = view;
      this.wrong = '';
      this.shown = new Map();
      this.stop();
    }
    this.next();
  }

  override updated(): void {
    const { canvas, width, height } = this;
    if (width < 100 || height < 100 || this.runs.length === 0) return;
    const scale = devicePixelRatio;
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    if (canvas.width !== columns) canvas.width = columns;
    if (canvas.height !== rows) canvas.height = rows;
    const ctx = canvas.getContext('2d')!;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    drawFigure(ctx, this.figure(), width, height, scale, this.dark ? 'dark' : 'light');
  }

  private stop(): void {
    this.work?.controller.abort();
    this.work = null;
  }

  private asked(): AroundView {
    const { state, train } = this;
    const { seed, norm, bias, orthogonal } = state;
    return {
      plane: train.plane === 'run' ? 'run' : 'random',
      range: train.range,
      recipe: { seed, normalise: norm, bias, states: false, orthogonal: orthogonal === 'gram-schmidt' },
    };
  }

  private figure(): Figure {
    const empty = (title: string): Panel => {
      const axis = { from: -this.train.range, to: this.train.range, count: 2 };
      return { title, columns: axis, rows: axis, values: new Float64Array(4), computed: new Uint8Array(4) };
    };
    return {
      scale: { name: 'loss', map: this.state.map, norm: 'log' },
      panels: this.runs.map((run) => this.shown.get(run)?.panel ?? empty(run.trainee.title)),
      contours: { labels: false },
      key: false,
      em: TEXT,
    };
  }

  /** Begins with the picture that is most behind, when none is under way. */
  private next(): void {
    const { setting, train } = this;
    if (setting === null) return;
    // A coarse picture is not waited for by those who rest, nor a fine one by those who go on.
    if (this.work !== null) {
      const isMoving = this.work.run.standing?.running === true;
      if (this.work.fine && isMoving) this.stop();
      else return;
    }
    const behind = this.runs
      .map((run) => ({ run, lack: lackOf(run, this.shown.get(run), train.every) }))
      .filter(({ run, lack }) => lack > 0 && this.failed.get(run) !== this.attemptOf(run))
      .sort((a, b) => b.lack - a.lack)[0];
    if (behind !== undefined) void this.compute(behind.run, setting);
  }

  private attemptOf(run: Run): string {
    return `${run.standing?.step} ${this.view}`;
  }

  private async compute(run: Run, setting: Setting): Promise<void> {
    const fine = run.standing?.running !== true;
    const controller = new AbortController();
    const work = (this.work = { run, fine, controller });
    const { signal } = controller;
    const attempt = this.attemptOf(run);
    if (this.data?.of !== setting) this.data = { of: setting, set: stratify(firstSamples(setting)) };
    const source = { engine: await this.engines.open('wasm'), data: this.data.set, loss: setting.loss };
    try {
      await panelAround(run, this.asked(), fine ? RESTING : MOVING, source, signal, (panel, step) => {
        if (signal.aborted) return;
        this.wrong = '';
        this.shown = new Map(this.shown).set(run, { panel, step, fine });
      });
    } catch (error) {
      if (!signal.aborted) {
        this.failed.set(run, attempt);
        this.wrong =
          error instanceof TrajectoryError ? `There is no plane yet: ${error.message}.` : sentence(error);
      }
    }
    if (this.work === work) {
      this.work = null;
      this.requestUpdate();
    }
  }

  override render(): TemplateResult {
    const spoken = [...this.shown.values()].map(({ panel }) => spokenPanel(panel)).join('. ');
    return html`<canvas
        role="img"
        aria-label=${`Loss around the weights of every network. ${spoken}`}
        aria-busy=${this.work !== null}
      ></canvas>
      <p class="soft" role="status">${this.wrong}</p>`;
  }
}

/** How much a run's picture is behind, in pictures; at rest it is to be fine and of the last step. */
function lackOf({ standing, ready }: Run, shown: Shown | undefined, every: number): number {
  if (standing === null || ready === null || standing.diverged) return 0;
  if (shown === undefined) return Infinity;
  const steps = Math.abs(standing.step - shown.step);
  if (standing.running) return standing.step < shown.step ? 1 : Math.floor(steps / every);
  return steps > 0 || !shown.fine ? 1 + steps / every : 0;
}

/** The samples that are learned from. */
function firstSamples({ data, samples }: Setting): Dataset {
  const size = elements(data.shape);
  return {
    ...data,
    samples,
    inputs: data.inputs.subarray(0, samples * size),
    labels: data.labels?.subarray(0, samples) ?? null,
    targets: data.targets?.subarray(0, (data.targets.length / data.samples) * samples) ?? null,
  };
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-train-landscapes': TrainLandscapesElement;
  }
}
