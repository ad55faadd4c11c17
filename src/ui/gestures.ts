/** What pointers do to a map: wheel and pinch zoom, a drag pans, a rectangle is zoomed into. No drawing. */
import { type Extent, fitted, panned, type View, zoomed } from '../landscape/view.js';
import type { State } from '../state.js';
import { viewOf } from './plane.js';
import { shownSides, type Side } from './sides.js';

/** What the gestures act on. `panel` is the index of a panel, from the left. */
export interface GestureHost {
  readonly state: State;
  /** A plain drag draws a rectangle instead of panning. */
  readonly framing: boolean;
  /** Where the panel is, in client coordinates. */
  frameOf(panel: number): DOMRect;
  show(side: Side, view: View): void;
  /** The rectangle being drawn, in nodes from the panel's middle; null when there is none. */
  band(panel: number, extent: Extent | null): void;
}

/** Pixels a pointer may tremble before a press becomes a drag. */
const TREMBLE = 4;
/** Wheel pixels for one doubling; a notch of a mouse wheel is about 100. */
const WHEEL_STEP = 60;
/** Pinching on a touchpad comes as a wheel with far smaller numbers. */
const PINCH_FACTOR = 10;
/** One doubling at most in this time, and what was gathered is forgotten after four times of it. Milliseconds. */
const WHEEL_PAUSE = 60;

interface Spot {
  readonly right: number;
  readonly up: number;
}

interface Grip {
  readonly panel: number;
  readonly view: View;
  readonly spot: Spot;
  readonly x: number;
  readonly y: number;
  readonly frames: boolean;
  moved: boolean;
}

