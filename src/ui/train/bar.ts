/** The buttons above runs of training: go, step, back to the start; and what comes from and goes to files. */
import { html, type TemplateResult } from 'lit';
import { formatNumber } from '../../plot/format.js';
import { rateOf, type TrainState } from '../../state-train.js';
import { icons } from '../icons.js';
import type { Runs } from './runs.js';

/** Steps per second. */
const SPEEDS = [1, 5, 20, 100, Infinity] as const;

/** What the buttons do. */
export interface TrainActions {
  toggle(): void;
  advance(): void;
  hasten(speed: number): void;
  open(): void;
  save(): void;
  load(): void;
}

/** `speed` in steps per second. */
export function trainBar(runs: Runs, train: TrainState, speed: number, does: TrainActions): TemplateResult {
  const { running, ready, step } = runs;
  const [first] = runs.all;
  const steps = Number.isFinite(step) ? step : 0;
  const epoch = first?.ready ? steps / first.ready.perEpoch : 0;
  const done = steps >= train.steps || !runs.canGo;
  return html`<div class="bar" role="toolbar" aria-label="Training">
    <button class="primary start" ?disabled=${!ready || (done && !running)} @click=${() => does.toggle()}>
      ${running ? 'Pause' : steps > 0 ? 'Go on' : 'Train'}
    </button>
    <button ?disabled=${!runs.canGo} title="One step (full stop)" @click=${() => does.advance()}>
      One step
    </button>
    <button ?disabled=${!runs.canReset} @click=${() => runs.reset()}>${icons.reset}Reset</button>
    <select
      aria-label="Speed"
      @change=${(event: Event) => does.hasten(Number((event.target as HTMLSelectElement).value))}
    >
      ${SPEEDS.map(
        (each) =>
          html`<option value=${each} .selected=${each === speed}>
            ${each === Infinity ? 'Full speed' : `${each} ${each === 1 ? 'step' : 'steps'} per s`}
          </option>`,
      )}
    </select>
    <span class="standing" role="status"
      >step ${steps} of ${train.steps} · epoch ${epoch.toFixed(1)} · rate
      ${formatNumber(first?.standing?.learningRate ?? rateOf(train), 3)}</span
    >
    <button
      ?disabled=${!ready || steps === 0}
      title="Opens the networks with their runs in the panels of the landscape"
      @click=${() => does.open()}
    >
      To the landscape
    </button>
    <button ?disabled=${!ready} @click=${() => does.save()}>${icons.download}Save</button>
    <button @click=${() => does.load()}>${icons.open}Load…</button>
  </div>`;
}
