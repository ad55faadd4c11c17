/** Looks of the export dialog. */
import { css } from 'lit';

export const exportStyles = css`
  dialog {
    width: min(760px, calc(100vw - 16px));
    max-height: calc(100dvh - 16px);
    padding: 0;
    overflow: auto;
    border: 1px solid var(--line);
    border-radius: 8px;
    background: var(--surface);
    color: var(--ink);
    box-shadow: var(--shadow);
  }

  dialog::backdrop {
    background: #00000080;
  }

  .head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 8px 8px 8px 24px;
  }

  h2 {
    margin: 0;
    font-size: 16px;
  }

  .preview {
    display: grid;
    place-items: center;
    height: 416px;
    margin: 0 24px;
    overflow: hidden;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: light-dark(#e9ecef, #0d0f12);
  }

  .preview.transparent {
    background: repeating-conic-gradient(#ffffff 0 25%, #e6e9ec 0 50%) 0 0 / 16px 16px;
  }

  .preview.transparent-dark {
    background: repeating-conic-gradient(#16191f 0 25%, #23272f 0 50%) 0 0 / 16px 16px;
  }

  canvas {
    display: block;
    max-width: 100%;
  }

  form {
    display: grid;
    gap: 8px;
    padding: 16px 24px 24px;
  }

  fieldset {
    display: grid;
    grid-template-columns: 92px minmax(0, 1fr);
    align-items: start;
    margin: 0;
    padding: 0;
    border: 0;
  }

  legend {
    float: left;
    padding: 6px 0;
  }

  .options {
    display: flex;
    flex-wrap: wrap;
    gap: 4px;
  }

  .options label {
    position: relative;
  }

  .options input {
    position: absolute;
    inset: 0;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }

  .options span {
    display: grid;
    place-items: center;
    height: 32px;
    padding: 0 12px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--raised);
  }

  .options input:checked + span {
    border-color: var(--accent);
    background: var(--accent-soft);
    box-shadow: inset 0 0 0 1px var(--accent);
  }

  .options input:focus-visible + span {
    outline: var(--focus);
    outline-offset: 1px;
  }

  .pixels {
    margin: -4px 0 4px 92px;
    font-size: 12px;
  }

  .line {
    display: grid;
    grid-template-columns: 92px minmax(0, 1fr);
    align-items: center;
  }

  .line .input {
    display: flex;
  }

  .line input {
    flex: 1;
    min-width: 0;
    border: 0;
    padding: 0 8px;
    background: none;
    outline: none;
  }

  .line .input:has(:focus-visible) {
    outline: var(--focus);
    outline-offset: 1px;
  }

  .trouble {
    margin: 0;
    color: var(--bad);
  }

  .trouble:empty {
    display: none;
  }

  .actions {
    display: flex;
    justify-content: flex-end;
    gap: 8px;
    margin-top: 8px;
  }

  @media (max-width: 800px) {
    .preview {
      height: 240px;
      margin: 0 16px;
    }

    form {
      padding: 16px;
    }

    .options span {
      height: 40px;
    }
  }
`;
