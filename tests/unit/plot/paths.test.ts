import { expect, test } from 'vitest';
import { pathColour, pathColourName, pathColours } from '../../../src/plot/paths.js';
import { fields } from '../../../src/state.js';
import { MOST_RACERS } from '../../../src/state-paths.js';

test('every optimizer of a race has a colour of its own, and a name for it', () => {
  const all = Array.from({ length: MOST_RACERS }, (_, i) => i);
  expect(all.slice(0, pathColours.length).map(pathColour)).toEqual([...pathColours]);
  expect(new Set(all.map(pathColour)).size).toBe(MOST_RACERS);
  expect(new Set(all.map(pathColourName)).size).toBe(MOST_RACERS);
  // Half of #e69f00 is white in its pale form.
  expect(pathColour(8)).toBe('rgb(243 207 128)');
  expect(pathColourName(8)).toBe('Pale orange');
  const race = all.map((i) => `gd:0.${i + 10}`).join(',');
  expect(fields.racers.parse(race)).toHaveLength(MOST_RACERS);
  expect(fields.racers.parse(`${race},gd:0.1`)).toBe(undefined);
});
