/** Styles shared by all elements: buttons, inputs, focus rings, visually hidden text. */
import { css } from 'lit';

export const controls = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  button,
  select,
  input {
    font: inherit;
    font-variant-numeric: tabular-nums;
    color: inherit;
    letter-spacing: inherit;
  }

  button,
  select,
  .input {
    height: 32px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
  }

  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    padding: 0 12px;
    white-space: nowrap;
    cursor: pointer;
  }

  select {
    width: 100%;
    min-width: 0;
    padding: 0 4px 0 8px;
    cursor: pointer;
    text-overflow: ellipsis;
  }

  button:hover:enabled,
  select:hover:enabled,
  .input:hover {
    border-color: var(--line-strong);
  }

  button:disabled,
  select:disabled {
    color: var(--ink-soft);
    opacity: 0.55;
    cursor: default;
  }

  button.primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
  }

  button.plain {
    border-color: transparent;
    background: none;
  }

  button.plain:hover:enabled {
    background: var(--accent-soft);
    border-color: transparent;
  }

  button.icon {
    width: 32px;
    padding: 0;
  }

  :focus-visible {
    outline: var(--focus);
    outline-offset: 1px;
  }

  svg.icon {
    width: 18px;
    height: 18px;
    flex: none;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }

  .soft {
    color: var(--ink-soft);
  }

  .hidden-text {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (max-width: 800px) {
    button,
    select,
    .input {
      height: 40px;
    }

    button.icon {
      width: 40px;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    button,
    select,
    .input {
      transition:
        border-color 120ms,
        background-color 120ms;
    }
  }
`;
