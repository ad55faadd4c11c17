/** What controls and maps ask for, made a change of the settings. */
import type { View } from '../landscape/view.js';
import { crossed, same, type Key, type Patch } from '../state.js';
import { smallerBeginning } from './beginning.js';
import { type BundledName, bundledOf } from './bundled.js';
import { type Opener, TRIED } from './files/opener.js';
import { type Navigate, navigated } from './navigate.js';
import { viewPatch } from './plane.js';
import type { Session } from './session.js';
import type { Side } from './sides.js';
import type { Store } from './store.js';
import { ViewHistory } from './view-history.js';

export class Changes {
  readonly #session: Session;
  readonly #store: Store;
  readonly #opener: Opener;
  readonly #views = new ViewHistory();
  /** A demo or a quantity was chosen without a size: it takes one that is soon done here. */
  #sizing = false;

  constructor(session: Session, store: Store, opener: Opener) {
    this.#session = session;
    this.#store = store;
    this.#opener = opener;
  }

  /** Whether there is a view before this one. */
  get canGoBack(): boolean {
    return this.#views.canGoBack;
  }

  /** Whether there is a view that was left by going back. */
  get canGoForward(): boolean {
    return this.#views.canGoForward;
  }

  /** This panel is to show this window. */
  view(side: Side, view: View): void {
    this.#look(viewPatch(this.#store.state, side, view));
  }

  navigate(to: Exclude<Navigate, 'frame'>): void {
    const { state } = this.#store;
    if (to === 'back' || to === 'forward') this.#store.set(this.#views[to](state) ?? {});
    else this.#look(navigated(state, to));
  }

  #look(patch: Patch): void {
    const { state } = this.#store;
    if (Object.entries(patch).every(([key, value]) => same(key as Key, state, { ...state, [key]: value })))
      return;
    this.#views.leave(state);
    this.#store.set(patch);
  }

  /** Resolves when it is done or refused; a control that was refused has to show the old value again. */
  async change(asked: Patch): Promise<void> {
    const { state } = this.#store;
    // A range is that of the whole: it is shown as a whole.
    const whole = asked.range === undefined ? {} : navigated(state, 'whole');
    const patch = { ...whole, ...asked };
    // Limits of one quantity mean nothing for another.
    const show = patch.show !== undefined ? ({ vmin: 'auto', vmax: 'auto' } as const) : {};
    if (crossed({ ...state, ...patch })) {
      this.#session.notify(
        'warning',
        'The lower limit must be below the upper one; the limits stay as they were.',
      );
    } else if (Object.keys(patch).some((key) => TRIED.has(key as Key))) {
      this.#sizing = bundledOf(patch.data ?? '') !== undefined;
      await this.#opener.change({ ...show, ...patch });
    } else {
      this.#sizing ||= patch.show !== undefined;
      this.#store.set({ ...show, ...patch });
    }
  }

  /** Shows bundled data and networks. */
  useBundled(name: BundledName): void {
    this.#sizing = true;
    void this.#opener.useBundled(name);
  }

  /** Nobody asked for the size that a demo or a quantity begins with, so nobody is asked when a smaller one has to do. */
  fit(): void {
    const { status } = this.#session;
    if (['done', 'running'].includes(status)) this.#sizing = false;
    const smaller = this.#sizing && status === 'asking' ? smallerBeginning(this.#session) : null;
    if (smaller === null) return;
    this.#sizing = false;
    this.#session.notify('note', smaller.sentence);
    this.#store.set(smaller.patch);
  }
}
