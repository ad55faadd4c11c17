/** A run of an optimizer on a network at the step that is shown: what is drawn of it, and in words. */
import { formatNumber } from '../../plot/format.js';
import { pathColour } from '../../plot/paths.js';
import type { NetworkPath } from '../../train/network-race.js';
import { percent } from '../numbers.js';

/** Its last step when that comes before. */
function stepOf(path: NetworkPath, shown: number): number {
  return Math.min(shown, path.steps);
}

/** What part of its way from the start to this step is off the plane. */
export function shareOff(path: NetworkPath, step: number): number {
  return path.distance[step] === 0 ? 0 : path.offPlane[step]! / path.distance[step]!;
}

export function drawnPath(path: NetworkPath, i: number, shown: number) {
  return {
    points: path.points,
    steps: stepOf(path, shown),
    colour: pathColour(i),
    offPlane: path.offPlane.map((_, step) => shareOff(path, step)),
  };
}

export function lossCurve(path: NetworkPath, i: number, shown: number) {
  return { values: path.loss, steps: stepOf(path, shown), colour: pathColour(i) };
}

/** `loss 0.1 after 20 steps, 30 % of its way off the plane`. */
export function reachedWords(path: NetworkPath, shown: number): string {
  const step = stepOf(path, shown);
  const loss = `loss ${formatNumber(path.loss[step]!)} after ${step} ${step === 1 ? 'step' : 'steps'}`;
  const isOver = path.diverged && shown > path.steps;
  return `${loss}, ${isOver ? 'diverged' : `${percent(shareOff(path, step))} of its way off the plane`}`;
}

/** How many are off the plane by more than along it: what is drawn of them is their shadow. */
export function mostlyOff(paths: readonly NetworkPath[], shown: number): number {
  return paths.filter((path) => shareOff(path, stepOf(path, shown)) ** 2 > 0.5).length;
}
