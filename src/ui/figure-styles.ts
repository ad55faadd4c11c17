/** Looks of the figure element: the canvas below, everything that reacts above it. */
import { css } from 'lit';
import { controls } from './controls.js';

export const figureStyles = [
  controls,
  css`
    :host {
      position: relative;
      display: block;
      width: 100%;
      height: 100%;
      min-width: 0;
    }

    .canvases {
      position: relative;
    }

    canvas {
      display: block;
    }

    #crosshair {
      position: absolute;
      inset: 0;
      pointer-events: none;
    }

    .map {
      position: absolute;
      cursor: crosshair;
      outline-offset: 2px;
      touch-action: none;
      user-select: none;
    }

    .map.framing {
      cursor: cell;
    }

    .band {
      position: absolute;
      border: 1px solid #ffffff;
      outline: 1px solid rgb(0 0 0 / 0.6);
      background: rgb(255 255 255 / 0.15);
      pointer-events: none;
    }

    .band[hidden] {
      display: none;
    }

    .message {
      position: absolute;
      top: 40%;
      left: 50%;
      display: grid;
      justify-items: center;
      gap: 8px;
      width: min(420px, calc(100% - 32px));
      padding: 16px 24px;
      border: 1px solid var(--line);
      border-radius: var(--radius);
      background: var(--raised);
      box-shadow: var(--shadow);
      text-align: center;
      transform: translate(-50%, -50%);
    }

    .message p {
      margin: 0;
      overflow-wrap: anywhere;
    }

    .dim {
      opacity: 0.45;
    }

    @media (prefers-reduced-motion: no-preference) {
      .canvases {
        transition: opacity 150ms;
      }

      .dim {
        transition: opacity 200ms 150ms;
      }
    }

    @media (max-width: 800px) {
      :host {
        height: auto;
        min-height: 720px;
      }

      /* A page of panels must still scroll under one finger; two move the map, and taps the crosshair. */
      .map {
        touch-action: pan-y;
      }
    }
  `,
];
