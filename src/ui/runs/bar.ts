/**
 * The runs of training on show: which step is looked at or pointed at, what is true of it and what the plane says, and
 * which plane they are drawn on.
 *
 * @element isoloss-runs
 * @fires isoloss-change - `{ patch }`: another plane, or another step as its centre
 * @csspart run - one run
 */
import { LitElement, css, html, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { pathOffPlane } from '../../landscape/trajectory.js';
import { fields, type Patch } from '../../state.js';
import { isRunPlane } from '../../state-runs.js';
import { controls } from '../controls.js';
import { percent } from '../numbers.js';
import '../paths/playback.js';
import { type Cursor, stepUnder } from '../readout.js';
import type { Session } from '../session.js';
import { shownSides, type Side } from '../sides.js';
import { type PanelRun, throughOf } from './panel-run.js';

@customElement('isoloss-runs')
export class RunsElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: block;
        border-top: 1px solid var(--line);
        background: var(--surface);
      }

      .title {
        margin: 8px 16px 0;
        font-size: 13px;
        font-weight: 600;
      }

      .all {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(440px, 100%), 1fr));
      }

      isoloss-playback {
        border: 0;
      }

      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        justify-content: space-between;
        gap: 8px 16px;
        padding: 0 16px 8px;
        font-size: 13px;
      }

      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0 16px;
        margin: 0;
        font-variant-numeric: tabular-nums;
      }

      dl div {
        display: flex;
        gap: 6px;
      }

      dt {
        color: var(--ink-soft);
      }

      dd {
        min-width: 56px;
        margin: 0;
      }

      /* Room for what is said while it is pointed at: the rest stays where it is. */
      dl div:first-child dd {
        min-width: 120px;
      }

      .under div:first-child dd {
        color: var(--accent);
      }

      .choices {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }

      label {
        display: flex;
        align-items: center;
        gap: 6px;
      }

      select {
        width: auto;
      }

      .warning {
        margin: 0;
        padding: 0 16px 8px;
        font-size: 13px;
      }

      .warning::before {
        content: '⚠ ';
        color: var(--bad);
      }
    `,
  ];

  @property({ attribute: false }) session: Session | null = null;
  /** The point under the crosshair; null when it is nowhere. */
  @property({ attribute: false }) cursor: Cursor | null = null;
  private heard: Session | null = null;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.listen(null);
  }

  override willUpdate(): void {
    if (this.isConnected) this.listen(this.session);
  }

  private readonly onUpdate = (): void => this.requestUpdate();

  private listen(session: Session | null): void {
    if (session === this.heard) return;
    this.heard?.removeEventListener('update', this.onUpdate);
    session?.addEventListener('update', this.onUpdate);
    this.heard = session;
  }

  /** The figure is drawn anew with what the session has. */
  private look(run: PanelRun, index: number): void {
    run.head = index;
    this.session?.dispatchEvent(new Event('update'));
  }

  private change(patch: Patch): void {
    this.dispatchEvent(
      new CustomEvent('isoloss-change', { detail: { patch }, bubbles: true, composed: true }),
    );
  }

  private centre(side: Side, run: PanelRun): void {
    const { library, state } = this.session!;
    const step = run.trajectory.steps[run.head]!;
    const network = library.network(state[side])!;
    this.change({ [side]: library.atStep(network, step).id });
  }

  /** Of the step under the crosshair, or else of the one that is looked at. */
  private facts(side: Side, run: PanelRun): TemplateResult {
    const { cursor, session } = this;
    const under = cursor === null ? null : stepUnder(cursor, session!.state, side, run);
    const facts = run.factsOf(under ?? run.head);
    const fact = (name: string, value: string) =>
      html`<div>
        <dt>${name}</dt>
        <dd>${value}</dd>
      </div>`;
    return html`<dl class=${under === null ? '' : 'under'}>
      ${fact('step', under === null ? String(facts.step) : `${facts.step}, pointed at`)}
      ${fact('α', facts.alpha)} ${fact('β', facts.beta)} ${fact('true loss', facts.loss)}
      ${fact('the plane’s loss', facts.planeLoss)} ${fact('off the plane', facts.offPlane)}
    </dl>`;
  }

  /** Which plane, through which steps, and around which. */
  private choices(side: Side, run: PanelRun): TemplateResult {
    const { state } = this.session!;
    const { steps } = run.trajectory;
    const through = throughOf(run.entry, run.centre, state);
    const hasStates = [...this.session!.panels[side].plane!.problem.model.parameters.values()].some(
      ({ kind }) => kind === 'statistic',
    );
    const here = steps[run.head]!;
    return html`<div class="choices">
      <label
        >Plane
        <select
          @change=${(event: Event) =>
            this.change({ plane: (event.target as HTMLSelectElement).value, through: 'auto' })}
        >
          ${fields.plane.options.map(
            ({ value, label }) =>
              html`<option value=${value} .selected=${value === state.plane}>${label}</option>`,
          )}
        </select></label
      >
      ${
        state.plane === 'steps'
          ? html`<label
              >Steps ${through.map((chosen, i) => this.stepChoice(chosen, run, i as 0 | 1, through))}</label
            >`
          : nothing
      }
      ${
        hasStates && isRunPlane(state)
          ? html`<label
              ><input
                type="checkbox"
                .checked=${state.states}
                @change=${(event: Event) =>
                  this.change({ states: (event.target as HTMLInputElement).checked })}
              />${fields.states.label}</label
            >`
          : nothing
      }
      <button ?disabled=${here === run.centre} @click=${() => this.centre(side, run)}>
        ${here === run.centre ? `Centred at step ${here}` : `Centre at step ${here}`}
      </button>
    </div>`;
  }

  private stepChoice(
    chosen: number,
    { trajectory: { steps }, centre }: PanelRun,
    index: 0 | 1,
    through: readonly [number, number],
  ): TemplateResult {
    const choose = (event: Event): void => {
      const step = Number((event.target as HTMLSelectElement).value);
      this.change({ through: index === 0 ? [step, through[1]] : [through[0], step] });
    };
    const offered = steps.filter((step) => step !== centre && step !== through[1 - index]);
    return html`<select aria-label=${index === 0 ? 'First step' : 'Second step'} @change=${choose}>
      ${offered.map((step) => html`<option value=${step} .selected=${step === chosen}>${step}</option>`)}
    </select>`;
  }

  private one(side: Side, run: PanelRun): TemplateResult {
    const share = percent(pathOffPlane(run.trajectory));
    const { steps } = run.trajectory;
    return html`<section part="run" aria-label=${`Run ${run.entry.title}`}>
      <isoloss-playback
        .step=${run.head}
        .steps=${steps.length - 1}
        .names=${steps}
        .speed=${speedFor(steps.length)}
        @isoloss-step=${(event: CustomEvent<{ step: number }>) => this.look(run, event.detail.step)}
      ></isoloss-playback>
      <div class="row">${this.facts(side, run)} ${this.choices(side, run)}</div>
      ${
        run.isMostlyOff
          ? html`<p class="warning" role="status">
              Most of this run is off the plane: its steps are ${share} of their distance away from it, so the
              drawn path is a shadow and the map’s losses are not the run’s.
            </p>`
          : nothing
      }
    </section>`;
  }

  override render(): TemplateResult {
    const { session } = this;
    if (session === null) return html``;
    const runs = shownSides(session.state).flatMap((side) => {
      const run = session.panels[side].plane?.run ?? null;
      return run === null ? [] : [[side, run] as const];
    });
    this.hidden = runs.length === 0;
    // Side by side, as the panels are: above each other they would leave no room for these.
    return html`<div class="all">
      ${runs.map(
        ([side, run]) =>
          html`<div>
            ${
              runs.length > 1
                ? html`<p class="title">${session.library.title(session.state[side])}</p>`
                : nothing
            }${this.one(side, run)}
          </div>`,
      )}
    </div>`;
  }
}

/** Steps per second at which a run of so many is seen in some seconds. */
function speedFor(steps: number): number {
  return steps <= 15 ? 2 : steps <= 50 ? 5 : steps <= 300 ? 20 : 60;
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-runs': RunsElement;
  }
}
