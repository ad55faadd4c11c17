/** The modes beside the landscape, each loaded when it is first wanted, and what each needs computed. */
import { html, type TemplateResult } from 'lit';
import type { Key, State } from '../state.js';
import type { Opener } from './files/opener.js';
import { late } from './late.js';
import type { Session } from './session.js';

export function otherMode(state: State, session: Session, opener: Opener, dark: boolean): TemplateResult {
  if (state.mode === 'paths') {
    if (!customElements.get('isoloss-paths')) late(session, import('./paths/page.js'));
    return html`<isoloss-paths .state=${state} .session=${session} ?dark=${dark}></isoloss-paths>`;
  }
  if (!customElements.get('isoloss-train')) late(session, import('./train/page.js'));
  return html`<isoloss-train
    .state=${state}
    .session=${session}
    .opener=${opener}
    ?dark=${dark}
  ></isoloss-train>`;
}

/** Computes the landscape that the mode shows: both networks', or the one that is raced on; elsewhere none. */
export function computeFor(session: Session, state: State, changed?: ReadonlySet<Key>): void {
  const isRace = state.mode === 'paths' && state.problem === 'network';
  const isOther = changed?.has('mode') || changed?.has('problem');
  if (state.mode !== 'landscape' && !isRace) session.cancel();
  else session.apply(isRace ? { ...state, right: 'none' } : state, isOther ? undefined : changed);
}
