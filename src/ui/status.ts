/**
 * The bar below the picture: what is under the crosshair in both panels, and how the run stands.
 *
 * @element isoloss-status
 * @slot - what stands at the start of the bar (the button "Settings" on a narrow page)
 * @fires isoloss-cancel - the user stops the run
 * @fires isoloss-resume - the user lets it go on
 * @csspart bar - the progress bar
 */
import { LitElement, html, nothing, type TemplateResult } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import { engineTitles } from '../engine/select.js';
import type { Progress } from '../landscape/run.js';
import { controls } from './controls.js';
import { icons } from './icons.js';
import type { Share } from './makers.js';
import { count, duration, percent } from './numbers.js';
import type { Readout } from './readout.js';
import type { Sampling } from './sampling.js';
import type { RunStatus } from './session.js';
import { statusStyles } from './status-styles.js';

/** How a run stands, for a live region: nothing while it runs, since its numbers change all the time. */
function standing(status: RunStatus): string {
  switch (status) {
    case 'loading':
    case 'running':
      return '';
    case 'asking':
      return 'The run has not begun: it asks first.';
    case 'cancelled':
      return 'The run is stopped.';
    case 'failed':
      return ''; // The failure in the picture's place is an alert.
    case 'done':
      return 'The picture is complete.';
  }
}

/** e.g. `WASM, 2 workers, relaxed SIMD`, or `WASM and WebGPU` where both had a part. */
function worked(makers: readonly Share[]): string {
  const named = ({ engine, arithmetic }: Share): string =>
    `${engineTitles[engine]}${arithmetic === 'float64' && engine !== 'reference' ? ' in float64' : ''}`;
  if (makers.length > 1) return [...new Set(makers.map(named))].join(' and ');
  return makers.map((maker) => `${named(maker)}, ${maker.adapter}`).join('');
}

@customElement('isoloss-status')
export class StatusElement extends LitElement {
  static override styles = [controls, statusStyles];

  /** What is under the crosshair; null when it is nowhere. */
  @property({ attribute: false }) readout: Readout | null = null;
  /** Whether the pictures are surfaces, which are turned and have no crosshair. */
  @property({ type: Boolean }) turns = false;
  @property() status: RunStatus = 'loading';
  @property({ attribute: false }) progress: Progress | null = null;
  /** What the points know; null when that is nothing or everything. */
  @property({ attribute: false }) sampling: Sampling | null = null;
  /** Who computed what is shown, once it is complete. */
  @property({ attribute: false }) makers: readonly Share[] = [];
  @property() failure = '';
  /** What the run is estimated to take; null when nobody needs to know. */
  @property({ attribute: false }) seconds: number | null = null;
  @query('.fill') private fill!: HTMLElement;

  private send(name: 'isoloss-cancel' | 'isoloss-resume'): void {
    this.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
  }

  override updated(): void {
    const { progress, status } = this;
    const share = status === 'done' ? 1 : (progress?.share ?? 0);
    // Through the CSSOM: a style attribute would need an exception in the content security policy.
    this.fill.style.transform = `scaleX(${share})`;
  }

  private text(): TemplateResult | string {
    const { progress } = this;
    const left = progress?.secondsLeft ?? null;
    switch (this.status) {
      case 'loading':
        return 'Loading the networks…';
      case 'running':
        if (progress === null) return 'Starting…';
        return `${this.known(progress)}${left === null ? '' : ` · ${duration(left)} left`}`;
      case 'asking':
        return `Not begun: about ${duration(this.seconds ?? 0)}.`;
      case 'cancelled':
        return progress === null ? 'Stopped.' : `Stopped: ${this.known(progress)}.`;
      case 'failed':
        return this.failure;
      case 'done': {
        const work = this.makers.length === 0 ? '' : ` · ${worked(this.makers)}`;
        if (progress === null) return html`${icons.check}Finished${work}`;
        const time = progress.secondsElapsed.toFixed(1);
        return html`${icons.check}${count(progress.pointsTotal)} points in ${time} s${work}`;
      }
    }
  }

  /** What of the picture is computed, and how well. */
  private known({ pointsKnown, pointsTotal }: Progress): string {
    const { sampling } = this;
    if (pointsKnown < pointsTotal)
      return `${Math.floor((100 * pointsKnown) / pointsTotal)} % computed, rest interpolated`;
    if (sampling === null) return `${count(pointsTotal)} points`;
    const { samples, of, error } = sampling;
    const part = `${count(samples)} of ${count(of)} samples`;
    return error === null ? part : `${part}, ± ${percent(Math.min(1, error))} of scale`;
  }

  private action(): TemplateResult | typeof nothing {
    switch (this.status) {
      case 'loading':
      case 'running':
        return html`<button @click=${() => this.send('isoloss-cancel')}>Cancel</button>`;
      case 'asking':
        return nothing; // A card over the picture asks.
      case 'cancelled':
        return html`<button class="primary" @click=${() => this.send('isoloss-resume')}>Resume</button>`;
      case 'failed': // The picture's place shows the failure with its button.
      case 'done':
        return nothing;
    }
  }

  private cells(): TemplateResult {
    const { readout } = this;
    if (readout === null) {
      return html`<span class="soft"
        >${this.turns ? 'Drag a surface, or use the arrow keys on it, to turn it.' : 'Point at a picture, or use the arrow keys on it.'}</span
      >`;
    }
    return html`<span class="cell"
        ><span>α <b class="value short">${readout.alpha}</b></span
        ><span>β <b class="value short">${readout.beta}</b></span></span
      >
      ${readout.panels.map(
        (panel) =>
          html`<span class=${panel.quantity === undefined ? 'cell' : 'cell with'}
            ><span class="name">${panel.title}</span>${panel.point ?? nothing}<b class="value"
              >${panel.loss}</b
            ><span class="value short">${panel.accuracy}</span
            >${panel.quantity === undefined ? nothing : html`<span>${panel.quantity}</span>`}</span
          >`,
      )}`;
  }

  override render(): TemplateResult {
    const text = this.text();
    return html`
      <slot></slot>
      <p class="hidden-text" role="status" aria-label="Run">${standing(this.status)}</p>
      <div class="readout">${this.cells()}</div>
      <div class="run ${this.status}">
        <span class="text" title=${typeof text === 'string' ? text : nothing}>${text}</span>
        <div
          class="track"
          part="bar"
          role="progressbar"
          aria-label="Points computed"
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${Math.floor(100 * (this.progress?.share ?? 0))}
        >
          <div class="fill"></div>
        </div>
        <div class="action">${this.action()}</div>
      </div>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-status': StatusElement;
  }
}
