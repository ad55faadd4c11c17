/** The list of plateaus in its place among the settings, from when it is first asked for. */
import { html, nothing, type TemplateResult } from 'lit';
import { late } from './late.js';
import type { Session } from './session.js';
import type { Side } from './sides.js';

export function plateausList(
  session: Session,
  titles: Readonly<Record<Side, string>>,
): TemplateResult | typeof nothing {
  const { state, panels, progress, status } = session;
  if (!state.plateaus) return nothing;
  if (!customElements.get('isoloss-plateaus')) late(session, import('./plateaus/panel.js'));
  return html`<isoloss-plateaus
    slot="plateaus"
    .state=${state}
    .panels=${panels}
    .titles=${titles}
    .progress=${progress}
    .status=${status}
  ></isoloss-plateaus>`;
}
