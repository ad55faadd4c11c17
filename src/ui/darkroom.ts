/** Draws a picture out of sight, in short tasks, for as long as the page has other things to do. */
import { nextTask } from '../engine/pause.js';
import type { Steps } from '../plot/steps.js';

/** Milliseconds after which a task ends. */
const BUDGET = 12;

export class Darkroom {
  readonly #canvas = document.createElement('canvas');
  #busy = false;

  /** One picture at a time. */
  get busy(): boolean {
    return this.#busy;
  }

  /** What is drawn, `columns` × `rows` pixels, with what the drawing returned. */
  async develop<T>(
    columns: number,
    rows: number,
    draw: (ctx: CanvasRenderingContext2D) => Steps<T>,
  ): Promise<{ readonly picture: HTMLCanvasElement; readonly result: T }> {
    this.#busy = true;
    try {
      const canvas = this.#canvas;
      // Setting a size clears what is left of an earlier drawing, saved state included.
      [canvas.width, canvas.height] = [columns, rows];
      const steps = draw(canvas.getContext('2d')!);
      for (let begin = performance.now(); ;) {
        const step = steps.next();
        if (step.done) return { picture: canvas, result: step.value };
        if (performance.now() - begin < BUDGET) continue;
        await nextTask();
        begin = performance.now();
      }
    } finally {
      this.#busy = false;
    }
  }
}

/** Sets a canvas' size in CSS pixels and in those of the device; leaves it alone when it has that size. */
export function resize(canvas: HTMLCanvasElement, width: number, height: number, scale: number): void {
  const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== columns) canvas.width = columns;
  if (canvas.height !== rows) canvas.height = rows;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
}
