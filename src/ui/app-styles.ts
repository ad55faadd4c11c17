/** The layout of the page: wide with a rail at the left, narrow with a sheet from below. */
import { css } from 'lit';
import { controls } from './controls.js';

export const appStyles = [
  controls,
  css`
    :host {
      display: grid;
      grid-template: auto minmax(0, 1fr) auto / 280px minmax(0, 1fr);
      grid-template-areas: 'header header' 'rail main' 'status status';
      height: 100dvh;
      min-height: 480px;
    }

    isoloss-header {
      grid-area: header;
    }

    aside {
      grid-area: rail;
      overflow: hidden auto;
      border-right: 1px solid var(--line);
      background: var(--surface);
      scrollbar-width: thin;
    }

    main {
      position: relative;
      display: grid;
      grid-template-rows: auto minmax(0, 1fr) auto;
      grid-area: main;
      min-width: 0;
      min-height: 0;
      overflow: hidden;
    }

    isoloss-status {
      grid-area: status;
    }

    isoloss-paths,
    isoloss-train {
      grid-area: rail / rail / status / status;
    }

    /* Below the row of buttons that move the view. */
    isoloss-notices {
      position: fixed;
      top: 96px;
      left: calc(50% + 140px);
      z-index: 2;
      width: min(640px, calc(100% - 312px));
      transform: translateX(-50%);
    }

    .cards {
      position: absolute;
      top: 50%;
      left: 50%;
      z-index: 1;
      display: grid;
      gap: 16px;
      width: min(760px, calc(100% - 32px));
      transform: translate(-50%, -50%);
      pointer-events: none;
    }

    .cards > * {
      justify-self: center;
      max-width: 520px;
      pointer-events: auto;
    }

    .cards > isoloss-waiting {
      max-width: 100%;
    }

    .sheet {
      display: none;
    }

    @media (max-width: 800px) {
      :host {
        grid-template: auto auto auto / minmax(0, 1fr);
        grid-template-areas: 'header' 'main' 'status';
        grid-template-rows: auto 1fr auto;
        height: auto;
        min-height: 100dvh;
      }

      main {
        overflow: visible;
      }

      isoloss-paths,
      isoloss-train {
        grid-area: main;
      }

      isoloss-notices {
        top: 172px;
        left: 50%;
        width: min(640px, calc(100% - 32px));
      }

      .cards {
        position: fixed;
      }

      isoloss-status {
        position: sticky;
        bottom: 0;
        z-index: 1;
      }

      .sheet {
        position: fixed;
        inset: auto 0 0;
        z-index: 3;
        display: block;
        max-height: 56dvh;
        overflow: hidden auto;
        overscroll-behavior: contain;
        border-top: 1px solid var(--line);
        border-radius: 16px 16px 0 0;
        background: var(--surface);
        box-shadow: var(--shadow);
        padding-bottom: env(safe-area-inset-bottom);
      }

      .grip {
        position: sticky;
        top: 0;
        z-index: 1;
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding: 8px 8px 8px 16px;
        background: var(--surface);
      }

      h2 {
        margin: 0;
        font-size: 16px;
      }
    }
  `,
];
