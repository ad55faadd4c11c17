/** Parts of the page that load when they are first wanted, so that the first view need not wait for them. */
import { afterFirstPicture } from './first-picture.js';
import type { Session } from './session.js';
import { sides } from './sides.js';

/** Waits for the code, does `open` then, and says so on the page when the code did not come. */
export function late(session: Session, code: Promise<unknown>, open?: () => Promise<void>): void {
  code.then(open).catch(() => session.notify('warning', 'This part of the page did not load: try again.'));
}

/** The settings beside the figure, after it. */
export function lateSettings(session: Session): void {
  late(
    session,
    afterFirstPicture().then(() => import('./rail.js')),
  );
}

/** What goes with a run, once one is on show. */
export function lateRuns(session: Session): void {
  const isShown = sides.some((side) => session.panels[side].plane?.run);
  if (isShown && !customElements.get('isoloss-runs')) late(session, import('./runs/bar.js'));
}
