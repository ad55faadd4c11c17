/**
 * Which step of the race is shown: play, pause, single steps, a scrubber and the speed.
 *
 * @element isoloss-playback
 * @fires isoloss-step - `{ step }`
 */
import { LitElement, css, html, svg, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, state as internal } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import { controls } from '../controls.js';
import { icons } from '../icons.js';

const SPEEDS = [2, 5, 20, 60, 200, 1000] as const;

const shape = (path: string): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${svg`<path d=${path} />`}</svg>`;
const PLAY = shape('M8 5v14l11-7Z');
const PAUSE = shape('M8 5v14M16 5v14');

@customElement('isoloss-playback')
export class PlaybackElement extends LitElement {
  static override styles = [
    controls,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        align-items: center;
        padding: 8px 16px;
        border-top: 1px solid var(--line);
      }

      input {
        flex: 1 1 160px;
        min-width: 120px;
        accent-color: var(--accent);
      }

      select {
        width: auto;
      }

      .step {
        min-width: 112px;
        text-align: right;
      }
    `,
  ];

  @property({ type: Number }) step = 0;
  @property({ type: Number }) steps = 1;
  /** What the steps are called, where not every one was kept; null for their own numbers. */
  @property({ attribute: false }) names: readonly number[] | null = null;
  @property({ type: Number }) speed: number = SPEEDS[2];
  @internal() private playing = false;
  private frame = 0;
  private ticked = 0;
  /** Steps that are due, with the fraction of the next one. */
  private due = 0;

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.pause();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('steps') && this.step >= this.steps) this.pause();
  }

  /** Space plays or stops, full stop and comma step, Home goes to the start; other keys are left alone. */
  key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ' ') this.toggle();
    else if (event.key === '.') this.advance(1);
    else if (event.key === ',') this.advance(-1);
    else if (event.key === 'Home') this.advance(-this.step);
    else return;
    event.preventDefault();
  }

  /** Plays on, from the start when the end is shown; or stops. */
  private toggle(): void {
    if (this.playing) {
      this.pause();
      return;
    }
    if (this.step >= this.steps) this.go(0);
    this.playing = true;
    this.due = 0;
    this.ticked = performance.now();
    this.frame = requestAnimationFrame(this.tick);
  }

  /** Some steps on, or back. */
  private advance(by: number): void {
    this.pause();
    this.go(this.step + by);
  }

  private readonly tick = (now: number): void => {
    this.due += (Math.max(0, now - this.ticked) / 1000) * this.speed;
    this.ticked = now;
    const whole = Math.floor(this.due);
    this.due -= whole;
    if (whole > 0) this.go(this.step + whole);
    if (this.step >= this.steps) this.pause();
    else this.frame = requestAnimationFrame(this.tick);
  };

  private pause(): void {
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  private go(to: number): void {
    this.step = Math.min(this.steps, Math.max(0, to));
    this.dispatchEvent(new CustomEvent('isoloss-step', { detail: { step: this.step } }));
  }

  private button(name: string, icon: TemplateResult, act: () => void, enabled = true): TemplateResult {
    return html`<button class="icon" title=${name} aria-label=${name} ?disabled=${!enabled} @click=${act}>
      ${icon}
    </button>`;
  }

  override render(): TemplateResult {
    const { step, steps, playing } = this;
    const name = (index: number): number => this.names?.[index] ?? index;
    return html`
      ${this.button(playing ? 'Pause' : 'Play', playing ? PAUSE : PLAY, () => this.toggle())}
      ${this.button('One step back', icons.left, () => this.advance(-1), step > 0)}
      ${this.button('One step on', icons.right, () => this.advance(1), step < steps)}
      ${this.button('To the start', icons.reset, () => this.advance(-step), step > 0)}
      <input
        type="range"
        min="0"
        max=${steps}
        aria-label="Step"
        aria-valuetext=${`step ${name(step)} of ${name(steps)}`}
        .value=${live(String(step))}
        @input=${(event: Event) => this.advance(Number((event.target as HTMLInputElement).value) - step)}
      />
      <span class="step">step ${name(step)} of ${name(steps)}</span>
      <select
        aria-label="Speed"
        @change=${(event: Event) => (this.speed = Number((event.target as HTMLSelectElement).value))}
      >
        ${SPEEDS.map(
          (speed) =>
            html`<option value=${speed} .selected=${speed === this.speed}>${speed} steps per s</option>`,
        )}
      </select>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'isoloss-playback': PlaybackElement;
  }
}
