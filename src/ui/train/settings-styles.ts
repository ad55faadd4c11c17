/** The layout of a training's settings. */
import { css } from 'lit';
import { controls } from '../controls.js';

export const settingsStyles = [
  controls,
  css`
    :host {
      display: block;
      overflow: hidden auto;
      border-right: 1px solid var(--line);
      background: var(--surface);
      scrollbar-width: thin;
    }

    details {
      border-bottom: 1px solid var(--line);
    }

    summary {
      padding: 12px 16px;
      font-weight: 600;
      line-height: 16px;
      cursor: pointer;
    }

    summary:focus-visible {
      outline-offset: -2px;
    }

    details > div {
      padding: 0 16px 8px;
    }

    p {
      margin: 0 0 8px;
      font-size: 12px;
      line-height: 16px;
    }

    @media (max-width: 800px) {
      :host {
        overflow: visible;
        border-top: 1px solid var(--line);
        border-right: 0;
      }
    }
  `,
];