export class Gestures {
  readonly #host: GestureHost;
  readonly #pointers = new Map<number, PointerEvent>();
  #grip: Grip | null = null;
  #pinch: {
    readonly panel: number;
    readonly view: View;
    readonly spot: Spot;
    readonly distance: number;
  } | null = null;
  #wheel = { gathered: 0, time: -Infinity, stepped: -Infinity };

  constructor(host: GestureHost) {
    this.#host = host;
  }

  /** Whether a drag, a pinch or a rectangle is under way. */
  get busy(): boolean {
    return this.#pinch !== null || (this.#grip?.moved ?? false);
  }

  wheel(event: WheelEvent, panel: number): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    const delta = event.deltaY * lines * (event.ctrlKey ? PINCH_FACTOR : 1);
    const now = event.timeStamp;
    const wheel = this.#wheel;
    const goesOn = now - wheel.time < 4 * WHEEL_PAUSE && wheel.gathered * delta >= 0;
    wheel.gathered = (goesOn ? wheel.gathered : 0) + delta;
    wheel.time = now;
    if (Math.abs(wheel.gathered) < WHEEL_STEP || now - wheel.stepped < WHEEL_PAUSE) return;
    wheel.stepped = now;
    const step = wheel.gathered < 0 ? 1 : -1;
    wheel.gathered = 0;
    const { right, up } = this.#spot(event, panel);
    this.#show(panel, zoomed(this.#host.state, this.#view(panel), step, right, up));
  }

  down(event: PointerEvent, panel: number): void {
    if (event.button !== 0) return;
    this.#pointers.set(event.pointerId, event);
    if (this.#pointers.size === 2) {
      this.#startPinch(panel);
      return;
    }
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    const frames = event.shiftKey || this.#host.framing;
    const { clientX: x, clientY: y } = event;
    this.#grip = {
      panel,
      view: this.#view(panel),
      spot: this.#spot(event, panel),
      x,
      y,
      frames,
      moved: false,
    };
  }

  /** One finger scrolls a page of panels, where `scrolls`; it takes two to move the map there. */
  move(event: PointerEvent, scrolls: boolean): void {
    if (!this.#pointers.has(event.pointerId)) return;
    this.#pointers.set(event.pointerId, event);
    if (this.#pinch !== null) {
      this.#movePinch();
      return;
    }
    const grip = this.#grip;
    if (grip === null || (scrolls && event.pointerType === 'touch' && !grip.frames)) return;
    grip.moved ||= Math.hypot(event.clientX - grip.x, event.clientY - grip.y) > TREMBLE;
    if (!grip.moved) return;
    const spot = this.#spot(event, grip.panel);
    if (grip.frames) this.#host.band(grip.panel, extentOf(grip.spot, spot));
    else {
      const view = panned(this.#host.state, grip.view, grip.spot.right - spot.right, grip.spot.up - spot.up);
      this.#show(grip.panel, view);
    }
  }

  up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    const grip = this.#grip;
    this.#grip = null;
    if (this.#pinch !== null) {
      if (this.#pointers.size < 2) this.#pinch = null;
      return;
    }
    if (grip === null || !grip.frames || !grip.moved) return;
    this.#host.band(grip.panel, null);
    if (event.type === 'pointercancel') return;
    this.#show(
      grip.panel,
      fitted(this.#host.state, grip.view, extentOf(grip.spot, this.#spot(event, grip.panel))),
    );
  }

  /** Gives up what is under way; the view goes back to where the drag began. */
  cancel(): boolean {
    const grip = this.#grip;
    this.#grip = null;
    if (grip === null || !grip.moved) return false;
    if (grip.frames) this.#host.band(grip.panel, null);
    else this.#show(grip.panel, grip.view);
    return true;
  }

  #startPinch(panel: number): void {
    const [p, q] = [...this.#pointers.values()] as [PointerEvent, PointerEvent];
    const spot = this.#spot(middleOf(p, q), panel);
    this.#grip = null;
    this.#pinch = { panel, view: this.#view(panel), spot, distance: distance(p, q) };
  }

  #movePinch(): void {
    const { panel, view, spot, distance: before } = this.#pinch!;
    const [p, q] = [...this.#pointers.values()] as [PointerEvent, PointerEvent];
    const { state } = this.#host;
    const steps = before > 0 ? Math.round(Math.log2(Math.max(1, distance(p, q)) / before)) : 0;
    const now = this.#spot(middleOf(p, q), panel);
    const scaled = zoomed(state, view, steps, spot.right, spot.up);
    this.#show(panel, panned(state, scaled, spot.right - now.right, spot.up - now.up));
  }

  #view(panel: number): View {
    return viewOf(this.#host.state, this.#side(panel));
  }

  #side(panel: number): Side {
    return shownSides(this.#host.state)[panel] ?? 'left';
  }

  #show(panel: number, view: View): void {
    this.#host.show(this.#side(panel), view);
  }

  /** A place in nodes from the middle of the panel. */
  #spot({ clientX, clientY }: { readonly clientX: number; readonly clientY: number }, panel: number): Spot {
    const { left, top, width, height } = this.#host.frameOf(panel);
    const nodes = this.#host.state.size - 1;
    const within = (share: number): number => nodes * (Math.min(1, Math.max(0, share)) - 0.5);
    const free = (share: number): number => nodes * (share - 0.5);
    const place = this.#grip?.frames ? within : free;
    return { right: place((clientX - left) / width), up: place(1 - (clientY - top) / height) };
  }
}

function extentOf(p: Spot, q: Spot): Extent {
  return {
    left: Math.min(p.right, q.right),
    right: Math.max(p.right, q.right),
    bottom: Math.min(p.up, q.up),
    top: Math.max(p.up, q.up),
  };
}

function middleOf(p: PointerEvent, q: PointerEvent): { clientX: number; clientY: number } {
  return { clientX: (p.clientX + q.clientX) / 2, clientY: (p.clientY + q.clientY) / 2 };
}

function distance(p: PointerEvent, q: PointerEvent): number {
  return Math.hypot(p.clientX - q.clientX, p.clientY - q.clientY);
}
