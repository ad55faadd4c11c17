import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  crossed,
  field,
  fields,
  fromFile,
  fromQuery,
  initialState,
  keys,
  toQuery,
  usesFiles,
  type State,
} from '../../../src/state.js';
import { racerNames } from '../../../src/train/race.js';

describe('state in the URL', () => {
  it('is an empty query for the defaults', () => {
    expect(toQuery(initialState)).toBe('');
    expect(fromQuery('')).toEqual({ state: initialState, problems: [] });
  });

  it('writes only what differs', () => {
    expect(toQuery({ ...initialState, seed: 7, range: 0.25 })).toBe('seed=7&range=0.25');
  });

  it('comes back from every state', () => {
    const value = (key: keyof typeof fields): fc.Arbitrary<unknown> => {
      const info = fields[key];
      switch (info.kind) {
        case 'choice':
          return fc.constantFrom(...info.options.map((option) => option.value));
        case 'place': {
          const coordinate = fc.double({ min: -32, max: 32, noNaN: true }).map((value) => value + 0);
          return fc.record({ a: coordinate, b: coordinate });
        }
        case 'switch':
          return fc.boolean();
        case 'text':
          return fc.string({ maxLength: 400 });
        case 'start':
          return fc.oneof(
            fc.constant('auto'),
            fc.record({
              a: fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((value) => value + 0),
              b: fc.integer(),
            }),
          );
        case 'steps':
          return fc.oneof(fc.constant('auto'), fc.tuple(fc.nat(), fc.nat()));
        case 'racers':
          return fc.oneof(
            fc.constant('auto'),
            fc.array(
              fc.record({
                name: fc.constantFrom(...racerNames),
                rate: fc.double({ min: 1e-6, max: 100, noNaN: true }),
              }),
              { minLength: 1, maxLength: 8 },
            ),
          );
        case 'limit':
          return fc.oneof(
            fc.constantFrom('auto', 0),
            fc.double({ min: 1e-100, max: 1e100, noNaN: true }),
            fc.double({ min: -1e100, max: -1e-100, noNaN: true }),
          );
        case 'levels':
          return fc.oneof(
            fc.constantFrom('auto', 'none'),
            fc.record({ count: fc.integer({ min: 1, max: 100 }) }),
            fc.uniqueArray(fc.integer(), { minLength: 1, maxLength: 5 }).map((values) => ({
              values: values.toSorted((a, b) => a - b),
            })),
          );
        case 'scaling': {
          const list = fc.array(fc.double({ min: 0.01, max: 999, noNaN: true }), {
            minLength: 1,
            maxLength: 4,
          });
          return fc.oneof(fc.constant('auto'), fc.record({ divide: list, mean: list, std: list }));
        }
        case 'number':
          return Number.isInteger(info.initial) && info.label !== 'Range'
            ? fc
                .maxSafeNat()
                .map((n) => info.min + (n % (info.max - info.min + 1)))
                .map((n) => (info.parse(String(n)) === undefined ? info.min : n))
            : fc.double({ min: info.min, max: info.max, noNaN: true });
      }
    };
    const states = fc
      .record(Object.fromEntries(keys.map((key) => [key, value(key)])))
      .map((state) => state as unknown as State)
      .map((state): State => {
        const within = ({ a, b }: State['at']) => ({ a: a * state.range + 0, b: b * state.range + 0 });
        return { ...state, at: within(state.at), rightAt: within(state.rightAt) };
      })
      .filter((state) => !crossed(state));
    fc.assert(
      fc.property(states, (state) => {
        const back = fromQuery(toQuery(state));
        expect(back.problems).toEqual([]);
        for (const key of keys) {
          // −0 is written as 0.
          expect(field(key).format(back.state[key])).toBe(field(key).format(state[key]));
        }
      }),
    );
  });

  it('accepts any query without throwing, and keeps to the allowed values', () => {
    const pair = fc.tuple(fc.oneof(fc.constantFrom<string>(...keys), fc.string()), fc.string());
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const { state } = fromQuery(new URLSearchParams(pairs).toString());
        for (const key of keys) expect(field(key).parse(field(key).format(state[key]))).toBeDefined();
      }),
    );
  });
});

