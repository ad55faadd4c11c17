/** The layout of "Paths": settings at the left, or below where it is narrow. */
import { css } from 'lit';
import { controls } from '../controls.js';

export const pathsStyles = [
  controls,
  css`
    :host {
      display: grid;
      grid-template: minmax(0, 1fr) / 304px minmax(0, 1fr);
      min-width: 0;
      min-height: 0;
    }

    isoloss-network-race {
      grid-area: 1 / 1 / -1 / -1;
    }

    aside {
      overflow: hidden auto;
      border-right: 1px solid var(--line);
      background: var(--surface);
      scrollbar-width: thin;
    }

    section {
      display: grid;
      gap: 8px;
      padding: 16px;
      border-bottom: 1px solid var(--line);
    }

    section > * {
      min-width: 0;
    }

    h2 {
      margin: 0 0 8px;
      font-size: 14px;
      line-height: 20px;
    }

    p {
      margin: 0;
      font-size: 12px;
      line-height: 16px;
    }

    .formula {
      font-size: 14px;
      line-height: 20px;
      overflow-wrap: anywhere;
    }

    #formula {
      width: 100%;
      padding: 0 8px;
    }

    .wrong {
      color: var(--bad);
    }

    main {
      display: grid;
      grid-template-rows: minmax(0, 1fr) auto 176px auto;
      min-width: 0;
      min-height: 0;
    }

    isoloss-paths-curves {
      margin: 8px 16px 0;
    }

    footer {
      display: flex;
      flex-wrap: wrap;
      gap: 4px 16px;
      align-items: center;
      padding: 8px 16px;
      border-top: 1px solid var(--line);
      background: var(--surface);
    }

    @media (max-width: 800px) {
      :host {
        grid-template: auto auto / minmax(0, 1fr);
      }

      main {
        grid-template-rows: min(110vw, 80dvh) auto 160px auto;
        order: -1;
      }

      aside {
        overflow: visible;
        border-top: 1px solid var(--line);
        border-right: 0;
      }
    }
  `,
];
