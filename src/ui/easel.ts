/** What the picture of a figure is drawn on: when it is drawn anew, at which size, and where everything is since then. */
import { coordinates } from '../landscape/grid.js';
import { figureSteps } from '../plot/figure.js';
import { naturalHeight, type FigureLayout } from '../plot/layout.js';
import { drawCrosshair } from '../plot/marks.js';
import type { Figure, Panel } from '../plot/spec.js';
import { finish, type Steps } from '../plot/steps.js';
import { themes } from '../plot/theme.js';
import type { State } from '../state.js';
import { Darkroom, resize } from './darkroom.js';
import { noteFirstPicture, PATIENCE } from './first-picture.js';
import { isSurface, loadPainter, painterOf } from './painter.js';
import type { Cursor } from './readout.js';
import type { RunStatus } from './session.js';
import { Stopwatch } from './stopwatch.js';

/** Size of body text on the screen, in CSS pixels. */
const TEXT = 13;
/** Space that the row for notices under the panels takes, in CSS pixels. */
const ROW = 48;
/** Points of the coarsest lattice, which is the first picture. */
const FEWEST_POINTS = 9;

/** Whose picture it is. */
export interface Sitter {
  readonly figure: Figure | null;
  readonly state: State;
  readonly narrow: boolean;
  readonly dark: boolean;
  readonly cursor: Cursor | null;
  readonly status: RunStatus;
  /** Whether any point of it is computed. */
  readonly begun: boolean;
  /** In CSS pixels; 0 until it is laid out. */
  readonly width: number;
  readonly height: number;
  readonly picture: HTMLCanvasElement;
  readonly crosshair: HTMLCanvasElement;
  /** Whether the picture is behind what it is to show. */
  drawing: boolean;
  /** Puts what reacts over what was drawn. */
  place(layout: FigureLayout): void;
}

export class Easel {
  /** Where everything is in the picture that is there; null before the first. */
  layout: FigureLayout | null = null;
  readonly #sitter: Sitter;
  readonly #darkroom = new Darkroom();
  readonly #stopwatch = new Stopwatch();
  #frame = 0;
  /** When the next picture may be drawn, so that drawing never takes more than a third of the time. */
  #notBefore = 0;
  /** Whether the first picture has been noted. */
  #marked = false;

  constructor(sitter: Sitter) {
    this.#sitter = sitter;
  }

  /** Waits for a while for the first points: after that an empty frame is better than nothing. */
  begin(): void {
    this.#notBefore = performance.now() + PATIENCE;
  }

  end(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  /** The settings are others. */
  turn(state: State): void {
    this.#stopwatch.look(state);
    void loadPainter(state).then((isNew) => isNew && this.schedule());
  }

  /** The first points are worth a frame, whatever the empty one has cost. */
  hurry(): void {
    this.#notBefore = 0;
  }

  schedule(): void {
    if (this.#frame !== 0) return;
    this.#sitter.drawing = true;
    const draw = (now: number): void => {
      // Who has gone elsewhere waits for the first picture from there.
      if ((now < this.#notBefore && !this.#stopwatch.isRunning) || this.#darkroom.busy) {
        this.#frame = requestAnimationFrame(draw);
        return;
      }
      this.#frame = 0;
      void this.#draw().then(() => {
        this.#notBefore = now + 3 * (performance.now() - now);
        this.#sitter.drawing = this.#frame !== 0;
      });
    };
    this.#frame = requestAnimationFrame(draw);
  }

  async #draw(): Promise<void> {
    const sitter = this.#sitter;
    const { figure, state, width, narrow, picture } = sitter;
    if (figure === null || width === 0) return;
    // What is on the canvas is worth more than an empty frame, as long as it says that it is old.
    if (!sitter.begun && this.layout?.width === width && sitter.status !== 'failed') return;
    const ctx = picture.getContext('2d')!;
    const spec: Figure = { ...figure, em: TEXT, arrangement: narrow ? 'column' : 'row' };
    const height = narrow ? naturalHeight(ctx, spec, width, 'column') : sitter.height - ROW;
    if (height < 1) return;
    const scale = devicePixelRatio;
    const paint = painterOf(state, figure.scale.name);
    const draw = (on: CanvasRenderingContext2D): Steps<FigureLayout> =>
      figureSteps(on, spec, width, height, scale, sitter.dark ? 'dark' : 'light', paint);
    const size = [Math.round(width * scale), Math.round(height * scale)] as const;
    // What stands is drawn where it is seen; while points come in the page has to answer meanwhile.
    const drawn = sitter.status === 'running' ? await this.#darkroom.develop(...size, draw) : null;
    if (sitter.width !== width) return;
    resize(picture, width, height, scale);
    resize(sitter.crosshair, width, height, scale);
    if (drawn !== null) {
      ctx.resetTransform();
      ctx.clearRect(0, 0, ...size);
      ctx.drawImage(drawn.picture, 0, 0);
    }
    this.layout = drawn?.result ?? finish(draw(ctx));
    sitter.place(this.layout);
    this.drawCursor();
    this.#stopwatch.drawn(figure);
    if (!this.#marked && figure.panels.every(isPicture)) {
      noteFirstPicture();
      this.#marked = true;
    }
  }

  drawCursor(): void {
    const { cursor, state, dark, crosshair } = this.#sitter;
    const { layout } = this;
    const ctx = crosshair?.getContext('2d');
    if (!ctx || layout === null) return;
    const scale = devicePixelRatio;
    ctx.setTransform(scale, 0, 0, scale, 0, 0);
    ctx.clearRect(0, 0, layout.width, layout.height);
    if (cursor === null || isSurface(state)) return;
    const style = { theme: themes[dark ? 'dark' : 'light'], em: layout.em, scale };
    layout.panels.forEach((panel) => {
      const a = coordinates(panel.columns)[cursor.column];
      const b = coordinates(panel.rows)[cursor.row];
      if (a !== undefined && b !== undefined) drawCrosshair(ctx, panel, { a, b }, style);
    });
  }
}

function isPicture({ computed, values }: Panel): boolean {
  let known = 0;
  for (let i = 0; i < values.length; i++) if (!computed || computed[i]) known++;
  return known >= Math.min(FEWEST_POINTS, values.length);
}