describe('wrong settings in a URL', () => {
  it.each([
    ['seed=abc', 'seed: "abc" is not a whole number from 0 to 9007199254740991; using 1.'],
    ['seed=1.5', 'seed: "1.5" is not a whole number from 0 to 9007199254740991; using 1.'],
    ['seed=', 'seed: "" is not a whole number from 0 to 9007199254740991; using 1.'],
    ['seed=0x10', 'seed: "0x10" is not a whole number from 0 to 9007199254740991; using 1.'],
    ['size=50', 'size: "50" is not an odd number from 3 to 401; using 51.'],
    ['range=-1', 'range: "-1" is not a number from 0.000001 to 1000; using 1.'],
    ['range=Infinity', 'range: "Infinity" is not a number from 0.000001 to 1000; using 1.'],
    ['engine=cuda', 'engine: "cuda" is not one of auto, webgpu, wasm, reference; using auto.'],
    ['shared=1', 'shared: "1" is not on or off; using on.'],
    ['sede=4', '"sede" is not a setting of this page; ignored.'],
    ['constructor=4', '"constructor" is not a setting of this page; ignored.'],
    ['seed=1&seed=2&seed=3', '"seed" stands there more than once; using the first.'],
    ['vmin=5&vmax=3', 'vmin: 5 is not below vmax 3; using auto for both.'],
    ['vmin=1e308', 'vmin: "1e308" is not auto, 0 or a number of size 1e-100 to 1e+100; using auto.'],
    ['vmax=5e-324', 'vmax: "5e-324" is not auto, 0 or a number of size 1e-100 to 1e+100; using auto.'],
    ['vmin=1&vmax=1.0000000000000002', 'vmin: 1 is not below vmax 1.0000000000000002; using auto for both.'],
  ])('%s: one sentence and the default', (query, sentence) => {
    expect(fromQuery(query)).toEqual({ state: initialState, problems: [sentence] });
  });

  it('say that a view lies too far out, and show the nearest one', () => {
    const { state, problems } = fromQuery('?range=2&at=500,-0.5');
    expect(state.at).toEqual({ a: 64, b: -0.5 });
    expect(problems).toEqual(['at: a view lies within 32 ranges; using 64,-0.5.']);
  });

  it('keep the others', () => {
    const { state, problems } = fromQuery('?seed=abc&size=21&map=magma');
    expect(state).toEqual({ ...initialState, size: 21, map: 'magma' });
    expect(problems).toHaveLength(1);
  });

  it('are quoted shortly', () => {
    expect(fromQuery(`seed=${'9'.repeat(5000)}`).problems[0]!.length).toBeLessThan(140);
  });
});

describe('what comes out of files', () => {
  it('is in no link', () => {
    const state = { ...initialState, data: fromFile(3), left: fromFile(1), right: 'none', seed: 7 };
    expect(toQuery(state)).toBe('right=none&seed=7');
    expect(usesFiles(state)).toBe(true);
    expect(usesFiles({ ...initialState, right: 'none' })).toBe(false);
  });

  it('cannot be asked for by a link', () => {
    expect(fromQuery('data=file:3').problems).toEqual([
      'data: "file:3" is not one of digits, fashion; using digits.',
    ]);
  });
});

describe('input scaling', () => {
  it.each([
    ['auto', 'auto'],
    ['255;0.286;0.353', { divide: [255], mean: [0.286], std: [0.353] }],
    ['255;0.5,0.4,0.3;1,1,2', { divide: [255], mean: [0.5, 0.4, 0.3], std: [1, 1, 2] }],
  ])('%s', (text, value) => {
    expect(fields.scaling.parse(text)).toEqual(value);
    const query = toQuery({ ...initialState, scaling: fields.scaling.parse(text)! });
    expect(fromQuery(query).state.scaling).toEqual(value);
  });

  it.each(['', '255', '255;0', '0;0;1', '1;0;0', '1;a;1', '1;0;1;1', '1;;1'])('refuses "%s"', (text) => {
    expect(fields.scaling.parse(text)).toBeUndefined();
  });
});

describe('levels', () => {
  it.each([
    ['auto', 'auto'],
    ['none', 'none'],
    ['12 levels', { count: 12 }],
    ['12+levels', { count: 12 }],
    ['1, 0.1,10', { values: [0.1, 1, 10] }],
    ['2,2', { values: [2] }],
  ])('%s', (text, levels) => {
    expect(fields.levels.parse(text)).toEqual(levels);
  });

  it.each(['', 'many', '0 levels', '101 levels', '1,x', 'NaN'])('refuses "%s"', (text) => {
    expect(fields.levels.parse(text)).toBeUndefined();
  });
});

describe('steps of a control', () => {
  it('go 1, 2, 5 for the range', () => {
    expect([1, 0.2, 0.3].map((value) => fields.range.step(value, -1))).toEqual([0.5, 0.1, 0.2]);
    expect([1, 2, 0.3].map((value) => fields.range.step(value, 1))).toEqual([2, 5, 0.5]);
  });

  it('keep the size odd', () => {
    expect(fields.size.step(51, 1) % 2).toBe(1);
  });
});
