/** Line icons on a 24 × 24 field; decorative, so every button that shows one has a name of its own. */
import { svg, html, type TemplateResult } from 'lit';

function icon(paths: TemplateResult): TemplateResult {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${paths}</svg>`;
}

export const icons = {
  back: icon(svg`<path d="M9 14 4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3" />`),
  forward: icon(svg`<path d="m15 14 5-5-5-5M20 9H10a6 6 0 0 0 0 12h3" />`),
  home: icon(svg`<path d="M4 11 12 4l8 7M6 9.500V20h12V9.500" />`),
  link: icon(
    svg`<path d="M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1 1M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1-1" />`,
  ),
  open: icon(svg`<path d="M4 19V6h6l2 2h8v11Z" />`),
  download: icon(svg`<path d="M12 4v11m-5-5 5 5 5-5M4 20h16" />`),
  plus: icon(svg`<path d="M12 5v14M5 12h14" />`),
  minus: icon(svg`<path d="M5 12h14" />`),
  left: icon(svg`<path d="m14 6-6 6 6 6" />`),
  right: icon(svg`<path d="m10 6 6 6-6 6" />`),
  frame: icon(svg`<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4" /><path d="M9 9h6v6H9Z" />`),
  whole: icon(svg`<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5" />`),
  locked: icon(svg`<path d="M6 11h12v9H6ZM9 11V8a3 3 0 0 1 6 0v3" />`),
  unlocked: icon(svg`<path d="M6 11h12v9H6ZM9 11V7a3 3 0 0 1 6-.8" />`),
  settings: icon(
    svg`<path d="M4 7h9m5 0h2M4 17h2m5 0h9" /><circle cx="15.500" cy="7" r="2.500" /><circle cx="8.500" cy="17" r="2.500" />`,
  ),
  close: icon(svg`<path d="m6 6 12 12M18 6 6 18" />`),
  reset: icon(svg`<path d="M5 4v5h5M5.500 9A7.500 7.500 0 1 1 4.500 13" />`),
  check: icon(svg`<path d="m5 12.500 5 5 9-11" />`),
};
