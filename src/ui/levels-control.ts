/** The control of contour levels: a way of choosing them, and the number or list it needs. */
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { Levels } from '../state-fields.js';

const WAYS = [
  ['auto', 'Automatic'],
  ['count', 'About'],
  ['list', 'Exactly'],
  ['none', 'None'],
] as const;

/** What the list starts with when someone asks for exact levels. */
const FIRST_LIST = '0.1,1,10';
const FIRST_COUNT = 12;

/**
 * `take` gets the new levels as text, in the words of the URL; `draft` is a typed text that is not a
 * value, or null.
 */
export function levelsControl(
  levels: Levels,
  draft: string | null,
  take: (text: string) => void,
): TemplateResult {
  const way = typeof levels === 'string' ? levels : 'count' in levels ? 'count' : 'list';
  const onWay = (event: Event) => {
    const next = (event.target as HTMLSelectElement).value;
    take(next === 'count' ? `${FIRST_COUNT} levels` : next === 'list' ? FIRST_LIST : next);
  };
  const text =
    draft ??
    (typeof levels === 'string' ? '' : 'count' in levels ? String(levels.count) : levels.values.join(', '));
  return html`<select id="control" aria-describedby="about" @change=${onWay}>
      ${WAYS.map(([value, label]) => html`<option value=${value} .selected=${value === way}>${label}</option>`)}
    </select>
    ${
      typeof levels === 'string'
        ? nothing
        : html`<span class="input"
            ><input
              aria-label=${way === 'count' ? 'Number of levels' : 'Levels, separated by commas'}
              aria-invalid=${draft !== null}
              aria-describedby="wrong"
              autocomplete="off"
              .value=${live(text)}
              @change=${(event: Event) => {
                const text = (event.target as HTMLInputElement).value;
                take(way === 'count' ? `${text.trim()} levels` : text);
              }}
          /></span>`
    }`;
}
