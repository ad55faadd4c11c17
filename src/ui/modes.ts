/** The modes beside the landscape, each loaded when it is first wanted. */
import { html, type TemplateResult } from 'lit';
import type { State } from '../state.js';
import type { Opener } from './files/opener.js';
import { late } from './late.js';
import type { Session } from './session.js';

export function otherMode(state: State, session: Session, opener: Opener, dark: boolean): TemplateResult {
  if (state.mode === 'paths') {
    if (!customElements.get('isoloss-paths')) late(session, import('./paths/page.js'));
    return html`<isoloss-paths .state=${state} ?dark=${dark}></isoloss-paths>`;
  }
  if (!customElements.get('isoloss-train')) late(session, import('./train/page.js'));
  return html`<isoloss-train
    .state=${state}
    .session=${session}
    .opener=${opener}
    ?dark=${dark}
  ></isoloss-train>`;
}
