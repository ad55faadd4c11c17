/** How one training stands, in words. */
import { html, nothing, type TemplateResult } from 'lit';
import { formatNumber } from '../../plot/format.js';
import type { Measurement } from '../../train/curves.js';
import type { Standing } from '../../train/messages.js';
import { percent } from '../numbers.js';
import type { Run } from './runs.js';

/** `reason` says whether to add which engine trains, and why. */
export function card(
  { trainee, standing, failure, ready }: Run,
  colour: string,
  reason: boolean,
): TemplateResult {
  return html`<div class="card" role="group" aria-label=${trainee.title}>
    <svg width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill=${colour} /></svg>
    <h2>${trainee.title}</h2>
    <p class=${failure === '' ? '' : 'wrong'}>${failure === '' ? reached(standing) : failure}</p>
    <p class="soft">${standing === null ? nothing : held(standing)}</p>
    ${reason && ready !== null ? html`<p class="soft">${ready.reason}</p>` : nothing}
  </div>`;
}

function reached(standing: Standing | null): string {
  const train = standing?.curves.train.at(-1);
  if (standing === null || train === undefined) return 'Getting ready…';
  const heldOut = standing.curves.heldOut.at(-1);
  const others = heldOut === undefined ? '' : `; held out: ${measured(heldOut)}`;
  return `Step ${train.step}: ${measured(train)}${others}`;
}

function measured({ loss, accuracy }: Measurement): string {
  return `loss ${formatNumber(loss)}${Number.isNaN(accuracy) ? '' : `, ${percent(accuracy)} right`}`;
}

function held({ diverged, kept, every, stepsPerSecond }: Standing): string {
  const pace = stepsPerSecond === null ? '' : ` · ${formatNumber(stepsPerSecond, 3)} steps/s`;
  const spacing = every === 1 ? 'one at every step' : `one every ${every} steps`;
  const kind = `${kept} ${kept === 1 ? 'snapshot' : 'snapshots'}, ${spacing}${pace}`;
  return diverged ? `Diverged: its numbers are no longer finite. ${kind}` : kind;
}
