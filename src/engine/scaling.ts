/** Directions brought to the size of the weights, so that sums of both lose no digits. */
import type { Direction, Problem } from './engine.js';

/** A power of two that brings a direction to the size of the weights that it moves. */
export function scaleOf({ model }: Problem, direction: Direction): number {
  let [weights, changes] = [0, 0];
  for (const [name, values] of direction) {
    const base = model.parameters.get(name)?.data;
    if (base === undefined) continue;
    for (const [i, value] of values.entries()) {
      if (value !== 0) weights += base[i]! ** 2;
      changes += value ** 2;
    }
  }
  const scale = 2 ** Math.round(Math.log2(weights / changes) / 2);
  return scale > 2 ** -60 && scale < 2 ** 60 ? scale : 1;
}

export function scaled(direction: Direction, factor: number): Direction {
  return new Map([...direction].map(([name, values]) => [name, values.map((value) => value * factor)]));
}
