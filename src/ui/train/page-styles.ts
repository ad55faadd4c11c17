/** The layout of "Train": settings at the left, or below where it is narrow. */
import { css } from 'lit';
import { pathsStyles } from '../paths/page-styles.js';

export const trainStyles = [
  pathsStyles,
  css`
    main {
      grid-template-rows: auto minmax(0, 1fr) auto;
    }

    .bar {
      display: flex;
      flex-wrap: wrap;
      gap: 8px;
      align-items: center;
      padding: 8px 16px;
      border-bottom: 1px solid var(--line);
      background: var(--surface);
    }

    .bar select {
      width: auto;
    }

    .bar button {
      padding: 0 10px;
    }

    /* Its numbers grow while it runs: what follows stays where it is. */
    .bar .standing {
      flex: 1 1 0;
      min-width: 120px;
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
      font-variant-numeric: tabular-nums;
    }

    .start {
      min-width: 96px;
    }

    .runs {
      display: grid;
      grid-template-rows: auto auto minmax(0, 1fr) 208px;
      min-width: 0;
      min-height: 0;
    }

    .cards {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(240px, 1fr));
      gap: 8px 16px;
      align-items: start;
      padding: 8px 16px;
    }

    .card {
      display: grid;
      grid-template-columns: 16px minmax(0, 1fr);
      gap: 0 8px;
      align-items: center;
      align-content: start;
      min-width: 0;
    }

    .card h2 {
      margin: 0;
      font-size: 14px;
      line-height: 20px;
    }

    .card p {
      grid-column: 2;
      font-variant-numeric: tabular-nums;
    }

    .curves {
      display: grid;
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 8px;
      min-height: 176px;
      padding: 8px 8px 8px 16px;
    }

    .curves.all {
      grid-row: 3 / -1;
    }

    .curves isoloss-paths-curves {
      margin: 0;
    }

    .key {
      display: inline-block;
      width: 20px;
      height: 0;
      margin-right: 4px;
      border-top: 2px solid currentcolor;
      vertical-align: middle;
    }

    .key.dashed {
      border-top-style: dashed;
    }

    .key.faint {
      border-top-width: 1px;
      opacity: 0.6;
    }

    @media (max-width: 800px) {
      main {
        grid-template-rows: auto auto auto;
      }

      .runs {
        grid-template-rows: auto auto auto auto;
      }

      isoloss-train-landscapes {
        height: min(190vw, 800px);
      }

      .curves {
        grid-template-columns: minmax(0, 1fr);
        grid-auto-rows: 200px;
        padding-right: 16px;
      }
    }
  `,
];
