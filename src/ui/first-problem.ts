import { nextTask } from '../engine/pause.js';
import type { Session } from './session.js';

/** Milliseconds after which the page is shown without waiting any longer for what it shows. */
const PATIENCE = 100;

/** Resolves when an engine has its first problem, or when that takes so long that the page had better show itself. */
export async function firstProblem(session: Session): Promise<void> {
  const controller = new AbortController();
  const { signal } = controller;
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (session.data !== null || session.status !== 'loading') resolve();
    };
    session.addEventListener('update', look, { signal });
    setTimeout(resolve, PATIENCE);
    look();
  });
  controller.abort();
  // The problem is on its way when those who heard of it with us have had their turn.
  await nextTask();
}
