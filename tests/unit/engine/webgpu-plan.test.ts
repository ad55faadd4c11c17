import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextSlice, SliceSizer, type Capacity, type Slice } from '../../../src/engine/webgpu/plan.js';
import { OCTET, POINT_LANES } from '../../../src/engine/webgpu/stages.js';

/** Cuts a whole call with a constant allowance. */
function cut(points: number, first: number, count: number, cells: number, capacity: Capacity): Slice[] {
  const slices: Slice[] = [];
  let donePoints = 0;
  let doneSamples = 0;
  let open = 0;
  while (donePoints < points) {
    const slice = nextSlice(
      { points, range: { first, count }, donePoints, doneSamples },
      cells,
      capacity,
      open,
    );
    slices.push(slice);
    doneSamples += slice.end - slice.start;
    open = slice.points;
    if (doneSamples < count) continue;
    donePoints += slice.points;
    doneSamples = 0;
    open = 0;
  }
  return slices;
}

describe('nextSlice', () => {
  it('covers every point and sample once, within the capacity', () => {
    const numbers = fc.record({
      points: fc.integer({ min: 1, max: 30 }),
      first: fc.integer({ min: 0, max: 500 }),
      count: fc.integer({ min: 1, max: 900 }),
      cells: fc.integer({ min: 1, max: 100_000 }),
      room: fc.integer({ min: POINT_LANES * OCTET, max: 80_000 }),
      group: fc.constantFrom(1, POINT_LANES),
    });
    fc.assert(
      fc.property(numbers, ({ points, first, count, cells, room, group }) => {
        const capacity = { cells: room, points: 16, group, formed: 0, partials: 1000, run: OCTET };
        const seen = new Map<string, number>();
        for (const slice of cut(points, first, count, cells, capacity)) {
          expect(slice.samples % OCTET).toBe(0);
          expect(slice.firstSample % OCTET).toBe(0);
          expect(slice.start).toBeLessThan(OCTET);
          expect(slice.end).toBeGreaterThan(slice.start);
          expect(slice.end).toBeLessThanOrEqual(slice.samples);
          const padded = Math.ceil(slice.points / group) * group;
          expect(padded * slice.samples).toBeLessThanOrEqual(room);
          expect(slice.points).toBeLessThanOrEqual(capacity.points);
          for (let p = 0; p < slice.points; p++) {
            const key = `${slice.firstPoint + p}`;
            const next = seen.get(key) ?? first;
            expect(slice.firstSample + slice.start).toBe(next);
            seen.set(key, slice.firstSample + slice.end);
          }
        }
        expect(seen.size).toBe(points);
        for (const end of seen.values()) expect(end).toBe(first + count);
      }),
      { numRuns: 100 },
    );
  });

  it('takes whole groups of points while it can', () => {
    const slices = cut(11, 0, 640, 6 * 640, {
      cells: 1e6,
      points: 1024,
      group: POINT_LANES,
      formed: 0,
      partials: 1e6,
      run: 256,
    });
    expect(slices.map(({ points }) => points)).toEqual([4, 4, 3]);
  });

  it('takes runs of samples of one group when a whole range is too much', () => {
    const slices = cut(4, 0, 1400, 4 * 600, {
      cells: 1e6,
      points: 1024,
      group: POINT_LANES,
      formed: 0,
      partials: 1e6,
      run: 256,
    });
    expect(slices.map(({ points, samples }) => [points, samples])).toEqual([
      [4, 512],
      [4, 512],
      [4, 376],
    ]);
  });
});

it('never makes slices of less samples than fill a workgroup', () => {
  const slices = cut(4, 0, 600, 1, {
    cells: 1e6,
    points: 1024,
    group: POINT_LANES,
    formed: 0,
    partials: 1e6,
    run: 256,
  });
  expect(slices.map(({ samples }) => samples)).toEqual([256, 256, 88]);
});

describe('SliceSizer', () => {
  it('does not shrink slices whose time is that of waiting, and does those that compute too long', () => {
    const sizer = new SliceSizer(1000);
    const time = (wait: number, pace: number): void => sizer.report(sizer.cells, wait + pace * sizer.cells);
    for (let i = 0; i < 20; i++) time(0, 0.001);
    const steady = sizer.cells;
    // Half a second of waiting for each slice, as on a busy machine.
    for (let i = 0; i < 20; i++) time(500, 0.001);
    expect(sizer.cells).toBeGreaterThan(steady / 8);
    // The device itself a hundred times slower.
    for (let i = 0; i < 400; i++) time(0, 0.1);
    expect(sizer.cells * 0.1).toBeLessThan(60);
  });

  it('grows to the target on a steady device, at most doubling', () => {
    const sizer = new SliceSizer(1000);
    const millisecondsPerCell = 1e-3;
    let before = sizer.cells;
    for (let i = 0; i < 20; i++) {
      sizer.report(sizer.cells, sizer.cells * millisecondsPerCell);
      expect(sizer.cells).toBeLessThanOrEqual(2 * before + 1);
      before = sizer.cells;
    }
    expect(sizer.cells * millisecondsPerCell).toBeGreaterThan(30);
    expect(sizer.cells * millisecondsPerCell).toBeLessThan(50);
  });

  it('shrinks when a slice was slow, and ignores the short rest of a call', () => {
    const sizer = new SliceSizer(1000);
    for (let i = 0; i < 20; i++) sizer.report(sizer.cells, 40);
    const steady = sizer.cells;
    sizer.report(10, 2);
    expect(sizer.cells).toBe(steady);
    sizer.report(steady, 400);
    expect(sizer.cells).toBeLessThanOrEqual(steady / 4 + 1);
  });
});
