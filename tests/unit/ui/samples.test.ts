import { describe, expect, it } from 'vitest';
import { histogram, labelText, thumbnails } from '../../../src/ui/files/samples.js';

const bytes = (values: number[], ...shape: number[]) => ({
  dtype: '|u1',
  shape,
  data: Uint8Array.from(values),
});
const reals = (values: number[], ...shape: number[]) => ({
  dtype: '<f8',
  shape,
  data: Float64Array.from(values),
});

describe('thumbnails', () => {
  it('share one scale of brightness', () => {
    const [first, second] = thumbnails(bytes([0, 50, 100, 50, 100, 100, 0, 0], 2, 1, 2, 2), 9);
    expect(first).toMatchObject({ kind: 'image', width: 2, height: 2 });
    const grey = (thumbnail: typeof first) =>
      thumbnail!.kind === 'image' ? [...thumbnail!.rgba].filter((_, i) => i % 4 === 0) : [];
    expect(grey(first)).toEqual([0, 128, 255, 128]);
    expect(grey(second)).toEqual([255, 255, 0, 0]);
  });

  it('take three channels for red, green and blue', () => {
    const [pixel] = thumbnails(bytes([255, 0, 51], 1, 3, 1, 1), 9);
    expect(pixel).toMatchObject({ kind: 'image', rgba: Uint8ClampedArray.of(255, 0, 51, 255) });
  });

  it('show flat squares as images and other values as values', () => {
    expect(
      thumbnails(
        bytes(
          Array.from({ length: 64 }, () => 1),
          1,
          64,
        ),
        9,
      )[0],
    ).toMatchObject({ kind: 'image', width: 8 });
    expect(thumbnails(reals([2, 4, 3], 1, 3), 9)[0]).toEqual({ kind: 'values', values: [0, 1, 0.5] });
  });

  it('are nine at most', () => {
    expect(
      thumbnails(
        bytes(
          Array.from({ length: 20 }, () => 1),
          20,
          1,
        ),
        9,
      ),
    ).toHaveLength(9);
    expect(thumbnails(bytes([], 0, 1), 9)).toEqual([]);
  });
});

describe('histogram', () => {
  it('counts classes, those without a sample too', () => {
    expect(histogram(bytes([2, 0, 2], 3), null).map(({ count }) => count)).toEqual([1, 0, 2]);
    expect(histogram(bytes([1, 1], 2), ['cat', 'dog', 'emu'])).toEqual([
      { label: 'cat', count: 0 },
      { label: 'dog', count: 2 },
      { label: 'emu', count: 0 },
    ]);
  });

  it('joins classes when there are many, and loses none', () => {
    const bars = histogram(reals([...Array(1000).keys()], 1000), null);
    expect(bars).toHaveLength(100);
    expect(bars.every(({ count }) => count === 10)).toBe(true);
    expect(bars[1]!.label).toBe('10 to 19');
  });

  it('divides real targets into equal intervals', () => {
    const bars = histogram(reals([-1, 0.5, 1], 3), null);
    expect(bars.map(({ count }) => count).filter(Boolean)).toEqual([1, 1, 1]);
    expect(bars[0]!.label).toBe('-1.00 to -0.900');
    expect(histogram(reals([0.5, 0.5], 2), null)[0]!.count).toBe(2);
  });
});

it('labels are said as the file says them', () => {
  expect(labelText(bytes([1, 0], 2), 0, ['cat', 'dog'])).toBe('dog');
  expect(labelText(bytes([7], 1), 0, null)).toBe('7');
  expect(labelText(reals([0.25, 1], 1, 2), 0, null)).toBe('0.250, …');
});
