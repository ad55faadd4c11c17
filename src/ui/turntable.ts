/** How pointer and keyboard turn a surface. */

/** A drag across a panel turns the surface by about half a turn. */
const DEGREES_PER_PIXEL = 0.4;
/** Degrees to the right and up for one press of a key. */
const TURNS: Readonly<Record<string, readonly [right: number, up: number]>> = {
  ArrowLeft: [-5, 0],
  ArrowRight: [5, 0],
  ArrowUp: [0, 5],
  ArrowDown: [0, -5],
};

export class Turntable {
  /** Where the drag was last. */
  #grip: { readonly x: number; readonly y: number } | null = null;
  readonly #turn: (right: number, up: number) => void;

  /** `turn` gets whole degrees. */
  constructor(turn: (right: number, up: number) => void) {
    this.#turn = turn;
  }

  drag(event: PointerEvent): void {
    const { clientX: x, clientY: y, buttons, type } = event;
    if (type === 'pointerdown') (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const from = type === 'pointermove' && buttons !== 0 ? this.#grip : null;
    if (from === null) {
      this.#grip = buttons === 0 ? null : { x, y };
      return;
    }
    const right = Math.round((x - from.x) * DEGREES_PER_PIXEL);
    const up = Math.round((y - from.y) * DEGREES_PER_PIXEL);
    if (right === 0 && up === 0) return;
    this.#grip = { x, y };
    this.#turn(-right, up);
  }

  key(event: KeyboardEvent): void {
    const by = event.ctrlKey || event.metaKey || event.altKey ? undefined : TURNS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.#turn(...by);
  }
}
