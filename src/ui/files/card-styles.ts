/** Looks of a card that floats over the picture and asks for a decision. */
import { css } from 'lit';

export const cardStyles = css`
  :host {
    display: block;
  }

  .card {
    display: grid;
    gap: 12px;
    padding: 16px 24px 20px;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--raised);
    box-shadow: var(--shadow);
  }

  h2 {
    margin: 0;
    font-size: 16px;
    line-height: 24px;
    overflow-wrap: anywhere;
  }

  p {
    margin: 0;
    overflow-wrap: anywhere;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-top: 4px;
  }

  @media (max-width: 800px) {
    .card {
      padding: 16px;
    }
  }
`;
