import { css } from 'lit';

export const statusStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 16px;
    height: 56px;
    padding: 0 16px;
    border-top: 1px solid var(--line);
    background: var(--surface);
  }

  .readout {
    display: flex;
    flex: 1;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 24px;
    min-width: 0;
    max-height: 100%;
    overflow: hidden;
    line-height: 18px;
  }

  .cell {
    display: flex;
    gap: 12px;
    white-space: nowrap;
  }

  .cell b {
    font-weight: 600;
  }

  .cell .name {
    color: var(--ink-soft);
  }

  .value {
    display: inline-block;
    min-width: 76px;
  }

  .short {
    min-width: 56px;
  }

  .run {
    width: 440px;
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    align-items: center;
    gap: 4px 12px;
  }

  .text {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
    font-size: 13px;
  }

  .text svg {
    width: 14px;
    height: 14px;
    margin-right: 4px;
    vertical-align: -2px;
    color: var(--accent);
  }

  .track {
    grid-column: 1;
    height: 4px;
    overflow: hidden;
    border-radius: 2px;
    background: var(--line);
  }

  .fill {
    height: 100%;
    width: 100%;
    border-radius: 2px;
    background: var(--accent);
    transform: scaleX(0);
    transform-origin: left;
  }

  .done .text,
  .failed .text {
    grid-column: 1 / -1;
  }

  .failed .fill {
    background: var(--bad);
  }

  .action {
    grid-column: 2;
    grid-row: 1 / span 2;
    display: grid;
    min-width: 96px;
    pointer-events: none;
  }

  .action button {
    pointer-events: auto;
  }

  @media (forced-colors: active) {
    .fill {
      background: Highlight;
      forced-color-adjust: none;
    }
  }

  @media (max-width: 1180px) {
    .run {
      width: 300px;
    }

    .readout {
      gap: 0 16px;
    }
  }

  @media (max-width: 800px) {
    :host {
      flex-wrap: wrap;
      gap: 0 12px;
      height: auto;
      padding: 4px 12px calc(8px + env(safe-area-inset-bottom));
    }

    .run {
      order: 2;
      flex: 1;
      width: 0;
    }

    .readout {
      flex: none;
      width: 100%;
      order: -1;
      justify-content: space-between;
      gap: 0 12px;
      min-height: 28px;
      font-size: 13px;
    }

    .cell {
      gap: 8px;
    }

    .cell .name,
    .with .value {
      display: none;
    }

    .value {
      min-width: 52px;
    }

    .short {
      min-width: 40px;
    }

    .done .action {
      min-width: 0;
    }
  }
`;
