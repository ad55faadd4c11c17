import { expect, test } from 'vitest';
import { DISTINCT_COLOURS, pathColour, pathColourName, pathColours } from '../../../src/plot/paths.js';
import { fields } from '../../../src/state.js';
import { MOST_RACERS } from '../../../src/state-paths.js';

test('every optimizer of a race has a colour, its own as far as colours can be told apart, and a name for it', () => {
  const all = Array.from({ length: MOST_RACERS }, (_, i) => i);
  expect(all.slice(0, pathColours.length).map(pathColour)).toEqual([...pathColours]);
  expect(DISTINCT_COLOURS).toBe(24);
  expect(new Set(all.slice(0, DISTINCT_COLOURS).map(pathColour)).size).toBe(DISTINCT_COLOURS);
  expect(new Set(all.map(pathColourName)).size).toBe(MOST_RACERS);
  // Half of #e69f00 is white in its pale form.
  expect(pathColour(8)).toBe('rgb(243 207 128)');
  expect(pathColourName(8)).toBe('Pale orange');
  expect(pathColourName(24)).toBe('Orange 2');
  expect(pathColour(24)).toBe(pathColour(0));
  const race = all.map((i) => `gd:0.${i + 1000}`).join(',');
  expect(fields.racers.parse(race)).toHaveLength(MOST_RACERS);
  expect(fields.racers.parse(`${race},gd:0.1`)).toBe(undefined);
});
