import { css } from 'lit';

export const fieldStyles = css`
  :host {
    display: block;
  }

  .row {
    display: grid;
    grid-template-columns: 96px minmax(0, 1fr) 24px;
    align-items: center;
    gap: 4px;
    min-height: 40px;
  }

  /* The label above, for controls with long texts. */
  :host([stacked]) .row {
    grid-template-columns: minmax(0, 1fr) 24px;
    gap: 0 4px;
    padding-bottom: 4px;
  }

  :host([stacked]) label {
    grid-column: 1 / -1;
  }

  label {
    font-size: 13px;
    line-height: 16px;
  }

  select {
    font-size: 13px;
  }

  .control {
    display: flex;
    align-items: center;
    gap: 4px;
    min-width: 0;
    flex-wrap: wrap;
  }

  .input {
    display: flex;
    flex: 1;
    min-width: 0;
    overflow: hidden;
  }

  .input:has(input:focus-visible) {
    outline: var(--focus);
    outline-offset: 1px;
  }

  .input:has([aria-invalid='true']) {
    border-color: var(--bad);
  }

  input:not([type='checkbox']) {
    flex: 1;
    width: 0;
    min-width: 0;
    border: 0;
    padding: 0 8px;
    background: none;
    outline: none;
  }

  .input button {
    width: 20px;
    height: 100%;
    padding: 0;
    border: 0;
    border-radius: 0;
    background: none;
    color: var(--ink-soft);
    font-size: 16px;
  }

  .input button:hover {
    background: var(--accent-soft);
    color: var(--ink);
  }

  @media (max-width: 800px) {
    .input button {
      width: 40px;
    }
  }

  input.between {
    padding: 0;
    text-align: center;
  }

  .unit {
    flex: none;
    align-self: center;
    color: var(--ink-soft);
    font-size: 12px;
    white-space: nowrap;
  }

  .below {
    width: 100%;
    line-height: 16px;
  }

  input[type='checkbox'] {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--accent);
  }

  button.reset {
    width: 24px;
    height: 24px;
    color: var(--ink-soft);
  }

  button.reset svg {
    width: 14px;
    height: 14px;
  }

  button.reset:disabled {
    visibility: hidden;
  }
`;

/** What is wrong with a typed text, below it. */
export const wrongStyles = css`
  .wrong {
    margin: 0 0 8px;
    color: var(--bad);
    font-size: 12px;
    line-height: 16px;
  }

  .wrong:empty {
    display: none;
  }
`;
